"""Blob written -> function entered, through Azurite, its access log, local Event Grid and the host: whatever dies."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from azure.storage.blob import BlobBlock

from tests.functional.hostapps.running import RunningHost, RunningStorage, wait_until

SUBSCRIPTIONS = ("see=box::.jpg", "settle=box::.settle")


@dataclass
class Chain:
    storage: RunningStorage
    host: RunningHost
    effects: Path

    def write(self, *names: str) -> None:
        box = self.storage.blobs().get_container_client("box")
        for name in names:
            box.upload_blob(name, b"x", overwrite=True)

    def seen(self) -> list[str]:
        """The blobs that `see` was called for, in that order."""
        return [str(entry["name"]).removeprefix("box/") for entry in self.host.entries("see")]

    def done(self) -> list[str]:
        return sorted(path.name for path in self.effects.iterdir())

    def stop(self) -> None:
        assert self.host.stop() == 0
        assert self.storage.stop() == 0


def settled(chain: Chain, step: str) -> list[str]:
    return [entry["name"] for entry in chain.host.entries("settle") if entry["step"] == step]


def make_chain(folder: Path, *storage_options: str) -> Chain:
    """Storage runs and has its container; the host is not started yet."""
    effects = folder / "effects"
    effects.mkdir()
    environment = {
        "WORK_QUEUE": "work",
        "TICK": "0 0 0 1 1 *",
        "EFFECTS": str(effects),
        "GATE": str(folder / "gate"),
    }
    host = RunningHost("background", folder / "host", "--lease", "1", environment=environment)
    options = [word for subscription in SUBSCRIPTIONS for word in ("--subscription", subscription)]
    storage = RunningStorage(folder / "storage", host.url, *options, *storage_options)
    host.environment = {**host.environment, "AzureWebJobsStorage": storage.connection}
    storage.start()
    storage.blobs().create_container("box")
    return Chain(storage, host, effects)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    folder = tmp_path_factory.mktemp("chain")
    made = make_chain(folder, "--keys", str(folder / "host" / "state" / "keys.json"))
    made.host.command = [*made.host.command, "--require-keys"]
    made.host.start()
    yield made
    made.stop()


def test_every_way_to_finish_a_blob_tells_once_and_what_is_no_new_blob_tells_nothing(chain: Chain) -> None:
    box = chain.storage.blobs().get_container_client("box")
    chain.write("a/put.jpg")
    blocks = box.get_blob_client("a/blocks é.jpg")
    blocks.stage_block("MDAwMQ==", b"part")
    blocks.commit_block_list([BlobBlock("MDAwMQ==")])
    box.get_blob_client("a/copy.jpg").start_copy_from_url(box.get_blob_client("a/put.jpg").url)
    put = box.get_blob_client("a/put.jpg")
    put.set_blob_tags({"kind": "frame"})
    put.set_blob_metadata({"kind": "frame"})
    put.create_snapshot()
    lease = put.acquire_lease(15)
    lease.release()
    chain.write("a/other.txt")
    chain.storage.blobs().create_container("elsewhere").upload_blob("a/put.jpg", b"x")
    chain.write("a/last.jpg")
    wait_until(lambda: "a/last.jpg" in chain.seen(), "the last blob")
    wait_until(lambda: len(chain.seen()) >= 4, "the others")
    assert Counter(chain.seen()) == {"a/put.jpg": 1, "a/blocks é.jpg": 1, "a/copy.jpg": 1, "a/last.jpg": 1}


def test_a_blob_written_again_tells_again(chain: Chain) -> None:
    chain.write("b/twice.jpg")
    wait_until(lambda: chain.seen().count("b/twice.jpg") == 1, "the first write")
    chain.write("b/twice.jpg")
    wait_until(lambda: chain.seen().count("b/twice.jpg") == 2, "the second write")


def test_events_carry_the_key_that_the_webhook_requires_and_it_is_never_logged(chain: Chain) -> None:
    event = json.dumps([{"data": {"url": "http://127.0.0.1/a/box/g/1.jpg", "blobType": "BlockBlob"}}]).encode()
    path = "/runtime/webhooks/blobs?functionName=Host.Functions.see"
    assert chain.host.request("POST", path, event, {"aeg-event-type": "Notification"}).status_code == 401
    chain.write("g/1.jpg")
    wait_until(lambda: "g/1.jpg" in chain.seen(), "the blob")
    keys = json.loads((chain.host.state / "keys.json").read_text(encoding="utf-8"))
    assert keys["systemKeys"]["blobs_extension"] not in chain.host.said() + chain.storage.said()


def test_what_is_written_while_the_host_is_dead_arrives_after_its_restart_with_one_effect(chain: Chain) -> None:
    chain.host.kill()
    chain.write("c/1.settle", "c/2.settle")
    chain.storage.wait_for_words("The host does not take events")
    chain.host.start()
    wait_until(lambda: chain.done() == ["box_c_1.settle", "box_c_2.settle"], "both effects")


def test_what_was_written_before_a_kill_of_the_storage_process_is_found_and_told_after_it(tmp_path: Path) -> None:
    chain = make_chain(tmp_path)
    chain.write("d/1.settle", "d/2.settle")  # nobody listens
    chain.storage.wait_for_words("The host does not take events")
    chain.storage.kill()
    chain.storage.start()
    chain.storage.wait_for_words("are told again")
    chain.host.start()
    wait_until(lambda: chain.done() == ["box_d_1.settle", "box_d_2.settle"], "both effects")
    chain.stop()


def test_after_a_clean_stop_nothing_is_told_again(chain: Chain) -> None:
    chain.write("e/1.jpg")
    wait_until(lambda: "e/1.jpg" in chain.seen(), "the first blob")
    assert chain.storage.stop() == 0
    before = chain.seen()
    chain.storage.start()
    chain.write("e/2.jpg")
    wait_until(lambda: "e/2.jpg" in chain.seen(), "the second blob")
    assert chain.seen() == [*before, "e/2.jpg"]
    assert "told again" not in chain.storage.said()


def test_in_the_profile_cloud_events_double_and_overtake_and_effects_stay_single(tmp_path: Path) -> None:
    chain = make_chain(tmp_path, "--profile", "cloud", "--seed", "7")
    chain.host.start()
    frames = [f"f/{number:02d}.jpg" for number in range(20)]
    clips = [f"f/{number:02d}.settle" for number in range(20)]
    chain.write(*frames, *clips)
    wait_until(lambda: set(chain.seen()) == set(frames), "every frame")
    wait_until(lambda: len(settled(chain, "done")) >= len(clips), "every effect")
    wait_until(lambda: settled(chain, "had been done"), "a duplicate")
    wait_until(lambda: len(chain.seen()) > len(frames), "a duplicated frame")
    firsts = list(dict.fromkeys(chain.seen()))
    assert firsts != frames  # they overtook each other
    assert sorted(settled(chain, "done")) == [f"box/{name}" for name in clips]
    assert len(chain.done()) == len(clips)
    chain.stop()


def test_when_azurite_dies_the_storage_process_says_so_and_its_folder_is_usable_again(tmp_path: Path) -> None:
    chain = make_chain(tmp_path)
    (azurite,) = psutil.Process(chain.storage.process.pid).children()
    azurite.kill()
    assert chain.storage.process.wait(30) == 1
    assert "Azurite ended by itself" in chain.storage.said()
    chain.storage.start()
    second = RunningStorage(tmp_path / "second", chain.host.url)
    second.command = [*second.command, "--state", str(tmp_path / "storage" / "azurite")]
    with pytest.raises(AssertionError, match="is in use by the process"):
        second.start()
    assert chain.storage.stop() == 0
