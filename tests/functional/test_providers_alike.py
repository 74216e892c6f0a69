"""The same faces, real pictures and the real engine, under either face provider: who is let in must not differ."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import pytest

from devhost.demo.people import ADA, BEN, STRANGER, Customer
from shared.domain.session import Factor, State
from shared.services.enrolment.from_files import Applicant
from tests.contract.azure_face.eyes import EngineEyes
from tests.contract.azure_face.server import KEY, playing
from tests.functional.engine_files import models_folder
from tests.stage import Stage, StageApp


@pytest.fixture(scope="module", params=["embedded", "azure"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    azure = request.param == "azure"
    with playing(EngineEyes(models_folder())) if azure else nullcontext() as server:
        outside = {"face_endpoint": server.url, "face_key": KEY, "face_timeout_seconds": 20} if server else {}
        app = StageApp(face_provider=request.param, models_path=str(models_folder()), **outside)
        for scripted in ("face_engine", "gallery"):
            del app.__dict__[scripted]
        stage = Stage(app)
        for person in (ADA, BEN):
            enrol(app, person)
        yield stage
        if server:
            assert server.violations == []
            assert server.count("IdentifyFromLargePersonGroup") > 0 and server.count("VerifyFromLargePersonGroup") > 0


def enrol(app: StageApp, person: Customer) -> None:
    applicant = Applicant(
        name=person.name,
        given_name=person.given_name,
        phone=person.phone,
        language="en",
        consent_version="1",
        assurance="staff",
    )
    app.enrol.by_staff(applicant, person.enrolment_photos(), [f"voice:{person.given_name};digits:1".encode()])


def show(stage: Stage, pictures: Sequence[bytes]) -> None:
    """Each picture a frame, analysed as it comes."""
    for picture in pictures:
        stage.app.fake_clock.advance(0.4)
        seq, _ = stage.app.visit.frame(stage.now(), picture)
        stage.app.inline_frame(stage.now(), seq, picture)


@pytest.mark.parametrize("person", [ADA, BEN], ids=["ada", "ben"])
def test_each_customer_is_recognised_as_who_they_are(stage: Stage, person: Customer) -> None:
    stage.begin()
    show(stage, person.frames())
    assert stage.state is State.PIN
    assert stage.now().person == stage.app.people.by_phone(person.phone)
    stage.app.visit.leave(stage.stored())


def test_a_stranger_is_nobody_and_claiming_a_number_does_not_help(stage: Stage) -> None:
    frames = [*STRANGER.frames(), *STRANGER.frames()][:5]
    stage.begin()
    show(stage, frames)
    states = [stage.state]
    stage.app.visit.claim(stage.stored(), BEN.phone)
    show(stage, frames)
    assert [*states, stage.state] == [State.UNKNOWN, State.UNKNOWN]
    stage.app.visit.leave(stage.stored())


def test_another_face_after_the_first_clears_what_was_proven(stage: Stage) -> None:
    stage.begin()
    show(stage, ADA.frames())
    passed = [stage.now().passed(Factor.FACE)]
    show(stage, STRANGER.frames())
    assert [*passed, stage.now().passed(Factor.FACE)] == [True, False]
    stage.app.visit.leave(stage.stored())
