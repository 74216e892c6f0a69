"""Whatever happens in front of the camera: who is accepted, who counts as present, held against what truly happened."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.domain import frames as fold
from shared.domain.events import Presence
from shared.domain.frames import FrameFact, Outcome
from shared.domain.policy import Policy
from tests.unit.frame_films import ANN, LETTERS, Shot, film, shots

POLICY = Policy()
SCRIPTS = st.text(alphabet=LETTERS, max_size=12) | st.text(alphabet="AAABa~-_", max_size=10)
STEPS = st.sampled_from([0.1, 0.4, 1.0, 1.9, 2.0, 2.1, 3.0, 3.1])
LATER = st.sampled_from([-4.0, -1.0, 0.0, 0.5, 2.0, 3.0, 3.1, 60.0])


def between(taken: list[Shot], first: Shot, last: Shot) -> list[Shot]:
    return [shot for shot in taken if first.seq < shot.seq < last.seq]


def one_track(taken: list[Shot], first: Shot, last: Shot) -> bool:
    """Both show the same face, and so does every face between them; nothing is missing, and no gap is too long."""
    faces = [first, *(s for s in between(taken, first, last) if s.who is not None), last]
    steady = all(s.recognisable and s.who == first.who for s in faces)
    complete = all(s.letter != "_" for s in between(taken, first, last))
    return steady and complete and all(b.at - a.at <= POLICY.presence_age for a, b in pairwise(faces))


def may_accept(taken: list[Shot], last: Shot) -> bool:
    """Two good frames of one registered person in one track, near enough, undisturbed; the second is `last`."""
    return any(
        first.seq < last.seq
        and first.letter in "ABc"
        and last.letter in "ABc"
        and one_track(taken, first, last)
        and last.at - first.at <= POLICY.frame_gap
        and not any(s.letter in "abx2MY" for s in between(taken, first, last))
        for first in taken
    )


@given(script=SCRIPTS, step=STEPS)
@example(script="AA", step=2.0)
def test_whoever_is_accepted_was_there_twice_in_a_row_alone_and_live(script: str, step: float) -> None:
    verdict = fold.identify(film(script, step=step), POLICY)
    if verdict.outcome is Outcome.ACCEPTED:
        taken = shots(script, step)
        last = next(s for s in taken if s.seq == verdict.seq)
        assert last.who == verdict.person
        assert may_accept(taken, last)


@given(script=SCRIPTS, step=STEPS)
def test_whoever_was_there_twice_in_a_row_is_not_overlooked(script: str, step: float) -> None:
    taken = shots(script, step)
    verdict = fold.identify(film(script, step=step), POLICY)
    due = min((s.seq for s in taken if may_accept(taken, s)), default=None)
    if due is not None:
        assert verdict.outcome is not Outcome.WAIT
        assert verdict.seq <= due


@given(script=SCRIPTS, watching=st.sampled_from([None, ANN]), random=st.randoms(use_true_random=False), later=LATER)
def test_the_order_of_arrival_does_not_matter(script: str, watching: str | None, random: object, later: float) -> None:
    facts = film(script, watching=watching)
    assume(facts)
    at = facts[-1].at + timedelta(seconds=later)
    shuffled = list(facts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    def verdicts(frames: list[FrameFact]) -> object:
        return (
            fold.identify(frames, POLICY),
            fold.presence(frames, ANN, at, POLICY),
            fold.different_face(frames, ANN),
            fold.last_shown(frames, ANN),
        )

    assert verdicts(shuffled) == verdicts(facts)


@given(script=SCRIPTS, missing=st.sets(st.integers(1, 12), max_size=4))
def test_a_late_frame_never_unsays_what_was_accepted_without_it(script: str, missing: set[int]) -> None:
    """Unless the late ones bring a verdict of their own before."""
    everything = film(script)
    early = fold.identify([f for f in everything if f.seq not in missing], POLICY)
    if early.outcome is Outcome.ACCEPTED:
        complete = fold.identify(everything, POLICY)
        assert complete == early or (complete.outcome is not Outcome.WAIT and complete.seq < early.seq)


TURNS = (("A", "A~", "A-", "Aa"), ("B", "Ba", "B?"), ("X", "Xx", "X!"))


@given(steps=st.lists(st.tuples(st.sampled_from([1, 2]), st.integers(0, 11)), max_size=12))
def test_people_taking_turns_are_never_accepted(steps: list[tuple[int, int]]) -> None:
    """Each turn is another person's than the one before, with one good frame and perhaps a poor one."""
    who, script = 0, ""
    for on, style in steps:
        who = (who + on) % len(TURNS)
        script += TURNS[who][style % len(TURNS[who])]
    assert fold.identify(film(script), POLICY).outcome is not Outcome.ACCEPTED


