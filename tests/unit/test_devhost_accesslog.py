"""Which lines of Azurite's access log are finished writes."""

import pytest

from devhost.accesslog import Write, finished_write


def line(request: str, status: int) -> str:
    return f'127.0.0.1 - - [22/Nov/2026:13:32:42 +0000] "{request} HTTP/1.1" {status} -'


@pytest.mark.parametrize(
    ("request_line", "status", "api"),
    [
        ("PUT /devstoreaccount1/recordings/k7/2026-11-22/s/1.jpg", 201, "PutBlob"),
        ("PUT /devstoreaccount1/recordings/k7/2026-11-22/s/1.jpg?timeout=30", 201, "PutBlob"),
        ("PUT /devstoreaccount1/recordings/k7/2026-11-22/s/1.jpg?comp=blocklist", 201, "PutBlockList"),
        ("PUT /devstoreaccount1/recordings/k7/2026-11-22/s/1.jpg", 202, "PutBlob"),  # a copy
        ("PUT /devstoreaccount1/recordings/k7/2026-11-22/s/1.jpg?sv=2026&sig=a%2Fb%3D", 201, "PutBlob"),
    ],
)
def test_a_written_blob_is_found(request_line: str, status: int, api: str) -> None:
    found = finished_write(line(request_line, status))
    assert found == Write("devstoreaccount1", "recordings", "k7/2026-11-22/s/1.jpg", api)


def test_an_encoded_name_is_decoded() -> None:
    found = finished_write(line("PUT /acc/box/a%20b/%C3%A9%23x%22.jpg", 201))
    assert found is not None
    assert found.name == 'a b/é#x".jpg'


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("PUT /acc/box?restype=container", 201),
        ("PUT /acc/box/a.jpg?comp=tags", 204),
        ("PUT /acc/box/a.jpg?comp=metadata", 200),
        ("PUT /acc/box/a.jpg?comp=block&blockid=MDA%3D", 201),
        ("PUT /acc/box/a.jpg?comp=lease", 201),
        ("PUT /acc/box/a.jpg?comp=snapshot", 201),
        ("PUT /acc/box/a.jpg", 409),
        ("PUT /acc/box/a.jpg", 412),
        ("GET /acc/box/a.jpg", 200),
        ("DELETE /acc/box/a.jpg", 202),
        ("PUT /acc/queue", 201),
        ("PUT /acc/queue/messages/1-2-3?popreceipt=x&visibilitytimeout=6", 204),
        ("POST /acc/queue/messages", 201),
    ],
)
def test_whatever_else_is_logged_is_no_write(request_line: str, status: int) -> None:
    assert finished_write(line(request_line, status)) is None


@pytest.mark.parametrize("noise", ["", "Azurite Blob service is starting", '"PUT / HTTP/1.1" 201 -', '"PUT'])
def test_noise_is_no_write(noise: str) -> None:
    assert finished_write(noise) is None
