"""The gallery finds exactly whom a plain comparison with every template finds, whatever changed before."""

import threading

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from shared.domain.errors import BadRequest
from shared.domain.face import Embedding
from shared.domain.match import Candidate
from shared.engines.gallery import MatrixGallery
from shared.engines.template_matrix import BLOCK, TemplateMatrix, Vectors

DIMENSIONS = 16


def vectors(count: int, seed: int = 0, dimensions: int = DIMENSIONS) -> Vectors:
    drawn = np.random.default_rng(seed).standard_normal((count, dimensions))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


def template(seed: int) -> Embedding:
    one: bytes = vectors(1, seed)[0].tobytes()
    return one


type Own = tuple[list[Embedding], list[Embedding]]
"""Enrolled and learned templates."""
LIFT = 0.05


def by_hand(templates: dict[str, Own], probe: Embedding) -> list[tuple[str, float]]:
    """The score of each person, best first: the learned templates lift the enrolled ones' only so far."""
    wanted = np.frombuffer(probe, "<f4")

    def best(own: list[Embedding]) -> float:
        return max((float(np.frombuffer(t, "<f4") @ wanted) for t in own), default=-1.0)

    scores = {p: max(best(e), min(best(le), best(e) + LIFT)) for p, (e, le) in templates.items() if e or le}
    return sorted(scores.items(), key=lambda item: -item[1])


def agrees(found: tuple[Candidate, ...], expected: list[tuple[str, float]]) -> bool:
    same_scores = [c.score for c in found] == pytest.approx([score for _, score in expected], abs=2e-6)
    return same_scores and len({c.person for c in found}) == len(found)


class AnyHistory(RuleBasedStateMachine):
    """Any sequence of changes, checked against a plain dictionary after each."""

    people = st.sampled_from(["anna", "ben", "cleo", "dora", "emil"])
    templates = st.integers(0, 40).map(template)

    def __init__(self) -> None:
        super().__init__()
        self.gallery = MatrixGallery("m", LIFT)
        self.model: dict[str, Own] = {}

    @rule(person=people, one=templates)
    def add(self, person: str, one: Embedding) -> None:
        self.gallery.add(person, one)
        self.model.setdefault(person, ([], []))[0].append(one)

    @rule(person=people, several=st.lists(templates, max_size=4), learned=st.lists(templates, max_size=3))
    def replace(self, person: str, several: list[Embedding], learned: list[Embedding]) -> None:
        self.gallery.replace(person, several, learned)
        self.model[person] = [*several], [*learned]

    @rule(person=people)
    def remove(self, person: str) -> None:
        self.gallery.remove(person)
        self.model.pop(person, None)

    @rule()
    def load_what_is_there(self) -> None:
        rows = [
            (person, one, learned) for person, own in self.model.items() for learned in (0, 1) for one in own[learned]
        ]
        flags = {i for i, (_, _, learned) in enumerate(rows) if learned}
        self.gallery.load(
            "m", [person for person, _, _ in rows], np.array([np.frombuffer(one, "<f4") for _, one, _ in rows]), flags
        )

    @invariant()
    def finds_what_a_plain_comparison_finds(self) -> None:
        probe = template(99)
        expected = by_hand(self.model, probe)
        assert self.gallery.people() == len(expected)
        assert self.gallery.names() == dict(expected).keys()
        assert agrees(self.gallery.match(probe, top=3), expected[:3])
        for person, own in self.model.items():
            score = self.gallery.verify(person, probe)
            assert score == (pytest.approx(dict(expected)[person], abs=2e-6) if any(own) else None)


AnyHistory.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_any_history_of_changes_leaves_an_exact_gallery = AnyHistory.TestCase


def test_many_learned_templates_hide_nobody_whose_enrolled_ones_are_better() -> None:
    """Ten people whose learned templates are the face itself count less than the eleventh, who is enrolled near it."""
    probe, other = np.eye(DIMENSIONS, dtype=np.float32)[:2]
    gallery = MatrixGallery("m", LIFT)
    for number in range(10):
        gallery.replace(f"learned-{number}", [other.tobytes()], [probe.tobytes()] * 3)
    near = (0.6 * probe + 0.8 * other).astype(np.float32)
    gallery.replace("enrolled", [near.tobytes()])
    best, *others = gallery.match(probe.tobytes())
    assert best.person == "enrolled" and best.score == pytest.approx(0.6)
    assert [c.score for c in others] == pytest.approx([LIFT] * 4)


def test_an_empty_gallery_knows_nobody() -> None:
    gallery = MatrixGallery("m")
    assert gallery.match(template(1)) == ()
    assert gallery.verify("anna", template(1)) is None
    assert gallery.people() == 0


