"""Registering where things meet: ten at once, one person twice, two of one name, two faces, numbers of all kinds."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from functions import enrolment, http, kiosks, operators, people, sessions
from shared.domain.session import Reason, State
from shared.services.people.registry import Person, Status
from shared.services.people.templates import Kind
from tests.desk import Desk
from tests.stage import Stage, StageApp
from tests.unit import test_enrolment_story as registering


@pytest.fixture
def app() -> StageApp:
    return StageApp()


def at_another_kiosk(app: StageApp, kiosk: str) -> Stage:
    """A stage on the same stores, whose visits begin at another machine."""
    stage = Stage.__new__(Stage)
    stage.app, stage.session, stage.token = app, "", ""
    app.kiosks.create(kiosk, f"Branch {kiosk}", "Europe/Lisbon")

    def begin(language: str = "en") -> None:
        session, stage.token = app.visit.start(kiosk, language)
        stage.session = session.id

    stage.begin = begin  # type: ignore[method-assign]
    return stage


def ready(stage: Stage, who: str, phone: str, name: str) -> None:
    """Everything but the last phrase."""
    registering.ask(stage, who)
    registering.fill_in(stage, phone, name)
    registering.pose(stage, who)
    registering.prove_phone(stage, who)
    for _ in range(2):
        stage.show(who)
        stage.say(who)


def in_front(*people: tuple[Stage, str]) -> None:
    """Everybody looks at their camera, while the others did what they did."""
    for stage, who in people:
        stage.show(who, who, who, every=0.05)


def registered(stage: Stage) -> Person:
    return stage.app.people.require(str(stage.now().person))


def test_ten_people_register_at_ten_kiosks_in_the_same_moment(app: StageApp) -> None:
    stages = [at_another_kiosk(app, f"B{number}") for number in range(10)]
    names = [f"guest{letter}" for letter in "abcdefghij"]
    for number, (stage, who) in enumerate(zip(stages, names, strict=True)):
        ready(stage, who, f"+1202555016{number}", f"Guest {number}")
    in_front(*zip(stages, names, strict=True))
    barrier = threading.Barrier(10)

    def last_phrase(stage: Stage, who: str) -> None:
        barrier.wait(timeout=30)
        stage.say(who)

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(last_phrase, stages, names))
    assert [stage.state for stage in stages] == [State.GRANTED] * 10
    assert len({registered(stage).id for stage in stages}) == 10
    assert [registered(stage).name for stage in stages] == [f"Guest {number}" for number in range(10)]
    assert app.gallery_log.head() == 10
    app.fake_clock.advance(2)
    app.feed.refresh(app.gallery)
    assert len(app.gallery.names()) == 10


def test_one_number_typed_at_two_kiosks_at_once_becomes_one_persons(app: StageApp) -> None:
    """Both have proven it: the first to be stored has it, the other is refused and leaves nothing."""
    here, there = Stage(app), at_another_kiosk(app, "B1")
    ready(here, "eve", registering.PHONE, "Eve Moreno")
    ready(there, "zoe", registering.PHONE, "Zoe Moreno")
    in_front((here, "eve"), (there, "zoe"))
    barrier = threading.Barrier(2)

    def last_phrase(stage: Stage, who: str) -> None:
        barrier.wait(timeout=30)
        stage.say(who)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(last_phrase, (here, there), ("eve", "zoe")))
    first, second = sorted((here, there), key=lambda s: s.state is State.DENIED)
    assert first.state is State.GRANTED
    assert (second.state, second.now().reason) == (State.DENIED, Reason.REFUSED_AT_ENROLMENT)
    assert app.people.by_phone(registering.PHONE) == first.now().person
    assert app.people.get(str(second.now().person)) is None
    assert app.templates.of(str(second.now().person), Kind.FACE) == []


def test_the_same_person_registering_a_second_time_is_for_staff_to_look_at(app: StageApp) -> None:
    """At the kiosk the machine knows them; under the looser search of the commit a second identity is found, too."""
    here, there = Stage(app), at_another_kiosk(app, "B1")
    ready(here, "eve", registering.PHONE, "Eve Moreno")
    ready(there, "eve", "+12025550164", "Evelyn Moreno")
    in_front((here, "eve"))
    here.say("eve")
    app.fake_clock.advance(2)
    in_front((there, "eve"))
    there.say("eve")
    assert here.state is State.GRANTED and registered(here).status is Status.ACTIVE
    assert (there.state, there.now().reason) == (State.ENDED, Reason.AWAITING_APPROVAL)
    assert registered(there).status is Status.PENDING


def test_and_in_the_very_same_moment_at_least_one_of_the_two_waits_for_staff(
    app: StageApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither finds the other before both are stored."""
    here, there = Stage(app), at_another_kiosk(app, "B1")
    ready(here, "eve", registering.PHONE, "Eve Moreno")
    ready(there, "eve", "+12025550164", "Evelyn Moreno")
    in_front((here, "eve"), (there, "eve"))
    near, barrier, searched = app.recognition.near, threading.Barrier(2), threading.local()

    def both_search_first(faces: Any) -> frozenset[str]:
        found = near(faces)
        if not getattr(searched, "once", False):
            searched.once = True
            barrier.wait(timeout=30)
        return found

    monkeypatch.setattr(app.recognition, "near", both_search_first)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda stage: stage.say("eve"), (here, there)))
    statuses = {registered(stage).status for stage in (here, there)}
    assert Status.PENDING in statuses
    for stage in (here, there):
        active = registered(stage).status is Status.ACTIVE
        assert stage.state is (State.GRANTED if active else State.ENDED)
    app.fake_clock.advance(2)
    app.feed.refresh(app.gallery)
    assert len(app.gallery.names()) == [registered(s).status for s in (here, there)].count(Status.ACTIVE)


