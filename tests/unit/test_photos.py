"""A further photo of a customer, added by staff: by one of them where the machine knows the face, else by two."""

import base64
import struct
from dataclasses import replace
from typing import Any

import pytest

from functions import http, kiosks, operators, people, photos
from shared.services.people.registry import Status
from shared.services.people.templates import Kind
from tests.desk import Desk
from tests.stage import MODEL

WHY = {"reason": "Grew a beard, seen at the counter", "case": "INC-2"}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people, photos)
    monkeypatch.setattr(photos, "image_header", lambda image: JPEG)
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("ben", "+12025550143")
    return desk


class JPEG:
    """What the scripted engine's words are taken for."""

    from shared.domain.images import ImageFormat

    format, width, height = ImageFormat.JPEG, 640, 480


def add(desk: Desk, shows: str, by: str = "otto", person: str = "pada", **changed: object) -> tuple[int, Any]:
    body = {**WHY, "photo": base64.b64encode(shows.encode()).decode(), **changed}
    return desk.call(photos.add, by, body=body, id=person)


def faces(desk: Desk, person: str = "pada") -> int:
    return len(desk.app.templates.of(person, Kind.FACE, MODEL))


def test_a_photo_of_the_enrolled_face_is_in_use_at_once(desk: Desk) -> None:
    head = desk.app.gallery_log.head()
    status, told = add(desk, "ada")
    assert (status, told["waiting"]) == (201, False)
    assert faces(desk) == 2 and desk.app.gallery_log.head() == head + 1
    (kept,) = desk.app.fake_media.list("photos")
    assert kept.name == f"pada/{told['id']}.jpg"
    (entry,) = desk.audited("photo_added")
    assert (entry["operator"], entry["subjects"], entry["reason"]) == ("otto", {"person": "pada"}, WHY["reason"])


def test_a_face_the_machine_does_not_know_waits_for_a_second_operator(desk: Desk) -> None:
    status, told = add(desk, "eve")
    assert (status, told["waiting"]) == (202, True)
    assert faces(desk) == 1
    _, one = desk.call(people.one, "olga", method="GET", id="pada")
    assert [photo["id"] for photo in one["photosWaiting"]] == [told["id"]]
    assert desk.call(photos.show, "olga", method="GET", id="pada", photo=told["id"]) == (200, b"eve")
    asked = {"body": WHY, "id": "pada", "photo": told["id"]}
    assert desk.code(photos.approve, "otto", **asked) == (403, "own_matter")
    assert faces(desk) == 1
    assert desk.call(photos.approve, "olga", **asked)[0] == 204
    assert faces(desk) == 2 and desk.app.photos.waiting("pada") == ()
    assert desk.code(photos.approve, "olga", **asked) == (404, "not_found")
    assert [e["operator"] for e in desk.audited("photo_approved")] == ["olga"]


def test_a_face_near_somebody_elses_waits_even_if_it_is_alike(desk: Desk) -> None:
    desk.app.feed.refresh(desk.app.gallery)
    desk.app.gallery.replace("pben", [b"ada"])
    assert add(desk, "ada")[0] == 202
    assert faces(desk) == 1


def test_a_refused_photo_is_deleted(desk: Desk) -> None:
    _, told = add(desk, "eve")
    asked = {"id": "pada", "photo": told["id"]}
    assert desk.code(photos.refuse, "olga", body={}, **asked) == (400, "reason_needed")
    assert desk.call(photos.refuse, "olga", body=WHY, **asked)[0] == 204
    assert list(desk.app.fake_media.list("photos")) == [] and faces(desk) == 1
    assert desk.code(photos.approve, "olga", body=WHY, **asked) == (404, "not_found")


@pytest.mark.parametrize("shows", ["nobody", "ada+ben", "ada+hint:more_light", "broken"])
def test_a_picture_that_is_not_good_enough_is_not_taken(desk: Desk, shows: str) -> None:
    assert add(desk, shows)[0] == 415
    assert faces(desk) == 1 and list(desk.app.fake_media.list("photos")) == []


def test_what_is_no_jpeg_is_refused_by_its_header(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.domain.images import image_header

    monkeypatch.setattr(photos, "image_header", image_header)
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 8, 8, 8, 2, 0, 0, 0) + bytes(4)
    for data in (b"hello", png):
        assert add(desk, "", photo=base64.b64encode(data).decode())[0] == 415
    for wrong in ("%%%", 7, None):
        assert add(desk, "", photo=wrong)[1]["code"] == "bad_photo"
    assert add(desk, "", photo="A" * 600_000)[0] == 413


def test_nobody_adds_to_their_own_entry_nor_to_that_of_whom_they_registered(desk: Desk) -> None:
    for field in ("operator", "registered_by"):
        ada = replace(desk.app.people.require("pada"), operator=None, registered_by=None)
        desk.app.people.save(replace(ada, **{field: "otto"}))  # type: ignore[arg-type]
        assert add(desk, "ada")[1]["code"] == "own_matter"
    assert add(desk, "ada", by="vera")[0] == 403
    assert faces(desk) == 1


def test_without_consent_nothing_is_made_of_a_face(desk: Desk) -> None:
    desk.app.people.save(replace(desk.app.people.require("pada"), consent_version=None, status=Status.INVITED))
    assert add(desk, "ada")[1]["code"] == "no_consent"
    desk.app.people.save(replace(desk.app.people.require("pada"), consent_version="1", status=Status.ERASING))
    assert add(desk, "ada")[1]["code"] == "wrong_status"


def test_five_may_wait(desk: Desk) -> None:
    for number in range(5):
        assert add(desk, f"eve{number}")[0] == 202
    assert add(desk, "zoe")[1]["code"] == "too_many_photos"


def test_erasing_takes_photos_that_are_used_and_photos_that_wait(desk: Desk) -> None:
    add(desk, "ada")
    add(desk, "eve")
    add(desk, "ben", person="pben")
    assert desk.call(people.erase, "anna", body=WHY, id="pada")[0] == 200
    (left,) = desk.app.fake_media.list("photos")
    assert left.name.startswith("pben/")
    assert desk.app.photos.waiting("pada") == ()


def test_the_photo_is_what_a_new_recogniser_starts_from(desk: Desk) -> None:
    from shared.services.people.sources import picture

    add(desk, "ada")
    source = next(t.source for t in desk.app.templates.of("pada", Kind.FACE, MODEL) if t.source)
    assert picture(desk.app.media, source) == b"ada"
    assert desk.call(people.photo, "otto", method="GET", id="pada") == (200, b"ada")