def test_several_templates_of_one_person_take_one_place_in_the_answer() -> None:
    gallery = MatrixGallery("m")
    for _ in range(30):
        gallery.add("anna", template(1))
    gallery.add("ben", template(31))
    assert {candidate.person for candidate in gallery.match(template(1), top=2)} == {"anna", "ben"}


@pytest.mark.parametrize("count", [1, 63, 64, 65, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 7])
def test_the_best_are_found_wherever_they_stand(count: int) -> None:
    rows, probe = vectors(count, 3), vectors(1, 4)[0]
    matrix = TemplateMatrix(DIMENSIONS)
    matrix.fill(rows)
    slots, scores = matrix.best(probe, 7)
    expected = np.sort(rows @ probe)[::-1][:7]
    np.testing.assert_allclose(scores, expected, atol=2e-6)
    np.testing.assert_allclose(rows[slots] @ probe, scores, atol=2e-6)


def test_a_gallery_of_people_all_unlike_the_face_still_names_the_least_unlike() -> None:
    probe = vectors(1, 4)[0]
    gallery = MatrixGallery("m")
    gallery.add("opposite", (-probe).tobytes())
    assert agrees(gallery.match(probe.tobytes()), [("opposite", -1.0)])


def test_growing_over_a_block_keeps_every_template() -> None:
    matrix = TemplateMatrix(DIMENSIONS)
    rows = vectors(2 * BLOCK + 3, 5)
    for row in rows:
        matrix.append(row)
    np.testing.assert_allclose(matrix.scores(rows[0])[: len(rows)], rows @ rows[0], atol=2e-6)


def test_searches_beside_changes_never_see_a_half_written_template_or_a_wrong_owner() -> None:
    """Each person's templates are one vector of their own: a score near 1 for anybody else would be a mix-up."""
    gallery = MatrixGallery("m")
    rows = np.eye(DIMENSIONS, dtype=np.float32)
    names = [f"person-{i}" for i in range(DIMENSIONS)]
    gallery.load("m", names * 40, np.tile(rows, (40, 1)))
    wrong: list[str] = []
    done = threading.Event()

    def search(index: int) -> None:
        while not done.is_set():
            for candidate in gallery.match(rows[index].tobytes(), top=3):
                expected = 1.0 if candidate.person == names[index] else 0.0
                if candidate.score != pytest.approx(expected, abs=1e-6):
                    wrong.append(f"{candidate} for {names[index]}")

    readers = [threading.Thread(target=search, args=(index,)) for index in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(400):
        index = turn % DIMENSIONS
        if turn % 3:
            gallery.replace(names[index], [rows[index].tobytes()] * (1 + turn % 5))
        else:
            gallery.remove(names[index])
    done.set()
    for reader in readers:
        reader.join()
    assert not wrong


@pytest.mark.parametrize(
    "bad", [b"", b"abc", np.ones(DIMENSIONS, "<f4").tobytes(), np.full(16, np.nan, "<f4").tobytes()]
)
def test_what_is_no_unit_vector_is_refused_and_changes_nothing(bad: bytes) -> None:
    gallery = MatrixGallery("m")
    gallery.add("anna", template(1))
    for attempt in (
        lambda: gallery.add("ben", bad),
        lambda: gallery.replace("anna", [template(2), bad]),
        lambda: gallery.match(bad),
        lambda: gallery.verify("anna", bad),
    ):
        with pytest.raises(BadRequest):
            attempt()
    assert agrees(gallery.match(template(1)), [("anna", 1.0)])


def test_templates_of_another_model_never_enter() -> None:
    gallery = MatrixGallery("sface")
    gallery.add("anna", template(1))
    other = vectors(1, 1, DIMENSIONS * 2)[0].tobytes()
    for attempt in (
        lambda: gallery.load("arcface", ["ben"], other),
        lambda: gallery.add("ben", other),
        lambda: gallery.replace("anna", [other]),
        lambda: gallery.match(other),
    ):
        with pytest.raises(BadRequest) as refused:
            attempt()
        assert refused.value.code == "wrong_model"
    assert gallery.people() == 1


def test_as_many_vectors_as_names_must_be_loaded() -> None:
    gallery = MatrixGallery("m")
    with pytest.raises(BadRequest):
        gallery.load("m", ["anna", "ben", "cleo"], vectors(2).tobytes())
    with pytest.raises(BadRequest):
        gallery.load("m", [], vectors(1).tobytes())
    with pytest.raises(BadRequest):
        gallery.load("m", ["anna"], b"\x00\x00\x00\x40" * DIMENSIONS)
