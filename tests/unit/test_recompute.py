"""Another recogniser: everybody's templates made anew from the pictures they came from."""

from dataclasses import replace

import pytest

from shared.domain.errors import Unavailable
from shared.domain.face import FaceAnalysis
from shared.services.enrolment.from_files import Applicant
from shared.services.people.registry import Status
from shared.services.people.templates import Kind, Origin, Template
from tests.stage import MODEL, ScriptedFaceEngine, ScriptedGallery, Stage
from tests.unit import test_enrolment_story as registering

NEW = "scripted-2"
DAY = 24 * 3600


class NewEyes(ScriptedFaceEngine):
    """Another model: what it says of a face is something else."""

    model = NEW

    def analyse(self, image: bytes) -> FaceAnalysis:
        seen = super().analyse(image)
        return replace(seen, model=NEW, embedding=seen.embedding and b"2" + seen.embedding)


class NewGallery(ScriptedGallery):
    model = NEW


class Bank(Stage):
    """Eve has registered at the kiosk, Ada was enrolled from photographs that nobody kept."""

    def __init__(self) -> None:
        super().__init__()
        self.enrol("ada")
        registering.ask(self)
        registering.fill_in(self)
        registering.pose(self)
        registering.prove_phone(self)
        registering.read_phrases(self)
        self.eve = str(self.now().person)
        self.app.visit.leave(self.stored())

    def change_model(self) -> None:
        """As after a deployment: the same stores, other engines, and everything made of them anew."""
        for name in ("feed", "analyses", "identify", "recompute", "recognition", "learning", "enrolment_commit"):
            self.app.__dict__.pop(name, None)
        for name in ("progress", "verify_voice", "handling", "watch", "enrolment", "views", "teller"):
            self.app.__dict__.pop(name, None)
        self.app.__dict__ |= {"face_engine": NewEyes(), "gallery": NewGallery()}

    def faces(self, model: str) -> list[Template]:
        return self.app.templates.of(self.eve, Kind.FACE, model)

    def known(self) -> set[str]:
        self.app.fake_clock.advance(2)
        self.app.feed.refresh(self.app.gallery)
        return set(self.app.gallery.names())


@pytest.fixture
def bank() -> Bank:
    return Bank()


def test_nobody_is_known_to_a_new_model_until_the_templates_are_made_anew(bank: Bank) -> None:
    bank.change_model()
    assert bank.known() == set()
    done = bank.app.recompute.run(100)
    assert (done.made, done.lost, done.complete) == (len(bank.faces(MODEL)), 1, True)
    assert bank.known() == {bank.eve}
    made = bank.faces(NEW)
    assert [t.embedding for t in made] == [b"2eve"] * len(made)
    assert [(t.source, t.origin) for t in made] == [(t.source, t.origin) for t in bank.faces(MODEL)]


def test_whom_staff_enrolled_from_photographs_is_known_to_the_new_model_too(bank: Bank) -> None:
    bo = Applicant(
        name="Bo Lind", given_name="Bo", phone="+12025550171", language="en", consent_version="1", assurance="staff"
    )
    enrolled = bank.app.enrol.by_staff(bo, [b"bo", b"bo"], [b"voice:bo;digits:1"])
    bank.change_model()
    assert bank.app.recompute.run(100).complete
    assert enrolled.id in bank.known()


def test_the_old_ones_stay_a_day_for_whoever_still_runs_the_model_before(bank: Bank) -> None:
    old = len(bank.faces(MODEL))
    bank.change_model()
    bank.app.recompute.run(100)
    assert len(bank.faces(MODEL)) == old
    bank.app.fake_clock.advance(DAY)
    assert bank.app.recompute.run(100).removed == old
    assert bank.faces(MODEL) == [] and len(bank.faces(NEW)) == old


def test_a_run_stops_at_its_limit_and_the_next_one_goes_on(bank: Bank) -> None:
    bank.change_model()
    runs = [bank.app.recompute.run(1) for _ in range(3)]
    assert [(r.made, r.complete) for r in runs] == [(1, False)] * 3
    while not bank.app.recompute.run(1).complete:
        pass
    assert len(bank.faces(NEW)) == len(bank.faces(MODEL))


def test_with_nothing_to_do_it_rests_for_a_day(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bank.app.recompute.run(100).made == 0
    monkeypatch.setattr(bank.app.recompute, "_old", lambda: pytest.fail("it looked again"))
    bank.app.fake_clock.advance(DAY - 60)
    assert bank.app.recompute.run(100).complete


def test_a_picture_that_is_gone_is_counted_and_stops_nobody_else(bank: Bank) -> None:
    first = bank.faces(MODEL)[0]
    assert first.source is not None
    bank.app.fake_media.delete("recordings", first.source)
    bank.change_model()
    done = bank.app.recompute.run(100)
    assert (done.made, done.lost) == (len(bank.faces(MODEL)) - 1, 2)


def test_an_engine_that_fails_leaves_it_for_the_next_run(bank: Bank) -> None:
    bank.change_model()
    bank.app.face_engine.broken = True  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        bank.app.recompute.run(100)
    bank.app.face_engine.broken = False  # type: ignore[attr-defined]
    assert bank.app.recompute.run(100).made == len(bank.faces(MODEL))


def test_nobody_who_is_being_erased_gets_a_new_template(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    bank.change_model()
    person = bank.app.people.require(bank.eve)
    add = bank.app.templates.add

    def erased_meanwhile(*args: object, **more: object) -> str:
        current = bank.app.people.require(bank.eve)
        if current.status is not Status.ERASING:
            bank.app.people.save(replace(current, status=Status.ERASING))
        return add(*args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(bank.app.templates, "add", erased_meanwhile)
        bank.app.recompute.run(100)
    assert bank.faces(NEW) == []
    assert bank.app.recompute.run(100).made == 0
    assert person.id == bank.eve and bank.faces(MODEL)[0].origin is Origin.ENROLMENT
