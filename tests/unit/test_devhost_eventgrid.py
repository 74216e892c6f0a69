"""Local Event Grid: who is told of a write, when, and with which words."""

from datetime import UTC, datetime
from random import Random

import pytest

from devhost.blobs import blob_of_url, path_pattern
from devhost.eventgrid import PROFILES, Event, Subscription, events_of

WRITTEN = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FRAMES = Subscription("identify_face", "recordings", ends=".jpg")
CLIPS = Subscription("verify_voice", "recordings", ends=".wav")
INDEX = Subscription("index_recording", "recordings")


def told(container: str, name: str) -> set[str]:
    events = events_of([FRAMES, CLIPS, INDEX], container, name, "PutBlob", WRITTEN)
    return {event.function for event in events}


def test_a_subscription_is_written_as_function_container_begins_and_ends() -> None:
    assert Subscription.parse("index_recording=recordings") == INDEX
    assert Subscription.parse("identify_face=recordings::.jpg") == FRAMES
    assert Subscription.parse("f=box:k7/:.jpg") == Subscription("f", "box", "k7/", ".jpg")
    with pytest.raises(ValueError, match="FUNCTION=CONTAINER"):
        Subscription.parse("recordings")


def test_a_write_reaches_the_functions_whose_filters_fit() -> None:
    assert told("recordings", "k7/2026-11-22/s/1.jpg") == {"identify_face", "index_recording"}
    assert told("recordings", "k7/2026-11-22/s/1.wav") == {"verify_voice", "index_recording"}
    assert told("recordings", "k7/notes.txt") == {"index_recording"}
    assert told("gallery", "snapshot.jpg") == set()


def test_filters_ignore_letter_case_as_azure_does_by_default() -> None:
    assert "identify_face" in told("recordings", "K7/1.JPG")
    assert Subscription("f", "box", begins="K7/").wants("box", "k7/1.jpg")


def test_the_event_is_what_the_hosts_webhook_reads() -> None:
    event = Event("id-1", "identify_face", "recordings", "k 7/é#1.jpg", "PutBlob", WRITTEN)
    body = event.body("devstoreaccount1", "http://127.0.0.1:10000")
    assert body["subject"] == "/blobServices/default/containers/recordings/blobs/k 7/é#1.jpg"
    assert body["eventType"] == "Microsoft.Storage.BlobCreated"
    assert body["eventTime"] == "2026-11-22T12:00:00Z"
    assert body["data"]["blobType"] == "BlockBlob"
    assert blob_of_url(body["data"]["url"]) == ("recordings", "k 7/é#1.jpg")


def test_the_url_of_a_real_account_has_no_account_in_its_path() -> None:
    assert blob_of_url("https://acc.blob.core.windows.net/box/a/b%20c.jpg") == ("box", "a/b c.jpg")
    assert blob_of_url("http://localhost:10000/acc/box/a.jpg") == ("box", "a.jpg")


def test_profile_fast_delivers_once_and_at_once() -> None:
    assert PROFILES["fast"].delays(Random(1)) == [0]


def test_profile_cloud_delays_doubles_and_reorders_and_does_so_repeatably() -> None:
    def run(seed: int) -> list[list[float]]:
        random = Random(seed)
        return [PROFILES["cloud"].delays(random) for _ in range(200)]

    delays = run(7)
    assert delays == run(7)
    assert delays != run(8)
    assert all(0.3 <= delay <= 1.7 for times in delays for delay in times)
    doubled = sum(len(times) == 2 for times in delays)
    assert 20 <= doubled <= 60
    firsts = [times[0] for times in delays]
    assert firsts != sorted(firsts)


def test_a_path_that_fits_yields_its_parameters_and_another_yields_none() -> None:
    pattern = path_pattern("recordings/{kiosk}/{day}/{session}/{seq}.jpg")
    fits = pattern.fullmatch("k7/2026-11-22/s-1/000001.jpg")
    assert fits is not None
    assert fits.groupdict() == {"kiosk": "k7", "day": "2026-11-22", "session": "s-1", "seq": "000001"}
    assert pattern.fullmatch("k7/000001.jpg") is None
    assert path_pattern("recordings").fullmatch("anything") is not None
