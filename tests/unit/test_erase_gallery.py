"""Whoever is erased is in no snapshot of the gallery either, whatever crashes on the way."""

import struct

import pytest

from functions import http, kiosks, operators, people
from shared.domain.errors import Unavailable
from shared.services.gallery.snapshot import CONTAINER
from shared.services.people.templates import Kind
from tests.desk import Desk
from tests.stage import MODEL

WHY = {"reason": "Asked to be forgotten", "case": "INC-9"}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people)
    desk.stage.enrol("ada", "+12025550142")
    desk.stage.enrol("eve", "+12025550143")
    for person in ("pada", "peve"):  # vectors, where the scripted engine has names
        for template in desk.app.templates.of(person, Kind.FACE):
            desk.app.templates.remove(person, template.id)
        vector = struct.pack("<4f", 0.5, 0.5, 0.5, 0.5)
        desk.app.templates.add(person, Kind.FACE, MODEL, vector, at=desk.app.clock.now())
    assert desk.app.snapshots.tend(MODEL)
    return desk


def in_snapshot(desk: Desk) -> set[str]:
    snapshot = desk.app.snapshots.read(MODEL)
    assert snapshot is not None
    return set(snapshot.people)


def test_the_snapshot_is_written_anew_and_the_old_file_is_gone(desk: Desk) -> None:
    (before,) = desk.app.fake_media.list(CONTAINER)
    assert in_snapshot(desk) == {"pada", "peve"}
    status, told = desk.call(people.erase, "anna", body=WHY, id="pada")
    assert (status, told["done"]) == (200, True) and "gallery" in told["steps"]
    assert in_snapshot(desk) == {"peve"}
    (after,) = desk.app.fake_media.list(CONTAINER)
    assert after.name != before.name


@pytest.mark.parametrize("broken", ["put", "delete", "list"])
def test_a_store_that_fails_in_between_leaves_it_to_the_timer(
    desk: Desk, broken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(container: str, *more: object, **named: object) -> object:
        if container == CONTAINER:
            raise Unavailable("media")
        return working(container, *more, **named)

    working = getattr(desk.app.fake_media, broken)
    monkeypatch.setattr(desk.app.fake_media, broken, fails)
    assert desk.call(people.erase, "anna", body=WHY, id="pada")[0] == 503
    assert desk.app.erase.resume() == 0
    monkeypatch.setattr(desk.app.fake_media, broken, working)
    assert desk.app.erase.resume() == 1
    assert in_snapshot(desk) == {"peve"}
    assert len(list(desk.app.fake_media.list(CONTAINER))) == 1
