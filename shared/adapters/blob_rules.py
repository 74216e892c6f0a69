"""What the media adapter refuses before it speaks to the store (rules of the Blob service, kept on every store)."""

import re
from collections.abc import Mapping

from shared.domain.errors import BadRequest

_CONTAINER = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_NAME = re.compile(r"[^\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,1024}")
_METADATA_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_METADATA_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?|")
_TAG = re.compile(r"[A-Za-z0-9 +\-./:=_]*")
_METADATA_BYTES = 8_192
_TAGS = 10


def check_name(container: str, name: str) -> None:
    """A segment of dots would be resolved away in the blob's URL, an empty one is refused by some stores."""
    if not _CONTAINER.fullmatch(container) or not _NAME.fullmatch(name):
        raise BadRequest("bad_name")
    if any(segment in {"", ".", ".."} for segment in name.split("/")):
        raise BadRequest("bad_name")


def check_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Metadata travels in HTTP headers: plain words for names, printable ASCII for values, 8 KB in all."""
    size = sum(len(name) + len(value) for name, value in metadata.items())
    words = all(map(_METADATA_NAME.fullmatch, metadata)) and len({name.lower() for name in metadata}) == len(metadata)
    if not words or not all(map(_METADATA_VALUE.fullmatch, metadata.values())) or size > _METADATA_BYTES:
        raise BadRequest("bad_metadata")
    return dict(metadata)


def check_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Index tags: at most ten, names of 1-128 and values of up to 256 letters, digits, spaces and `+ - . / : = _`."""
    for name, value in tags.items():
        if not 1 <= len(name) <= 128 or len(value) > 256 or not _TAG.fullmatch(name) or not _TAG.fullmatch(value):
            raise BadRequest("bad_tags")
    if len(tags) > _TAGS:
        raise BadRequest("bad_tags")
    return dict(tags)