@given(bad=st.lists(st.sampled_from("abx~?2u-_!"), max_size=9), place=st.integers(0, 9))
def test_one_good_frame_accepts_nobody(bad: list[str], place: int) -> None:
    script = "".join([*bad[:place], "A", *bad[place:]])
    assert fold.identify(film(script), POLICY).outcome in {Outcome.WAIT, Outcome.DOUBTED}


@given(script=SCRIPTS, step=st.floats(2.001, 60))
def test_frames_more_than_two_seconds_apart_accept_nobody(script: str, step: float) -> None:
    assert fold.identify(film(script, step=step), POLICY).outcome is not Outcome.ACCEPTED


@given(script=st.text(alphabet="Xx", max_size=12))
def test_photographs_are_no_step_to_unknown(script: str) -> None:
    verdict = fold.identify(film(script), POLICY)
    strangers = [s.seq for s in shots(script) if s.letter == "X"]
    photographs = [s.seq for s in shots(script) if s.letter == "x"]
    fifth = strangers[4] if len(strangers) >= 5 else 99
    third = photographs[2] if len(photographs) >= 3 else 99
    expected = Outcome.UNKNOWN if fifth < third else Outcome.DOUBTED
    assert verdict.outcome is (Outcome.WAIT if fifth == third else expected)


@given(script=SCRIPTS, step=STEPS, later=LATER)
def test_whoever_counts_as_present_truly_is(script: str, step: float, later: float) -> None:
    """The last good frame shows Ann, is young, and continues a track that shows her; nobody else was seen since."""
    facts = film(script, watching=ANN, step=step)
    assume(facts)
    at = facts[-1].at + timedelta(seconds=later)
    if fold.presence(facts, ANN, at, POLICY) is Presence.OK:
        taken = shots(script, step)
        anns = [s for s in taken if s.letter in "Ac"]
        last = anns[-1]
        assert abs(at - last.at) <= POLICY.presence_age
        assert any(one_track(taken, first, last) for first in anns[:-1])
        assert not any(s.letter in "BXbxY2" for s in taken if s.seq > last.seq)


@given(script=SCRIPTS, step=STEPS, later=LATER)
def test_nobody_but_ann_is_ever_present(script: str, step: float, later: float) -> None:
    facts = film(script, watching=ANN, step=step)
    assume(facts)
    assert fold.presence(facts, "ben", facts[-1].at + timedelta(seconds=later), POLICY) is not Presence.OK


@given(script=st.text(alphabet="AaB~-2", max_size=10), step=STEPS, later=LATER)
def test_a_child_behind_changes_nothing(script: str, step: float, later: float) -> None:
    """A child stands behind Ann whenever she is well seen."""
    for watching in (None, ANN):
        alone = film(script, watching=watching, step=step)
        assume(alone)
        behind = film(script.replace("A", "c"), watching=watching, step=step)
        at = alone[-1].at + timedelta(seconds=later)
        assert fold.identify(alone, POLICY) == fold.identify(behind, POLICY)
        assert fold.presence(alone, ANN, at, POLICY) is fold.presence(behind, ANN, at, POLICY)
        assert fold.different_face(behind, ANN) == fold.different_face(alone, ANN)


@given(script=SCRIPTS, step=STEPS)
def test_a_second_near_face_always_pauses(script: str, step: float) -> None:
    facts = film(script + "2", watching=ANN, step=step)
    assert fold.presence(facts, ANN, facts[-1].at, POLICY) is Presence.ALONE


@given(script=SCRIPTS, step=STEPS)
def test_somebody_else_in_anns_place_is_noticed_and_never_present(script: str, step: float) -> None:
    facts = film(script + "B", watching=ANN, step=step)
    assert fold.different_face(facts, ANN) is not None
    assert fold.presence(facts, ANN, facts[-1].at, POLICY) is Presence.LOOK
