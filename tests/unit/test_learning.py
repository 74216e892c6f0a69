"""The machine goes on learning its customers' faces, and is never led from one person to another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from functions import http, kiosks, operators, people
from shared.domain.errors import Unavailable
from shared.domain.face import Embedding, FaceAnalysis
from shared.domain.match import MatchKind, decide
from shared.domain.session import State
from shared.engines.gallery import MatrixGallery
from shared.services.people.registry import Status
from shared.services.people.templates import Kind, Origin, Template
from tests.desk import Desk
from tests.stage import MODEL, ScriptedFaceEngine, Stage, StageApp

WHY = {"reason": "Learned from the wrong visit", "case": "INC-3"}
DIMENSIONS = 128
VISITS = 50


type Vector = NDArray[np.float64]


def unit(vector: Vector) -> Vector:
    scaled: Vector = vector / np.linalg.norm(vector)
    return scaled


class Faces:
    """`ada` and `bob`, whose likeness is `cosine`; `mix-20` lies 20 fiftieths of the way, `ada-3` is her, turned."""

    def __init__(self, cosine: float = 0.115) -> None:
        random = np.random.default_rng(4)
        self.ada = unit(random.standard_normal(DIMENSIONS))
        across = random.standard_normal(DIMENSIONS)
        self.across = unit(across - (across @ self.ada) * self.ada)
        self.angle = float(np.arccos(cosine))

    def of(self, name: str) -> Embedding:
        who, _, number = name.partition("-")
        way = {"ada": 0.0, "bob": 1.0, "mix": float(number or 0) / VISITS}.get(who)
        if way is None:  # anybody else
            vector = unit(np.random.default_rng(sum(name.encode())).standard_normal(DIMENSIONS))
        else:
            vector = np.cos(way * self.angle) * self.ada + np.sin(way * self.angle) * self.across
            if who == "ada" and number:  # another pose of hers: cosine 0.85 with the middle
                aside = np.random.default_rng(int(number)).standard_normal(DIMENSIONS)
                vector = 0.85 * vector + np.sqrt(1 - 0.85**2) * unit(aside - (aside @ vector) * vector)
        packed: bytes = vector.astype("<f4").tobytes()
        return packed


class VectorEyes(ScriptedFaceEngine):
    """Sees vectors, where the scripted engine sees names."""

    def __init__(self, faces: Faces) -> None:
        super().__init__()
        self.faces = faces

    def analyse(self, image: bytes) -> FaceAnalysis:
        seen = super().analyse(image)
        return replace(seen, embedding=self.faces.of(seen.embedding.decode()) if seen.embedding else None)

    def similarity(self, a: Embedding, b: Embedding) -> float:
        return float(np.frombuffer(a, "<f4") @ np.frombuffer(b, "<f4"))


class Branch:
    """A kiosk whose machine sees vectors."""

    def __init__(self, app: StageApp | None = None, *, likeness: float = 0.115, lift: float | None = None) -> None:
        app = app or StageApp()
        self.faces = Faces(likeness)
        lift = app.settings.face.learn_lift if lift is None else lift
        app.__dict__ |= {"face_engine": VectorEyes(self.faces), "gallery": MatrixGallery(MODEL, lift)}
        self.app, self.stage = app, Stage(app)

    def enrol(self, name: str, phone: str, templates: Sequence[str]) -> None:
        self.app.people.create(
            f"p{name}",
            name=name.title(),
            given_name=name.title(),
            phone=phone,
            status=Status.ACTIVE,
            language="en",
            consent_version="1",
            assurance="staff",
        )
        now = self.app.clock.now()
        for template in templates:
            self.app.templates.add(f"p{name}", Kind.FACE, MODEL, self.faces.of(template), at=now)
        self.app.templates.add(f"p{name}", Kind.VOICE, MODEL, b"ada", at=now)
        self.app.feed.announce(f"p{name}")

    def visit(self, face: str) -> bool:
        """A visit as Ada, whose code and voice the visitor has; whether it was granted."""
        stage = self.stage
        stage.begin()
        stage.show(face, face, face, face)
        granted = False
        if stage.state is State.PIN and stage.now().person == "pada":
            assert stage.type_pin(stage.code())
            stage.show(face)
            stage.say("ada")
            granted = stage.now().assurance is not None
        stage.app.visit.leave(stage.stored())
        return granted

    def later(self, days: float) -> None:
        self.app.fake_clock.advance(days * 86_400)

    def templates(self, origin: Origin) -> list[Template]:
        return [t for t in self.app.templates.of("pada", Kind.FACE) if t.origin is origin]

    @property
    def learned(self) -> list[Template]:
        return self.templates(Origin.LEARNED)

    def taken_for(self, face: str) -> str | None:
        """Whom the machine would accept this face as."""
        self.later(0.001)
        self.app.feed.refresh(self.app.gallery)
        gallery = self.app.gallery
        decision = decide(gallery.match(self.faces.of(face)), gallery.people(), self.app.match_rule)
        return decision.person if decision.kind is MatchKind.ACCEPTED else None


@pytest.fixture
def branch() -> Branch:
    branch = Branch()
    branch.enrol("ada", "+12025550142", ["ada-1", "ada-2", "ada-3"])
    return branch


def test_a_face_is_learned_after_a_full_grant(branch: Branch) -> None:
    assert branch.visit("ada")
    (learned,) = branch.learned
    assert learned.embedding == branch.faces.of("ada")
    assert learned.source is not None and learned.source.endswith(".jpg")
    assert branch.app.people.require("pada").learned_at is not None


def test_and_every_gallery_has_it_two_seconds_later(branch: Branch) -> None:
    branch.visit("ada")
    before = branch.app.gallery.verify("pada", branch.faces.of("ada"))
    branch.taken_for("ada")
    after = branch.app.gallery.verify("pada", branch.faces.of("ada"))
    assert before == pytest.approx(0.85, abs=0.01)
    assert after == pytest.approx(0.85 + branch.app.settings.face.learn_lift, abs=0.01)


def test_at_most_one_in_thirty_days_and_five_in_all_of_which_the_oldest_goes(branch: Branch) -> None:
    branch.visit("ada")
    branch.later(29)
    branch.visit("ada")
    assert len(branch.learned) == 1
    seen = []
    for _ in range(8):
        branch.later(31)
        assert branch.visit("ada")
        seen.append(branch.learned[-1].id)
    assert [t.id for t in branch.learned] == seen[-5:]
    assert len(branch.templates(Origin.ENROLMENT)) == 3


def test_one_enrolment_template_is_not_enough_to_learn_by() -> None:
    branch = Branch()
    branch.enrol("ada", "+12025550142", ["ada-1"])
    assert branch.visit("ada")
    assert branch.learned == []


def test_nothing_is_learned_where_anybody_else_is_near() -> None:
    """Ben is no twin, but nearer than twice the margin."""
    branch = Branch(likeness=0.7)
    branch.enrol("ada", "+12025550142", ["ada-1", "ada-2"])
    branch.enrol("bob", "+12025550143", ["bob"])
    assert branch.visit("ada")
    assert branch.learned == []


def test_nothing_is_learned_from_a_visit_that_staff_vouched_for_or_that_failed(branch: Branch) -> None:
    stage = branch.stage
    stage.begin()
    stage.show(*["ada"] * 4)
    assert stage.type_pin(stage.code())
    stage.show("ada")
    stage.say("zoe")
    assert stage.state is State.VOICE
    assert branch.learned == []
    before = stage.now()
    assisted = replace(before, state=State.GRANTED, assurance="assisted")  # type: ignore[arg-type]
    assert not branch.app.learning.after(before, assisted)
    enrolling = replace(before, state=State.ENROLLING)
    assert not branch.app.learning.after(enrolling, replace(before, state=State.GRANTED))
    assert branch.learned == []


def test_a_late_a_repeated_or_a_doubled_event_learns_once(branch: Branch) -> None:
    stage, app = branch.stage, branch.app
    stage.begin()
    stage.show(*["ada"] * 4)
    assert stage.type_pin(stage.code())
    stage.show("ada")
    before = stage.now()
    stage.say("ada")
    after = stage.now()
    assert after.state is State.GRANTED and len(branch.learned) == 1
    for _ in range(3):
        assert not app.learning.after(before, after)
    names = [blob.name for blob in app.fake_media.list("recordings")]
    for name in reversed(names):  # every event once more, in the wrong order
        app.identify.frame(name)
        app.verify_voice.clip(name)
    assert len(branch.learned) == 1
    app.people.save(replace(app.people.require("pada"), learned_at=None))  # as after a crash in between
    assert not app.learning.after(before, after)
    assert len(branch.learned) == 1


def test_a_store_that_fails_costs_the_learning_and_not_the_grant(
    branch: Branch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: object, **more: object) -> None:
        raise Unavailable("documents")

    monkeypatch.setattr(branch.app.people, "save", fails)
    assert branch.visit("ada")
    assert branch.learned == []


@pytest.mark.parametrize("bob_is_a_customer", [False, True])
@pytest.mark.parametrize("likeness", [0.0, 0.115, 0.3])
def test_fifty_visits_that_change_one_face_into_another_never_let_the_other_in(
    bob_is_a_customer: bool, likeness: float
) -> None:
    branch = Branch(likeness=likeness)
    branch.enrol("ada", "+12025550142", ["ada-1", "ada-2", "ada-3"])
    if bob_is_a_customer:
        branch.enrol("bob", "+12025550143", ["bob"])
    granted = []
    for number in range(VISITS + 1):
        branch.later(31)
        granted.append(branch.visit(f"mix-{number}"))
        assert branch.taken_for("bob") == ("pbob" if bob_is_a_customer else None)
        assert branch.taken_for("ada") == "pada"
    assert granted[0] and not granted[-1]
    assert branch.learned  # or it would say nothing
    assert len(branch.templates(Origin.ENROLMENT)) == 3


def test_without_the_bound_on_what_learned_templates_may_lift_he_would_get_in() -> None:
    """What the bound is for: the same fifty visits, and every learned template counts like an enrolled one."""
    branch = Branch(lift=2.0)
    branch.enrol("ada", "+12025550142", ["ada-1", "ada-2", "ada-3"])
    for number in range(VISITS + 1):
        branch.later(31)
        branch.visit(f"mix-{number}")
    assert branch.taken_for("bob") == "pada"


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, http, operators, kiosks, people)


def learned_at_the(desk: Desk) -> str:
    now = desk.app.clock.now()
    desk.stage.enrol("ada")
    desk.app.templates.add("pada", Kind.FACE, MODEL, b"ada", at=now, origin=Origin.LEARNED, id="learned.one")
    desk.app.people.save(replace(desk.app.people.require("pada"), learned_at=now))
    return "learned.one"


def test_staff_see_what_was_learned_and_undo_it(desk: Desk) -> None:
    template = learned_at_the(desk)
    _, one = desk.call(people.one, "otto", method="GET", id="pada")
    assert [t["id"] for t in one["learned"]] == [template]
    assert one["templates"] == {"face": 2, "learned": 1, "voice": 1}
    head = desk.app.gallery_log.head()
    assert desk.code(people.unlearn, "otto", body={}, id="pada", template=template) == (400, "reason_needed")
    assert desk.call(people.unlearn, "otto", body=WHY, id="pada", template=template)[0] == 200
    assert [t.origin for t in desk.app.templates.of("pada", Kind.FACE)] == [Origin.ENROLMENT]
    assert desk.app.gallery_log.head() == head + 1
    (entry,) = desk.audited("learned_undone")
    assert (entry["operator"], entry["subjects"], entry["facts"]) == (
        "otto",
        {"person": "pada"},
        {"template": template},
    )
    assert desk.code(people.unlearn, "otto", body=WHY, id="pada", template=template) == (404, "not_found")


def test_what_was_enrolled_is_not_undone_so_nor_ones_own(desk: Desk) -> None:
    template = learned_at_the(desk)
    enrolled = next(t.id for t in desk.app.templates.of("pada", Kind.FACE) if t.origin is Origin.ENROLMENT)
    assert desk.code(people.unlearn, "otto", body=WHY, id="pada", template=enrolled) == (404, "not_found")
    desk.app.people.save(replace(desk.app.people.require("pada"), operator="otto"))
    assert desk.code(people.unlearn, "otto", body=WHY, id="pada", template=template) == (403, "own_matter")
    assert desk.code(people.unlearn, "vera", body=WHY, id="pada", template=template) == (403, "forbidden")


def test_what_was_undone_is_not_learned_again_the_next_day(branch: Branch) -> None:
    branch.visit("ada")
    (learned,) = branch.learned
    branch.app.templates.remove("pada", learned.id)
    branch.later(1)
    assert branch.visit("ada")
    assert branch.learned == []
