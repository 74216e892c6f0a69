"""`Media` on Azure Blob Storage (and Azurite): write-once blobs with metadata and index tags.

Signed by header only: neither the account key nor a SAS is ever part of a URL.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Protocol

from azure.core import MatchConditions
from azure.core.credentials import TokenCredential
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.storage.blob import BlobBlock, BlobProperties, BlobServiceClient, ContentSettings, LinearRetry

from shared.adapters.azure_transport import pooled_transport
from shared.adapters.blob_errors import error_code, typed_errors
from shared.adapters.blob_rules import check_metadata, check_name, check_tags
from shared.domain.errors import AlreadyExists, BadRequest, LostRace, NotFound, Unavailable
from shared.ports import MediaInfo


class AzureMedia:
    """Waits `connect_timeout` for a connection and `read_timeout` for each answer (seconds) and tries twice."""

    def __init__(self, service: BlobServiceClient, *, page_size: int = 500) -> None:
        self._service = service
        self._page_size = page_size

    @classmethod
    def with_connection_string(
        cls, text: str, *, connect_timeout: float = 2.0, read_timeout: float = 5.0, page_size: int = 500
    ) -> "AzureMedia":
        if "sharedaccesssignature=" in text.lower():
            raise ValueError("a SAS would stand in every URL: use an account key (development) or a managed identity")
        options = _options(connect_timeout, read_timeout)
        return cls(BlobServiceClient.from_connection_string(text, **options), page_size=page_size)

    @classmethod
    def with_identity(
        cls,
        account_url: str,
        credential: TokenCredential,
        *,
        connect_timeout: float = 2.0,
        read_timeout: float = 5.0,
        page_size: int = 500,
    ) -> "AzureMedia":
        options = _options(connect_timeout, read_timeout)
        return cls(BlobServiceClient(account_url, credential, **options), page_size=page_size)

    def put(
        self,
        container: str,
        name: str,
        data: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        etag: str | None = None,
    ) -> MediaInfo:
        check_name(container, name)
        kept, index = check_metadata(metadata or {}), check_tags(tags or {})
        condition: dict[str, Any] = {"overwrite": False}
        if etag is not None:
            condition = {"overwrite": True, "etag": f'"{etag}"', "match_condition": MatchConditions.IfNotModified}
        retried: list[object] = []

        def upload() -> Mapping[str, Any]:
            return self._service.get_blob_client(container, name).upload_blob(
                data,
                content_settings=ContentSettings(content_type=content_type),
                metadata=kept,
                tags=index or None,
                retry_hook=lambda **_: retried.append(1),
                **condition,
            )

        try:
            with typed_errors():
                answer = self._in_container(container, upload)
        except (AlreadyExists, LostRace) as error:
            if retried and (mine := self._written_before(container, name, data, kept)) is not None:
                return mine
            raise error if etag is not None else AlreadyExists("the blob exists") from error
        return MediaInfo(name, len(data), _bare(answer["etag"]), content_type, answer["last_modified"], kept)

    def read(self, container: str, name: str, offset: int = 0, length: int | None = None) -> bytes:
        check_name(container, name)
        if offset < 0 or (length is not None and length < 1):
            raise BadRequest("bad_range")
        whole = offset == 0 and length is None
        blob = self._service.get_blob_client(container, name)
        with typed_errors():
            data = blob.download_blob(None if whole else offset, length).readall()
        if offset and not data:  # Azurite answers with nothing where Azure says 416
            raise BadRequest("bad_range")
        return data

    def info(self, container: str, name: str) -> MediaInfo | None:
        check_name(container, name)
        try:
            with typed_errors():
                return _info(self._service.get_blob_client(container, name).get_blob_properties())
        except NotFound:
            return None

    def list(self, container: str, prefix: str = "") -> Iterator[MediaInfo]:
        with suppress(NotFound), typed_errors():
            pages = self._service.get_container_client(container).list_blobs(
                name_starts_with=prefix or None, include=["metadata", "tags"], results_per_page=self._page_size
            )
            for blob in pages:
                yield _info(blob, dict(blob.tags or {}))

    def tags(self, container: str, name: str) -> dict[str, str]:
        check_name(container, name)
        with typed_errors():
            return self._service.get_blob_client(container, name).get_blob_tags()

    def set_tags(self, container: str, name: str, tags: Mapping[str, str]) -> None:
        check_name(container, name)
        index = check_tags(tags)
        with typed_errors():
            self._service.get_blob_client(container, name).set_blob_tags(index)

    def find(self, container: str, expression: str) -> Iterator[str]:
        with suppress(NotFound), typed_errors():
            found = self._service.get_container_client(container).find_blobs_by_tags(
                expression, results_per_page=self._page_size
            )
            for blob in found:
                yield blob.name

    def delete(self, container: str, name: str) -> bool:
        check_name(container, name)
        try:
            with typed_errors():
                self._service.get_blob_client(container, name).delete_blob(delete_snapshots="include")
        except NotFound:
            return False
        return True

    def stage(self, container: str, name: str, block: int, data: bytes) -> None:
        check_name(container, name)

        def upload() -> Mapping[str, Any]:
            return self._service.get_blob_client(container, name).stage_block(_block_id(block), data)

        with typed_errors():
            self._in_container(container, upload)

    def commit(self, container: str, name: str, blocks: int, *, content_type: str) -> MediaInfo:
        check_name(container, name)
        blob = self._service.get_blob_client(container, name)
        listed = [BlobBlock(_block_id(number)) for number in range(blocks)]
        try:
            with typed_errors():
                blob.commit_block_list(listed, content_settings=ContentSettings(content_type=content_type))
        except BadRequest as error:  # "InvalidBlockList": a block is not there (any more)
            raise NotFound("a block is missing") from error
        with typed_errors():
            return _info(blob.get_blob_properties())

    def check(self) -> None:
        with typed_errors():
            next(iter(self._service.list_containers(results_per_page=1)), None)

    def close(self) -> None:
        self._service.close()

    def _in_container(self, container: str, upload: "_Upload") -> Mapping[str, Any]:
        try:
            return upload()
        except HttpResponseError as error:
            if error_code(error) != "ContainerNotFound":
                raise
        with suppress(ResourceExistsError):
            self._service.create_container(container)
        return upload()

    def _written_before(self, container: str, name: str, data: bytes, metadata: Mapping[str, str]) -> MediaInfo | None:
        """The SDK tried twice and the second answer says "exists": it does when the first answer was lost on its way.

        The blob is ours if it holds these bytes and this metadata.
        """
        with typed_errors():
            found = self._service.get_blob_client(container, name).get_blob_properties()
        digest = hashlib.md5(data, usedforsecurity=False).digest()  # the checksum the service keeps of an upload
        same = found.content_settings.content_md5 == bytearray(digest) and dict(found.metadata) == metadata
        return _info(found) if same else None


class _Upload(Protocol):
    def __call__(self) -> Mapping[str, Any]: ...


def _options(connect_timeout: float, read_timeout: float) -> dict[str, Any]:
    retry = LinearRetry(backoff=0.3, random_jitter_range=0.2, retry_total=1)  # type: ignore[arg-type]
    return {"transport": pooled_transport(connect_timeout, read_timeout), "retry_policy": retry}


def _info(blob: BlobProperties, tags: Mapping[str, str] | None = None) -> MediaInfo:
    """Raises Unavailable where something is missing that every blob has: the answer was spoiled on its way."""
    if None in (blob.name, blob.size, blob.etag, blob.last_modified):
        raise Unavailable("storage")
    return MediaInfo(
        name=blob.name,
        size=blob.size,
        etag=_bare(blob.etag),
        content_type=blob.content_settings.content_type or "",
        created=blob.last_modified,
        metadata=dict(blob.metadata or {}),
        tags=tags,
    )


def _block_id(number: int) -> str:
    """Ids of one blob's blocks are all of one length."""
    return f"{number:08d}"


def _bare(etag: str) -> str:
    """Listings give ETags without the quotes that headers have."""
    return etag.strip('"')