def test_whoever_is_registered_is_recognised_and_not_asked_to_register_again(app: StageApp) -> None:
    stage = Stage(app)
    ready(stage, "eve", registering.PHONE, "Eve Moreno")
    in_front((stage, "eve"))
    stage.say("eve")
    app.visit.leave(stage.stored())
    app.fake_clock.advance(2)
    stage.begin()
    stage.show(*["eve"] * 4)
    assert stage.state is State.PIN


def test_two_people_of_one_name_are_two_people(app: StageApp) -> None:
    here, there = Stage(app), at_another_kiosk(app, "B1")
    for stage, who, phone in ((here, "eve", registering.PHONE), (there, "zoe", "+12025550164")):
        ready(stage, who, phone, "Maria Silva")
        in_front((stage, who))
        stage.say(who)
        assert stage.state is State.GRANTED
        stage.app.visit.leave(stage.stored())
    assert registered(here).name == registered(there).name
    assert registered(here).id != registered(there).id
    app.fake_clock.advance(2)
    for stage, who in ((here, "eve"), (there, "zoe")):
        person = registered(stage).id
        stage.to_granted(who)
        assert stage.now().person == person


@pytest.mark.parametrize("step", ["pictures", "code", "phrases"])
def test_somebody_else_in_front_begins_it_anew_or_ends_it(app: StageApp, step: str) -> None:
    stage = Stage(app)
    registering.ask(stage, "eve")
    registering.fill_in(stage)
    if step == "pictures":
        for _ in range(40):
            seen = stage.app.enrolment.view(stage.now())
            if seen is None:
                break
            stage.show("eve", "zoe")
    else:
        registering.pose(stage, "eve")
        if step == "phrases":
            registering.prove_phone(stage, "eve")
        stage.show("zoe", "zoe", "zoe", "zoe")
    assert stage.state is not State.ENROLLING
    assert stage.now().factors == ()
    assert app.people.by_phone(registering.PHONE) is None


# --- over HTTP: names and numbers as people type them ---


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, http, operators, kiosks, people, sessions, enrolment)
    registering.ask(desk.stage)
    return desk


def fill_in(desk: Desk, **changed: object) -> tuple[int, Any]:
    consent = desk.app.settings.consent_version
    body = {"name": "Eve Moreno", "phone": registering.PHONE, "adult": True, "consentVersion": consent, **changed}
    visit = {"X-Visit-Token": desk.stage.token}
    status, told = desk.call(enrolment.details, body=body, headers=visit, method="PUT", id=desk.stage.session)
    return status, told.get("code")


@pytest.mark.parametrize(
    "typed",
    ["call me", "ZWOELF", "", "1", "+1202", "+12025550142123456", "1" * 41, "+999 1234567", "0", None],
)
def test_what_cannot_be_a_number_is_refused_and_can_be_typed_again(desk: Desk, typed: object) -> None:
    assert fill_in(desk, phone=typed) == (400, "bad_phone")
    assert fill_in(desk) == (200, None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("202 555 0163", "+12025550163"),  # of this country
        ("(202) 555-0163", "+12025550163"),
        ("++1 202 555 0163", "+12025550163"),
        ("+351 912 345 678", "+351912345678"),  # of others
        ("+81 90-1234-5678", "+819012345678"),
        ("+٢٠٢٥٥٥", None),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("+1 202-555-FOOD", "+12025553663"),  # letters of a keypad stand for digits
    ],
)
def test_numbers_of_this_and_other_countries_are_kept_in_one_form(desk: Desk, typed: str, kept: str | None) -> None:
    status, _ = fill_in(desk, phone=typed)
    if kept is None:
        assert status == 400
        return
    assert status == 200
    assert desk.app.drafts.details(desk.stage.now()).phone == kept


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": "  "}, "bad_name"),
        ({"name": "12345"}, "bad_name"),
        ({"name": "x" * 81}, "bad_name"),
        ({"name": "Eve\u0000"}, "bad_name"),
        ({"adult": False}, "adults_only"),
        ({"adult": "true"}, "adults_only"),
        ({"consentVersion": "1999-01"}, "consent_changed"),
    ],
)
def test_what_else_is_asked_for_is_needed(desk: Desk, changed: dict[str, object], code: str) -> None:
    assert fill_in(desk, **changed) == (400, code)


def test_staff_look_at_a_second_identity_and_nobody_at_their_own(desk: Desk) -> None:
    stage = desk.stage
    registering.fill_in(stage)
    registering.pose(stage)
    registering.prove_phone(stage)
    desk.app.gallery.replace("pother", [b"eve"])
    registering.read_phrases(stage)
    person = str(stage.now().person)
    assert registered(stage).status is Status.PENDING
    desk.app.people.save(replace(desk.app.people.require(person), operator="otto"))
    assert desk.code(people.approve, "otto", id=person) == (403, "own_matter")
    assert desk.call(people.approve, "olga", id=person)[1]["status"] == "active"
    assert [e["operator"] for e in desk.audited("person_approved")] == ["olga"]
