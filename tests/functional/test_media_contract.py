"""The `Media` port against a real blob store (Azurite)."""

import hashlib
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shared.adapters.azure_media import AzureMedia
from shared.domain.errors import AlreadyExists, AtmError, BadRequest, LostRace, NotFound, Unavailable
from shared.ports import Media
from tests.functional.storage import Azurite, free_port

JPEG = b"\xff\xd8" + bytes(range(256)) * 40 + b"\xff\xd9"


@pytest.fixture
def media(azurite: Azurite) -> Iterator[AzureMedia]:
    store = AzureMedia.with_connection_string(azurite.connection_string, connect_timeout=20, read_timeout=60)
    yield store
    store.close()


@pytest.fixture
def container() -> str:
    return f"test-{secrets.token_hex(6)}"


def put(media: Media, container: str, name: str, data: bytes = JPEG, **more: object) -> str:
    return media.put(container, name, data, content_type="image/jpeg", **more).etag  # type: ignore[arg-type]


def outcome(action: Callable[[], object]) -> str:
    try:
        action()
    except AtmError as error:
        return type(error).__name__
    return "done"


def test_what_is_put_can_be_read_back_whole_with_its_properties(media: Media, container: str) -> None:
    written = media.put(
        container, "k7/2026-11-22/s/1.jpg", JPEG, content_type="image/jpeg",
        metadata={"session": "K7_1", "seq": "1"}, tags={"session": "K7_1", "kind": "frame"},
    )  # fmt: skip
    assert media.read(container, "k7/2026-11-22/s/1.jpg") == JPEG
    found = media.info(container, "k7/2026-11-22/s/1.jpg")
    assert found == written
    assert found is not None and found.metadata == {"session": "K7_1", "seq": "1"} and found.size == len(JPEG)
    assert found.created.utcoffset() is not None and found.content_type == "image/jpeg"
    assert media.tags(container, "k7/2026-11-22/s/1.jpg") == {"session": "K7_1", "kind": "frame"}


def test_a_recording_is_never_overwritten(media: Media, container: str) -> None:
    put(media, container, "a.jpg")
    with pytest.raises(AlreadyExists):
        put(media, container, "a.jpg", b"other")
    assert media.read(container, "a.jpg") == JPEG


def test_of_twenty_parallel_writers_of_one_name_exactly_one_succeeds(media: Media, container: str) -> None:
    barrier = threading.Barrier(20)

    def write(number: int) -> tuple[int, str]:
        barrier.wait()
        return number, outcome(lambda: put(media, container, "one.jpg", b"%02d" % number))

    with ThreadPoolExecutor(20) as pool:
        results = dict(pool.map(write, range(20)))
    winners = [number for number, result in results.items() if result == "done"]
    assert len(winners) == 1 and set(results.values()) == {"done", "AlreadyExists"}
    assert media.read(container, "one.jpg") == b"%02d" % winners[0]


