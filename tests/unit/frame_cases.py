"""Films and what must be made of them. `tests/mutation` alters the rules and expects one of these to notice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain import frames as fold
from shared.domain.events import Presence
from shared.domain.face import Guidance
from shared.domain.frames import FrameFact, Outcome, Shows, Verdict
from shared.domain.match import MatchKind
from shared.domain.policy import LivenessPolicy, Policy
from tests.unit.frame_films import ANN, BEN, START, film

POLICY = Policy()
PASSIVE = Policy(liveness=LivenessPolicy.PASSIVE)
ONE = Policy(good_frames_to_accept=1)
THREE = Policy(good_frames_to_accept=3)
WAIT = Verdict(Outcome.WAIT)


@dataclass(frozen=True, slots=True)
class Case:
    story: str
    holds: Callable[[], bool]


def _accepted(seq: int, person: str = ANN) -> Verdict:
    return Verdict(Outcome.ACCEPTED, seq, person)


def _identifies(story: str, script: str, verdict: Verdict, *, step: float = 0.4, policy: Policy = POLICY) -> Case:
    return Case(story, lambda: fold.identify(film(script, step=step), policy) == verdict)


def _stands(story: str, script: str, expected: Presence, *, later: float = 0.5, step: float = 1.0) -> Case:
    """Is Ann in front, so many seconds after the last frame?"""
    return Case(story, lambda: presence_after(script, later, step) is expected)


def presence_after(script: str, later: float = 0.5, step: float = 1.0, person: str = ANN) -> Presence:
    facts = film(script, watching=ANN, step=step)
    at = START + timedelta(seconds=step * (len(script.replace(" ", "")) - 1) + later)
    return fold.presence(facts, person, at, POLICY)


UNKNOWN = [
    _identifies("two good frames accept", "AA", _accepted(2)),
    _identifies("one accepts nobody", "A", WAIT),
    _identifies("no frame is nobody", "", WAIT),
    _identifies("an empty scene is nobody", "----------", WAIT),
    _identifies("two of the same, not the first", "BAA", _accepted(3)),
    _identifies("whoever it is", "BB", _accepted(2, BEN)),
    _identifies("two people taking turns are nobody", "ABABABABABABAB", WAIT),
    _identifies("swapping between the accepting frames accepts nobody", "ABA", WAIT),
    _identifies("a photograph between the accepting frames begins them anew", "AaA", WAIT),
    _identifies("and then it takes two", "AaAA", _accepted(4)),
    _identifies("a covered face between them too", "A?A", WAIT),
    _identifies("a blurred one too", "A~A", WAIT),
    _identifies("a second near face too", "A2A", WAIT),
    _identifies("a frame not yet analysed too", "A_A", WAIT),
    _identifies("even with an empty one beside it", "A_-A", WAIT),
    _identifies("once the missing frame is passed, two accept", "A_AA", _accepted(4)),
    _identifies("an empty frame does not", "A-A", _accepted(3)),
    _identifies("an unreadable frame does not", "A!A", _accepted(3)),
    _identifies("a child behind disturbs nobody", "cc", _accepted(2)),
    _identifies("a second near face accepts nobody", "2222222", WAIT),
    _identifies("two seconds apart is near enough", "AA", _accepted(2), step=2.0),
    _identifies("more is not", "AA", WAIT, step=2.001),
    _identifies("slow frames of somebody known end between", "AAAAA", Verdict(Outcome.AMBIGUOUS, 5), step=2.5),
    _identifies("an empty frame in between makes it no nearer", "A-A", WAIT, step=1.5),
    _identifies("five of a stranger are unknown", "XXXXX", Verdict(Outcome.UNKNOWN, 5)),
    _identifies("four are not", "XXXX", WAIT),
    _identifies("one in between thresholds makes it ambiguous", "XXYXX", Verdict(Outcome.AMBIGUOUS, 5)),
    _identifies("five in between are ambiguous", "MMMMM", Verdict(Outcome.AMBIGUOUS, 5)),
    _identifies("in between and known do not agree", "MAM", WAIT),
    _identifies("known and in between do not agree", "AM", WAIT),
    _identifies("another face starts the count again", "XXXXBXXXX", WAIT),
    _identifies("a covered one does not", "XX?XXX", Verdict(Outcome.UNKNOWN, 6)),
    _identifies("a photograph helps nobody to be unknown", "XXxXX", WAIT),
    _identifies("nor hinders them", "XXxXXxX", Verdict(Outcome.UNKNOWN, 7)),
    _identifies("three photographs are doubted", "xxx", Verdict(Outcome.DOUBTED, 3)),
    _identifies("of whomever", "a-b-x", Verdict(Outcome.DOUBTED, 5)),
    _identifies("two are not", "aa", WAIT),
    _identifies("a photograph is never accepted", "aa", WAIT, policy=PASSIVE),
    _identifies("without a policy for doubt they only wait", "aaaaaaaa", WAIT, policy=PASSIVE),
    _identifies("a face not checked is neither good nor doubted", "uuuuuuuu", WAIT),
    _identifies("a face not compared is no step to unknown", "nnnnnnnn", WAIT),
    _identifies("nor does it help", "nA", WAIT),
    _identifies("one where the policy asks for one, but somebody", "XA", _accepted(2), policy=ONE),
    _identifies("three where the policy asks for three", "AA", WAIT, policy=THREE),
    _identifies("they must be three in a row", "AAaAA", WAIT, policy=THREE),
    _identifies("three in a row", "AAaAAA", _accepted(6), policy=THREE),
]


def _with(script: str, number: int, **changes: object) -> list[FrameFact]:
    facts = film(script)
    facts[number - 1] = replace(facts[number - 1], **changes)  # type: ignore[arg-type]
    return facts


def _shaken(script: str) -> bool:
    facts = film(script)
    orders = [facts[::-1], [*facts[1:], facts[0]]]
    return all(fold.identify(order, POLICY) == fold.identify(facts, POLICY) for order in orders)


def _backwards(seconds: float) -> list[FrameFact]:
    """The second frame's clock was behind the first's."""
    return _with("AA", 2, at=START - timedelta(seconds=seconds))


ODD = [
    Case("the order of arrival does not matter", lambda: all(_shaken(s) for s in ("BAA", "XXXXX", "AaAA", "ABBA"))),
    Case("a clock behind by a moment is near", lambda: fold.identify(_backwards(1), POLICY) == _accepted(2)),
    Case("a clock behind by more is not", lambda: fold.identify(_backwards(2.5), POLICY) == WAIT),
    Case(
        "faces that cannot be compared do not agree", lambda: fold.identify(_with("AA", 2, link=None), POLICY) == WAIT
    ),
    Case("two people who look alike do not agree", lambda: fold.identify(_with("AA", 2, person=BEN), POLICY) == WAIT),
    Case("a name without an acceptance is none", lambda: fold.identify(_with("MA", 1, person=ANN), POLICY) == WAIT),
    Case("nor the other way about", lambda: fold.identify(_with("AM", 2, person=ANN), POLICY) == WAIT),
    Case(
        "a photograph not well seen is no doubt",
        lambda: fold.identify([replace(f, live=False) for f in film("~~~~")], POLICY) == WAIT,
    ),
    Case(
        "a gap as long as the presence allows ends the track, whatever the accepting frames may wait",
        lambda: fold.identify(film("AA", step=4.0), replace(POLICY, frame_gap=timedelta(seconds=9))) == WAIT,
    ),
]

PRESENCE = [
    _stands("two good frames of Ann", "AA", Presence.OK),
    _stands("one is too little", "A", Presence.LOOK),
    _stands("none", "", Presence.LOOK),
    _stands("nobody there", "----", Presence.LOOK),
    _stands("three seconds old is young enough", "AA", Presence.OK, later=3.0),
    _stands("older is not", "AA", Presence.LOOK, later=3.001),
    _stands("frames three seconds apart are one track", "AA", Presence.OK, step=3.0),
    _stands("further apart they are not", "AA", Presence.LOOK, step=3.001),
    _stands("a child behind disturbs nobody", "cc", Presence.OK),
    _stands("a second near face pauses", "AA2", Presence.ALONE),
    _stands("until it is gone", "AA2A", Presence.OK),
    _stands("or a while ago", "AA2---", Presence.LOOK, later=1.0),
    _stands("it pauses before anybody was well seen", "2", Presence.ALONE),
    _stands("it pauses for three seconds", "AA2", Presence.ALONE, later=3.0),
    _stands("and no longer", "AA2", Presence.LOOK, later=3.001),
    _stands("an empty frame does not hide the second face", "AA2-", Presence.ALONE),
    _stands("somebody else", "AAB", Presence.LOOK),
    _stands("somebody else and Ann again", "AABA", Presence.LOOK),
    _stands("until Ann was seen twice", "AABAA", Presence.OK),
    _stands("a photograph of Ann is not Ann", "AAaaaa", Presence.LOOK),
    _stands("nor does one frame make up for it", "aaaaA", Presence.LOOK),
    _stands("in one track with an earlier good frame it does", "AaA", Presence.OK),
    _stands("a face not checked is not Ann", "uuuu", Presence.LOOK),
    _stands("Ann looking down for a moment", "AA~", Presence.OK),
    _stands("a covered face right after Ann lasts no longer than she does", "AA???", Presence.LOOK),
    _stands("Ann after a covered face is to be seen twice", "AA?A", Presence.LOOK),
    _stands("twice", "AA?AA", Presence.OK),
    _stands("Ann walks out of the picture for a moment", "AA-", Presence.OK),
    _stands("a frame not analysed between is to be seen past", "A_A", Presence.LOOK),
    _stands("twice again", "A_AA", Presence.OK),
    _stands("in between thresholds is neither", "AM", Presence.LOOK),
    _stands("but keeps the track", "AMA", Presence.OK),
    _stands("Ann, and then somebody in between thresholds", "AAM", Presence.OK),
]


def _watched(script: str, number: int, **changes: object) -> Presence:
    facts = film(script, watching=ANN, step=1.0)
    facts[number - 1] = replace(facts[number - 1], **changes)  # type: ignore[arg-type]
    return fold.presence(facts, ANN, facts[-1].at, POLICY)


MATCHED = {"match": MatchKind.ACCEPTED}


def _linked(script: str) -> Presence:
    facts = [replace(f, link=True) for f in film(script, watching=ANN, step=1.0)]
    return fold.presence(facts, ANN, facts[-1].at, POLICY)


def _at(script: str, seconds: float, person: str = ANN) -> Presence:
    facts = film(script, watching=ANN, step=1.0)
    return fold.presence(facts, person, facts[-1].at + timedelta(seconds=seconds), POLICY)


ODD_PRESENCE = [
    Case("the frames that accepted her show Ann", lambda: fold.presence(film("AA"), ANN, START, POLICY) is Presence.OK),
    Case("they do not show Ben", lambda: fold.presence(film("AA"), BEN, START, POLICY) is Presence.LOOK),
    Case("frames compared with Ann never show Ben", lambda: _at("AAAA", 0.5, BEN) is Presence.LOOK),
    Case("a frame from the future is as old as one from the past", lambda: _at("AA", -3.001) is Presence.LOOK),
    Case("a moment ahead is near enough", lambda: _at("AA", -3.0) is Presence.OK),
    Case("a second face in the future neither", lambda: _at("AA2", -3.001) is Presence.LOOK),
    Case("two faces that cannot be linked", lambda: _watched("AA", 2, link=None) is Presence.LOOK),
    Case("somebody linked and yet somebody else", lambda: _watched("ABA", 3, link=True) is Presence.LOOK),
    Case("even if linked both ways", lambda: _linked("ABA") is Presence.LOOK),
    Case(
        "unsure outweighs an earlier match", lambda: _watched("AA", 2, **MATCHED, shows=Shows.UNSURE) is Presence.LOOK
    ),
    Case("no comparison and no match", lambda: _watched("AA", 2, match=MatchKind.UNKNOWN, shows=None) is Presence.LOOK),
    Case("no comparison but a match", lambda: _watched("AA", 2, **MATCHED, shows=None) is Presence.OK),
    Case(
        "after Ann, somebody else though linked",
        lambda: _watched("AAB", 3, link=True) is Presence.LOOK,
    ),
    Case("after Ann, a break without a comparison", lambda: _watched("AAM", 3, link=False) is Presence.LOOK),
    Case(
        "the order of arrival does not matter",
        lambda: fold.presence(film("AA", watching=ANN)[::-1], ANN, START, POLICY) is Presence.OK,
    ),
]

MOMENTS = [
    Case("somebody else is noticed at once", lambda: fold.different_face(film("AABB", watching=ANN), ANN) == 3),
    Case("by a photograph as well", lambda: fold.different_face(film("AAb", watching=ANN), ANN) == 3),
    Case("Ann is not somebody else", lambda: fold.different_face(film("AMac~?2n-!", watching=ANN), ANN) is None),
    Case("nor is nobody", lambda: fold.different_face([], ANN) is None),
    Case(
        "nor whoever was not Ben",
        lambda: fold.different_face(film("AABB", watching=ANN), BEN) is None,
    ),
    Case(
        "nor somebody not well seen",
        lambda: (
            fold.different_face(
                [replace(f, hint=Guidance.MORE_LIGHT) for f in film("BB", watching=ANN)],
                ANN,
            )
            is None
        ),
    ),
    Case("the first one counts", lambda: fold.different_face(film("BABB", watching=ANN)[::-1], ANN) == 1),
    Case("last well seen", lambda: fold.last_shown(film("AAb-2", watching=ANN), ANN) == film("AA")[1].at),
    Case("never well seen", lambda: fold.last_shown(film("aab", watching=ANN), ANN) is None),
    Case("last face of anybody", lambda: fold.last_face(film("A?-!")) == film("AA")[1].at),
    Case("no face at all", lambda: fold.last_face(film("--!")) is None),
]


def _guidance(script: str, later: float = 0.0) -> Guidance | None:
    facts = film(script, step=1.0)
    return fold.guidance(facts, START + timedelta(seconds=len(script) - 1 + later), timedelta(seconds=3))


GUIDANCE = [
    Case("well seen needs no hint", lambda: _guidance("AA") is None),
    Case("an empty scene", lambda: _guidance("--") is Guidance.LOOK_AT_CAMERA),
    Case("nothing seen at all", lambda: _guidance("") is Guidance.LOOK_AT_CAMERA),
    Case("nothing readable", lambda: _guidance("!!") is Guidance.LOOK_AT_CAMERA),
    Case("two people near", lambda: _guidance("22") is Guidance.ONE_PERSON),
    Case("one odd frame is no hint", lambda: _guidance("A~") is None),
    Case("nor is it after an odd one", lambda: _guidance("~A") is None),
    Case("two odd frames are", lambda: _guidance("~~") is Guidance.HOLD_STILL),
    Case("the later of two hints", lambda: _guidance("~?") is Guidance.UNCOVER_FACE),
    Case("an earlier good one is over", lambda: _guidance("A~~") is Guidance.HOLD_STILL),
    Case("a single frame's", lambda: _guidance("~") is Guidance.HOLD_STILL),
    Case("only the last two count", lambda: _guidance("??AA") is None),
    Case("only young ones count", lambda: _guidance("~~", 2.5) is Guidance.HOLD_STILL),
    Case("three seconds is young", lambda: _guidance("~", 3.0) is Guidance.HOLD_STILL),
    Case("more is not", lambda: _guidance("~~", 3.001) is Guidance.LOOK_AT_CAMERA),
]


def _names_somebody(**facts: object) -> bool:
    try:
        FrameFact(seq=1, at=START, readable=True, **facts)  # type: ignore[arg-type]
    except ValueError:
        return False
    return True


LIKENESS = fold.Likeness(same=0.5, other=0.3)

FACTS = [
    Case("an accepted match names somebody", lambda: not _names_somebody(match=MatchKind.ACCEPTED)),
    Case("so does a comparison", lambda: not any(_names_somebody(shows=shows) for shows in Shows)),
    Case("an unknown face does not", lambda: _names_somebody(match=MatchKind.UNKNOWN)),
    Case("nor does a face alone", lambda: _names_somebody()),
    Case("a name with either is fine", lambda: _names_somebody(match=MatchKind.ACCEPTED, shows=None, person=ANN)),
    Case("alike enough is linked", lambda: LIKENESS.link(0.5) is True),
    Case("hardly alike is not known", lambda: (LIKENESS.link(0.499), LIKENESS.link(0.3)) == (None, None)),
    Case("not alike is not", lambda: LIKENESS.link(0.299) is False),
    Case("alike enough is the person", lambda: LIKENESS.shows(0.5) is Shows.PERSON),
    Case("hardly alike is unsure", lambda: LIKENESS.shows(0.499) is LIKENESS.shows(0.3) is Shows.UNSURE),
    Case("not alike is another", lambda: LIKENESS.shows(0.299) is Shows.OTHER),
    Case(
        "unreadable is neither clear nor good",
        lambda: not (replace(film("A")[0], readable=False).clear or replace(film("A")[0], readable=False).good),
    ),
    Case("no face is not clear", lambda: not replace(film("A")[0], faces=0).clear),
]

CASES = [*UNKNOWN, *ODD, *PRESENCE, *ODD_PRESENCE, *MOMENTS, *GUIDANCE, *FACTS]
