"""Azurite with our directory of blobs in it still behaves as blob storage, before and after a restart."""

from pathlib import Path

import pytest
from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import ContainerClient

from tests.functional.hostapps.running import RunningStorage

NAMES = ["1", "02", "2", "10", "1a", "1e1", "k7/1.jpg", "K7/1.jpg", 'é "quoted".jpg']


def content(box: ContainerClient, name: str) -> bytes:
    return box.get_blob_client(name).download_blob().readall()


def test_blobs_are_made_once_found_replaced_snapshotted_and_deleted(tmp_path: Path) -> None:
    storage = RunningStorage(tmp_path, "http://127.0.0.1:9")
    storage.start()
    box = storage.blobs().create_container("box")
    for name in NAMES:
        box.upload_blob(name, name.encode(), metadata={"step": "first"})
    for name in NAMES:
        with pytest.raises(ResourceExistsError):
            box.upload_blob(name, b"second")
        assert content(box, name) == name.encode()

    snapshot = str(box.get_blob_client("2").create_snapshot()["snapshot"])
    box.upload_blob("2", b"replaced", overwrite=True)
    assert content(box, "2") == b"replaced"
    assert box.get_blob_client("2", snapshot=snapshot).download_blob().readall() == b"2"

    box.delete_blob("10")
    with pytest.raises(ResourceNotFoundError):
        content(box, "10")
    box.upload_blob("10", b"again")
    box.delete_blob("1a")
    with pytest.raises(ResourceNotFoundError):
        content(box, "k8/never.jpg")
    with pytest.raises(ResourceNotFoundError):
        content(storage.blobs().create_container("other"), "1")

    assert storage.stop() == 0
    storage.start()
    assert {blob.name for blob in box.list_blobs()} == {*NAMES} - {"1a"}
    assert content(box, "10") == b"again"
    assert content(box, "2") == b"replaced"
    assert box.get_blob_client("k7/1.jpg").get_blob_properties().metadata == {"step": "first"}
    assert box.get_blob_client("2", snapshot=snapshot).download_blob().readall() == b"2"
    with pytest.raises(ResourceNotFoundError):
        content(box, "1a")
    storage.blobs().delete_container("box")
    with pytest.raises(ResourceNotFoundError):
        content(box, "2")
    assert storage.stop() == 0