def test_twenty_first_writers_into_a_new_container_all_get_in(media: Media, container: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        results = set(pool.map(lambda number: outcome(lambda: put(media, container, f"{number}.jpg")), range(20)))
    assert results == {"done"} and sum(1 for _ in media.list(container)) == 20


def test_replacing_needs_the_version_that_was_read(media: Media, container: str) -> None:
    first = put(media, container, "gallery", b"1")
    second = put(media, container, "gallery", b"2", etag=first)
    with pytest.raises(LostRace):
        put(media, container, "gallery", b"3", etag=first)
    assert media.read(container, "gallery") == b"2" and second != first
    with pytest.raises(LostRace):
        put(media, container, "never-written", b"3", etag=first)


def test_of_twenty_parallel_replacements_exactly_one_succeeds(media: Media, container: str) -> None:
    first = put(media, container, "gallery", b"0")
    with ThreadPoolExecutor(20) as pool:
        results = list(
            pool.map(lambda n: outcome(lambda: put(media, container, "gallery", b"%d" % n, etag=first)), range(20))
        )
    assert results.count("done") == 1 and results.count("LostRace") == 19


def test_ranges_are_read_as_asked_and_end_with_the_blob(media: Media, container: str) -> None:
    put(media, container, "v.wav", b"0123456789")
    assert media.read(container, "v.wav", 2, 3) == b"234"
    assert media.read(container, "v.wav", 7) == b"789"
    assert media.read(container, "v.wav", 7, 100) == b"789"
    for offset, length in ((10, 1), (11, None), (-1, 2), (0, 0)):
        with pytest.raises(BadRequest) as refused:
            media.read(container, "v.wav", offset, length)
        assert refused.value.code == "bad_range"


def test_an_empty_blob_reads_as_nothing(media: Media, container: str) -> None:
    put(media, container, "empty", b"")
    assert media.read(container, "empty") == b""


def test_a_blob_of_many_parts_comes_back_unchanged(media: Media, container: str) -> None:
    data = secrets.token_bytes(1 << 20) * 40
    put(media, container, "large", data)
    assert hashlib.sha256(media.read(container, "large")).digest() == hashlib.sha256(data).digest()


def test_what_is_not_there_is_said_to_be_not_there(media: Media, container: str) -> None:
    for name in ("a.jpg", "b.jpg"):  # first without, then with the container
        assert media.info(container, name) is None
        assert media.delete(container, name) is False
        assert [*media.list(container, name)] == [] and [*media.find(container, "\"kind\" = 'frame'")] == []
        for asked in (media.read, media.tags, lambda c, n: media.set_tags(c, n, {"a": "b"})):
            with pytest.raises(NotFound):
                asked(container, name)
        put(media, container, f"other-{name}")


def test_a_deleted_blob_is_gone_and_its_name_is_free(media: Media, container: str) -> None:
    put(media, container, "a.jpg")
    assert media.delete(container, "a.jpg") is True and media.delete(container, "a.jpg") is False
    put(media, container, "a.jpg", b"new")
    assert media.read(container, "a.jpg") == b"new"


def test_listing_goes_over_pages_in_name_order_with_metadata_and_tags(azurite: Azurite, container: str) -> None:
    media = AzureMedia.with_connection_string(azurite.connection_string, page_size=7)
    names = [f"k{kiosk}/{number:03d}.jpg" for kiosk in (1, 2) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: put(media, container, n, metadata={"n": n}, tags={"kind": "frame"}), reversed(names)))
    assert [blob.name for blob in media.list(container)] == names
    second = list(media.list(container, "k2/"))
    assert [blob.name for blob in second] == names[40:]
    assert all(blob.metadata == {"n": blob.name} and blob.tags == {"kind": "frame"} for blob in second)
    assert second[0].etag == getattr(media.info(container, "k2/000.jpg"), "etag", None)
    media.close()


def test_blobs_are_found_by_their_tags(media: Media, container: str) -> None:
    """In one page: Azurite looks at the first page of names only (5,000), however few of them match."""
    for number in range(23):
        put(media, container, f"{number:02d}.jpg", tags={"session": f"K7_{number % 2}", "kind": "frame"})
    found = sorted(media.find(container, "\"session\" = 'K7_1' AND \"kind\" = 'frame'"))
    assert found == [f"{number:02d}.jpg" for number in range(23) if number % 2]
    media.set_tags(container, "01.jpg", {"session": "K7_0"})
    assert media.tags(container, "01.jpg") == {"session": "K7_0"}
    assert "01.jpg" not in list(media.find(container, "\"session\" = 'K7_1'"))
    with pytest.raises(BadRequest):
        list(media.find(container, "no expression at all"))


def test_names_may_be_of_any_language(media: Media, container: str) -> None:
    for name in ("k1/渋谷 駅.jpg", "a b+c%20&=~.jpg", "ü/ñ/😀.wav", "q?x#y.jpg"):
        put(media, container, name, name.encode())
        assert media.read(container, name) == name.encode()
        assert [blob.name for blob in media.list(container, name)] == [name]


@pytest.mark.parametrize("name", ["", "a//b", "/a", "a/", "a/../b", ".", "a\\b", "a\nb", "x" * 1025, "a\ud800"])
def test_a_name_that_a_url_would_bend_is_refused(media: Media, container: str, name: str) -> None:
    with pytest.raises(BadRequest) as refused:
        put(media, container, name)
    assert refused.value.code == "bad_name"


@pytest.mark.parametrize("name", ["", "ab", "Upper", "a--b", "-ab", "a/b", "ab.", "x" * 64])
def test_a_container_name_no_store_takes_is_refused(media: Media, name: str) -> None:
    with pytest.raises(BadRequest):
        put(media, name, "a")


