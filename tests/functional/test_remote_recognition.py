"""Visits, registrations and erasures with a face service outside that may fail at any moment: the app's own services
on fakes, the real adapter, and the played service."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from shared.adapters.azure_face import AzureFace, by_key
from shared.adapters.azure_face_http import FaceHttp
from shared.containers import TEMPLATES
from shared.domain.errors import AlreadyExists, MediaRejected, Unavailable
from shared.domain.recording import RecordingKind, recording_name
from shared.domain.session import State
from shared.ports import Query
from shared.services.audit.entries import ground
from shared.services.enrolment.from_files import Applicant
from shared.services.people.registry import Status
from shared.services.people.templates import Kind
from tests.contract.azure_face.eyes import ReadingEyes, picture
from tests.contract.azure_face.server import KEY, FaceServer, Trouble, playing
from tests.stage import Stage, StageApp

ADA, BEN, EVE = picture("ada"), picture("ben"), picture("eve")
SPOOF = picture("ada+live:no")
WHY = ground("asked for", "INC-1")


@pytest.fixture
def server() -> Iterator[FaceServer]:
    with playing(ReadingEyes()) as played:
        played.service.training_seconds = 0.0
        yield played
        assert played.violations == []


def stage_of(server: FaceServer, **chosen: object) -> Stage:
    stage = Stage(StageApp(face_provider="azure", face_endpoint=server.url, face_key=KEY, **chosen))
    stage.app.pause = lambda _: None
    service = AzureFace(FaceHttp(server.url, by_key(KEY), 0.6), stage.app.settings.face_group)
    stage.app.__dict__["face_service"] = service
    return stage


@pytest.fixture
def stage(server: FaceServer) -> Stage:
    return stage_of(server)


def known(stage: Stage, name: str, phone: str = "+12025550142") -> str:
    """Enrolled here and at the service."""
    person = stage.enrol(name, phone)
    stage.app.recognition.enrol(person.id, faces(name))
    return person.id


def faces(*names: str) -> dict[str, Callable[[], bytes]]:
    return {f"face.{n}": lambda name=name: picture(name).encode() for n, name in enumerate(names)}  # type: ignore[misc]


def test_a_whole_visit_is_granted_by_the_services_word(server: FaceServer, stage: Stage) -> None:
    known(stage, "ada")
    stage.begin()
    stage.show(ADA, ADA)
    assert stage.type_pin(stage.code())
    stage.show(ADA)
    stage.say("ada")
    assert stage.state is State.GRANTED
    asked = server.count("Detect")
    stage.show(ADA, ADA)
    assert server.count("Detect") == asked, "once accepted, nothing leaves any more"


def test_the_app_is_ready_once_the_group_is_there_and_says_what_is_missing_until_then(
    server: FaceServer, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    server.trouble("GetLargePersonGroup", Trouble(401, "401"))
    assert stage.app.health.check()["recognition"] == "unavailable"
    assert any("FACE_KEY" in str(r.__dict__.get("facts")) for r in caplog.records)
    assert stage.app.health.check()["recognition"] == "ok"
    assert len(server.service.groups) == 1


def test_a_stranger_is_unknown_and_two_alike_are_nobody(stage: Stage) -> None:
    known(stage, "ada")
    known(stage, "ben", "+12025550143")
    stage.begin()
    stage.show(EVE, EVE, EVE, EVE, EVE)
    states = [stage.state]
    stage.begin()
    stage.show(*[picture("ada~ben")] * 5)
    assert [*states, stage.state] == [State.UNKNOWN, State.AMBIGUOUS]


def test_what_is_not_live_alone_and_fit_never_leaves_the_house(server: FaceServer, stage: Stage) -> None:
    known(stage, "ada")
    stage.begin()
    before = server.count("Detect")
    stage.show(SPOOF, picture("ada+ben"), picture("ada+hint:more_light"), picture("nobody"))
    assert server.count("Detect") == before


def test_a_face_the_service_rates_low_counts_neither_way(stage: Stage) -> None:
    known(stage, "ada")
    stage.begin()
    stage.show(*[picture("ada+quality:low")] * 8)
    assert stage.state is State.IDENTIFYING


def test_whoever_is_suspended_here_is_nobody_though_the_service_knows_them(stage: Stage) -> None:
    person = known(stage, "ada")
    stage.app.people.save(replace(stage.app.people.require(person), status=Status.SUSPENDED))
    stage.begin()
    stage.show(ADA, ADA, ADA, ADA, ADA)
    assert stage.state is State.UNKNOWN


def test_a_claimed_number_is_compared_with_that_person_alone(server: FaceServer, stage: Stage) -> None:
    known(stage, "ada")
    known(stage, "ben", "+12025550143")
    for shown, ends in ((EVE, State.UNKNOWN), (BEN, State.PIN)):
        stage.begin()
        stage.show(EVE, EVE, EVE, EVE, EVE)
        stage.app.visit.claim(stage.stored(), "+12025550143")
        asked = server.count("IdentifyFromLargePersonGroup")
        stage.show(*[shown] * 5)
        assert stage.state is ends
        assert server.count("IdentifyFromLargePersonGroup") == asked


@pytest.mark.parametrize(
    "trouble", [Trouble(500), Trouble(0), Trouble(403, "PermissionDenied"), Trouble(200, body=b"x")]
)
def test_while_the_service_fails_nobody_is_let_in_and_the_visit_goes_on_when_it_is_back(
    server: FaceServer, stage: Stage, trouble: Trouble
) -> None:
    known(stage, "ada")
    stage.begin()
    server.trouble("Detect", *[trouble] * 20)
    for _ in range(2):
        with pytest.raises(Unavailable):
            stage.show(ADA)
    meanwhile = stage.state
    server.forgive()
    stage.show(ADA, ADA)
    assert [meanwhile, stage.state] == [State.IDENTIFYING, State.PIN]


@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("operation", ["CreateLargePersonGroupPerson", "FaceFromStream"])
def test_nobody_is_made_twice_when_an_answer_never_came(
    server: FaceServer, stage: Stage, operation: str, done: bool
) -> None:
    person, copies = stage.enrol("ada"), stage.app.recognition
    server.trouble(operation, Trouble(0, done=done))
    with pytest.raises(Unavailable):
        copies.enrol(person.id, faces("ada", "ada"))
    with pytest.raises(Unavailable):
        copies.enrol(person.id, faces("ada", "ada"))  # at once: the service may still be at it
    stage.app.fake_clock.advance(6)
    copies.enrol(person.id, faces("ada", "ada"))
    (kept,) = server.service.persons()
    assert (kept.name, kept.user_data) == (person.id, person.id)
    assert sorted(reference or "" for reference, _ in kept.faces.values()) == ["face.0", "face.1"]


def test_a_crash_in_the_middle_is_taken_up_where_it_was(server: FaceServer, stage: Stage) -> None:
    person, recognition = stage.enrol("ada"), stage.app.recognition
    recognition.prepare()
    group = stage.app.settings.face_group
    held = stage.app.clock.now().isoformat()
    body = {"kind": "remote", "group": group, "remote": None, "heldUntil": held}
    stage.app.documents.create(TEMPLATES, person.id, f"remote.{group}", body)  # type: ignore[arg-type]
    stage.app.face_service.create_person(person.id)
    stage.app.fake_clock.advance(1)
    recognition.enrol(person.id, faces("ada"))
    assert len(server.service.persons()) == 1 and server.count("CreateLargePersonGroupPerson") == 1


def test_many_who_enrol_the_same_person_at_once_make_one(server: FaceServer, stage: Stage) -> None:
    person, start = stage.enrol("ada"), threading.Barrier(6)
    stage.app.recognition.prepare()

    def enrol() -> None:
        start.wait()
        try:
            stage.app.recognition.enrol(person.id, faces("ada"))
        except Unavailable:
            return

    threads = [threading.Thread(target=enrol) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(server.service.persons()) == 1 and len(server.service.persons()[0].faces) == 1


def test_a_person_whom_somebody_removed_at_the_service_is_made_anew(server: FaceServer, stage: Stage) -> None:
    person = known(stage, "ada")
    next(iter(server.service.groups.values())).persons.clear()
    stage.app.recognition.enrol(person, faces("ada"))
    stage.begin()
    stage.show(ADA, ADA)
    assert stage.state is State.PIN


def test_the_service_is_told_random_ids_and_pictures_only(server: FaceServer, stage: Stage) -> None:
    person = known(stage, "ada")
    stage.begin()
    stage.show(ADA, ADA)
    told = " ".join(server.texts)
    assert person in told
    for private in ("Ada", "2025550142", stage.session):
        assert private not in told


APPLICANT = Applicant(
    name="Ada",
    given_name="Ada",
    phone="+12025550143",
    language="en",
    consent_version="1",
    assurance="staff",
)


def test_what_staff_began_while_the_service_failed_is_gone_on_with_and_makes_nobody_twice(
    server: FaceServer, stage: Stage
) -> None:
    photos, clips = [ADA.encode()], [b"voice:ada;digits:1"]
    server.trouble("FaceFromStream", Trouble(0, done=True))
    with pytest.raises(Unavailable):
        stage.app.enrol.by_staff(APPLICANT, photos, clips)
    stage.begin()
    stage.show(ADA, ADA)
    assert stage.state is State.IDENTIFYING, "half an enrolment lets nobody in"
    stage.app.fake_clock.advance(6)
    person = stage.app.enrol.by_staff(APPLICANT, photos, clips)
    assert person.status is Status.ACTIVE
    assert [(p.name, len(p.faces)) for p in server.service.persons()] == [(person.id, 1)]
    with pytest.raises(AlreadyExists):
        stage.app.enrol.by_staff(APPLICANT, photos, clips)
    with pytest.raises(AlreadyExists):
        stage.app.enrol.by_staff(replace(APPLICANT, name="Eve"), [EVE.encode()], clips)


def test_pictures_the_service_cannot_use_enrol_nobody(stage: Stage) -> None:
    with pytest.raises(MediaRejected):
        stage.app.recognition.enrol("pada", faces("ada+quality:low", "nobody"))


def test_a_training_that_fails_is_asked_for_again_later_and_later(server: FaceServer, stage: Stage) -> None:
    server.service.failing_trainings = 2
    known(stage, "ada")
    assert server.count("TrainLargePersonGroup") == 1
    for seconds, asked in ((4, 1), (7, 2), (7, 2), (60, 3)):
        stage.app.fake_clock.advance(seconds)
        for _ in range(3):
            stage.app.recognition.follow()
        assert server.count("TrainLargePersonGroup") == asked
    stage.begin()
    stage.show(ADA, ADA)
    assert stage.state is State.PIN


def test_once_everything_is_trained_the_service_is_left_in_peace(server: FaceServer, stage: Stage) -> None:
    known(stage, "ada")
    before = len(server.asked)
    for _ in range(5):
        stage.app.recognition.follow()
    assert len(server.asked) == before


def test_a_training_that_was_accepted_and_never_began_is_asked_for_again(server: FaceServer, stage: Stage) -> None:
    known(stage, "ada")
    server.trouble("TrainLargePersonGroup", Trouble(202))
    known(stage, "ben", "+12025550143")
    (group,) = server.service.groups.values()
    before = len(group.trained or [])
    for _ in range(3):
        stage.app.fake_clock.advance(15)
        stage.app.recognition.follow()
    assert [before, len(group.trained or [])] == [1, 2], "the training before is not taken for the new one"


def test_those_enrolled_before_are_brought_to_the_service_once_by_their_kept_pictures(
    server: FaceServer, stage: Stage
) -> None:
    app = stage.app
    stage.begin()
    for number in range(25):
        person = stage.enrol(f"p{number:02d}", f"+120255501{number:02d}")
        if number != 7:  # whose picture is kept no more
            source = str(recording_name(stage.session, RecordingKind.FRAME, number + 1))
            app.fake_media.put("recordings", source, picture(f"p{number:02d}").encode(), content_type="image/jpeg")
            at, name = app.clock.now(), f"p{number:02d}".encode()
            app.templates.add(person.id, Kind.FACE, "m", name, at=at, source=source)
    known(stage, "ada", "+12025550199")
    server.trouble("CreateLargePersonGroupPerson", Trouble(403, "QuotaExceeded"))
    app.recognition.follow()
    app.fake_clock.advance(6)
    for _ in range(4):
        app.recognition.follow()
    assert sorted(p.name for p in server.service.persons()) == sorted(
        ["pada", *(f"pp{number:02d}" for number in range(25) if number != 7)]
    )
    stage.begin()
    stage.show(picture("p11"), picture("p11"))
    assert stage.state is State.PIN
    before = len(server.asked)
    app.recognition.follow()
    assert len(server.asked) == before


def test_erasing_removes_the_services_copy_and_every_note_of_it(server: FaceServer, stage: Stage) -> None:
    ben = known(stage, "ben", "+12025550143")
    person = known(stage, "ada")
    remote = next(id for g in server.service.groups.values() for id, p in g.persons.items() if p.name == person)
    assert stage.app.erase.person(None, person, WHY).done
    assert [p.name for p in server.service.persons()] == [ben]
    assert remote not in "".join(stage.app.fake_documents.texts())
    group = stage.app.settings.face_group
    assert stage.app.documents.get(TEMPLATES, f"_remote.{group}", remote) is None
    assert stage.app.documents.count(Query(TEMPLATES, person)) == 0


def test_an_erasure_waits_for_the_service_and_goes_on_when_it_is_back(server: FaceServer, stage: Stage) -> None:
    person = known(stage, "ada")
    server.trouble("DeleteLargePersonGroupPerson", Trouble(403, "PermissionDenied"))
    with pytest.raises(Unavailable):
        stage.app.erase.person(None, person, WHY)
    assert stage.app.people.require(person).status is Status.ERASING and len(server.service.persons()) == 1
    server.forgive()
    assert stage.app.erase.resume() == 1
    assert server.service.persons() == []


def test_an_erasure_finds_a_person_whose_making_was_never_answered(server: FaceServer, stage: Stage) -> None:
    person = stage.enrol("ada").id
    server.trouble("CreateLargePersonGroupPerson", Trouble(0, done=True))
    with pytest.raises(Unavailable):
        stage.app.recognition.enrol(person, faces("ada"))
    stage.app.fake_clock.advance(6)
    assert stage.app.erase.person(None, person, WHY).done
    assert server.service.persons() == []


def test_an_erasure_finds_even_a_second_copy_that_came_to_be_unseen(server: FaceServer, stage: Stage) -> None:
    person = stage.enrol("ada").id
    server.trouble("CreateLargePersonGroupPerson", Trouble(0, done=True))
    with pytest.raises(Unavailable):
        stage.app.recognition.enrol(person, faces("ada"))
    stage.app.fake_clock.advance(6)
    server.trouble("GetLargePersonGroupPersons", Trouble(200, body=b"[]"))  # as if it were done only later
    stage.app.recognition.enrol(person, faces("ada"))
    assert len(server.service.persons()) == 2
    assert stage.app.erase.person(None, person, WHY).done
    assert server.service.persons() == []


def test_an_erasure_is_not_finished_while_a_copy_lies_at_a_service_that_is_not_set_up_any_more(
    server: FaceServer, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    person = known(stage, "ada")
    later = Stage.__new__(Stage)
    later.app = StageApp()
    later.app.__dict__["documents"] = stage.app.fake_documents
    with pytest.raises(Unavailable):
        later.app.erase.person(None, person, WHY)
    assert "a copy is left at the face service" in caplog.text
    assert len(server.service.persons()) == 1
