"""Films: a letter a frame, turned into the facts an engine would report of it.

A B   Ann, Ben, well seen      X   somebody not registered      a b x   the same, but failing the presentation check
M Y   Ann, the stranger, but between the thresholds               ?       somebody with the face covered
~     Ann, blurred
2     Ann and a second near    c   Ann, a child behind          u       Ann, presentation check not made
n     Ann, compared with no one  -   nobody                     !       unreadable            _   not analysed (yet)
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.domain.face import Guidance
from shared.domain.frames import FrameFact, Shows
from shared.domain.match import MatchKind

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ANN, BEN = "ann", "ben"
NAMES = {"a": ANN, "b": BEN, "x": "stranger", "y": "stranger"}
LETTERS = "ABXabxMY~?2cun-!_"
_REACH = 3  # how far back the service looks for a face to compare with


@dataclass(frozen=True, slots=True)
class Shot:
    """What truly happened in front of the camera."""

    letter: str
    seq: int
    at: datetime

    @property
    def who(self) -> str | None:
        if self.letter in "-!_":
            return None
        return "covered" if self.letter == "?" else NAMES.get(self.letter.lower(), ANN)

    @property
    def recognisable(self) -> bool:
        return self.who is not None and self.letter not in "~?"

    @property
    def good(self) -> bool:
        return self.letter in "ABXMYcn"

    @property
    def compared(self) -> bool:
        return self.recognisable and self.letter != "n"


def shots(script: str, step: float = 0.4, start: datetime = START) -> list[Shot]:
    script = script.replace(" ", "")
    return [Shot(letter, n + 1, start + n * timedelta(seconds=step)) for n, letter in enumerate(script)]


def film(script: str, *, watching: str | None = None, step: float = 0.4, start: datetime = START) -> list[FrameFact]:
    """The facts, 1:1 with `watching` once there is such a person, 1:N otherwise."""
    taken = shots(script, step, start)
    return [_fact(shot, taken, watching) for shot in taken if shot.letter != "_"]


def _fact(shot: Shot, taken: list[Shot], watching: str | None) -> FrameFact:
    if shot.letter == "!":
        return FrameFact(seq=shot.seq, at=shot.at, readable=False)
    if shot.who is None:
        return FrameFact(seq=shot.seq, at=shot.at, readable=True, hint=Guidance.LOOK_AT_CAMERA)
    match = _match(shot) if watching is None and shot.compared else None
    shows = _shows(shot, watching) if watching is not None and shot.compared else None
    return FrameFact(
        seq=shot.seq,
        at=shot.at,
        readable=True,
        faces=2 if shot.letter in "2c" else 1,
        near_faces=2 if shot.letter == "2" else 1,
        hint={"~": Guidance.HOLD_STILL, "?": Guidance.UNCOVER_FACE}.get(shot.letter),
        live=None if shot.letter in "u~?" else shot.letter not in "abx",
        link=_link(shot, taken),
        match=match,
        person=shot.who if match is MatchKind.ACCEPTED else watching if shows else None,
        shows=shows,
    )


def _match(shot: Shot) -> MatchKind:
    if shot.letter in "MY":
        return MatchKind.AMBIGUOUS
    return MatchKind.ACCEPTED if shot.who in {ANN, BEN} else MatchKind.UNKNOWN


def _shows(shot: Shot, watching: str) -> Shows:
    if shot.letter in "MY":
        return Shows.UNSURE
    return Shows.PERSON if shot.who == watching else Shows.OTHER


def _link(shot: Shot, taken: list[Shot]) -> bool | None:
    earlier = [s for s in taken[max(0, shot.seq - 1 - _REACH) : shot.seq - 1] if s.recognisable]
    if not shot.recognisable or not earlier:
        return None
    return earlier[-1].who == shot.who