@pytest.mark.parametrize(
    "metadata",
    [{"näme": "x"}, {"a-b": "x"}, {"": "x"}, {"a": "ü"}, {"a": "x\r\ny"}, {"a": " x"}, {"a": "1", "A": "2"},
     {"a": "x" * 8192}],
)  # fmt: skip
def test_metadata_that_a_header_cannot_carry_is_refused(media: Media, container: str, metadata: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as refused:
        put(media, container, "a", metadata=metadata)
    assert refused.value.code == "bad_metadata" and media.info(container, "a") is None


@pytest.mark.parametrize(
    "tags", [{"": "x"}, {"a": "ü"}, {"a": "x" * 257}, {"k" * 129: "x"}, {"a": "x'y"}, {f"t{n}": "" for n in range(11)}]
)
def test_tags_the_index_cannot_hold_are_refused(media: Media, container: str, tags: dict[str, str]) -> None:
    with pytest.raises(BadRequest) as refused:
        put(media, container, "a", tags=tags)
    assert refused.value.code == "bad_tags"
    put(media, container, "b")
    with pytest.raises(BadRequest):
        media.set_tags(container, "b", tags)


def test_the_account_key_is_in_no_url_and_no_log_line(
    azurite: Azurite, media: Media, container: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        put(media, container, "a.jpg")
        media.read(container, "a.jpg")
        list(media.list(container))
        with pytest.raises(AlreadyExists) as refused:
            put(media, container, "a.jpg")
    said = "\n".join([*azurite.log, caplog.text, repr(refused.value), repr(refused.value.__cause__)])
    assert container in said  # the lines of this very test were looked at
    assert azurite.key not in said and "sig=" not in said


def test_a_connection_string_with_a_sas_is_refused_for_it_would_stand_in_every_url() -> None:
    with pytest.raises(ValueError, match="SAS"):
        AzureMedia.with_connection_string("BlobEndpoint=https://x.blob.core.windows.net;SharedAccessSignature=sv=1")


def every_operation(media: Media) -> list[Callable[[], object]]:
    return [
        media.check,
        lambda: put(media, "recordings", "a"),
        lambda: media.read("recordings", "a"),
        lambda: media.info("recordings", "a"),
        lambda: list(media.list("recordings")),
        lambda: list(media.find("recordings", "\"a\" = 'b'")),
        lambda: media.tags("recordings", "a"),
        lambda: media.set_tags("recordings", "a", {}),
        lambda: media.delete("recordings", "a"),
    ]


def connection(port: int) -> str:
    return f"DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:{port}/x;"


def test_a_store_that_is_down_is_unavailable_for_every_operation() -> None:
    for operation in every_operation(AzureMedia.with_connection_string(connection(free_port()))):
        with pytest.raises(Unavailable) as down:
            operation()
        assert down.value.dependency == "storage" and down.value.retry_after > 0


def test_a_store_that_accepts_and_never_answers_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        media = AzureMedia.with_connection_string(connection(mute.getsockname()[1]), read_timeout=0.2)
        for operation in every_operation(media):
            with pytest.raises(Unavailable):
                operation()


def test_a_wrong_account_key_is_unavailable_not_missing(azurite: Azurite, container: str) -> None:
    wrong = azurite.connection_string.replace(azurite.key, "eA==")
    for operation in every_operation(AzureMedia.with_connection_string(wrong)):
        with pytest.raises(Unavailable):
            operation()


@pytest.fixture
def own_azurite(tmp_path: Path) -> Iterator[Azurite]:
    """One that a test may stop and start."""
    server = Azurite(tmp_path)
    server.start()
    yield server
    server.stop()


def test_a_store_that_comes_back_is_used_again(own_azurite: Azurite) -> None:
    media = AzureMedia.with_connection_string(own_azurite.connection_string)
    put(media, "recordings", "a.jpg")
    own_azurite.stop()
    with pytest.raises(Unavailable):
        media.read("recordings", "a.jpg")
    own_azurite.start()
    media.check()
    assert media.read("recordings", "a.jpg") == JPEG
    media.close()


class LosesFirstAnswer:
    """Forwards requests, and cuts the connection instead of handing back the answer to the first PUT."""

    def __init__(self, port: int) -> None:
        self.target, self.lost = port, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                self._forward(client)

    def _forward(self, client: socket.socket) -> None:
        stream = client.makefile("rb")
        head = [line for line in iter(stream.readline, b"\r\n") if not line.lower().startswith(b"connection:")]
        length = next((int(line[15:]) for line in head if line.lower().startswith(b"content-length:")), 0)
        with socket.create_connection(("127.0.0.1", self.target)) as upstream:
            upstream.sendall(b"".join([*head, b"Connection: close\r\n\r\n", stream.read(length)]))
            answer = upstream.makefile("rb").read()
        if head[0].startswith(b"PUT") and not self.lost:
            self.lost = int(answer.split()[1])
        else:
            client.sendall(answer)


@pytest.mark.parametrize("replacing", [False, True])
def test_a_write_whose_answer_was_lost_is_recognised_as_ones_own(
    azurite: Azurite, media: Media, container: str, replacing: bool
) -> None:
    etag = put(media, container, "a.jpg", b"old") if replacing else put(media, container, "other") and None
    between = LosesFirstAnswer(azurite.port)
    through = AzureMedia.with_connection_string(azurite.connection_string.replace(str(azurite.port), str(between.port)))
    written = through.put(container, "a.jpg", JPEG, content_type="image/jpeg", metadata={"n": "1"}, etag=etag)
    assert between.lost == 201
    assert written == media.info(container, "a.jpg") and media.read(container, "a.jpg") == JPEG
    between.listener.close()
