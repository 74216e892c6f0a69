"""What the frames of a visit add up to: a person accepted, nobody, somebody else, still in front.

Pure folds over the facts of single frames, in the server's sequence; the order of arrival does not matter. A FaceTrack
is a run of frames with a face in which each shows the same face as the one before, with no gap longer than the policy
allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.events import Presence
from shared.domain.face import Guidance
from shared.domain.match import MatchKind
from shared.domain.policy import Policy


class Shows(StrEnum):
    """What a frame says of the one person it was compared with."""

    PERSON = "person"
    UNSURE = "unsure"  # neither: turned away, blurred, between the thresholds
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFact:
    """One analysed frame. `at` is the server's time of receipt.

    `link`: the main face is the same as in the frame with a face before it (None: there was none to compare).
    `match` and `person`: the 1:N decision, made only while somebody is to be identified. `shows`: the 1:1 comparison,
    made only once there is a person. `readable` is False for a blob that is missing or cannot be decoded.
    """

    seq: int
    at: datetime
    readable: bool
    faces: int = 0
    near_faces: int = 0
    hint: Guidance | None = None
    live: bool | None = None
    link: bool | None = None
    match: MatchKind | None = None
    person: str | None = None
    shows: Shows | None = None
    yaw: float | None = None
    pitch: float | None = None

    @property
    def good(self) -> bool:
        """Fit to decide on: one near face, well seen, and passed as live."""
        return self.clear and self.live is True

    @property
    def clear(self) -> bool:
        """One near face, well seen, whatever the presentation check says."""
        return self.readable and self.faces > 0 and self.near_faces == 1 and self.hint is None


class Outcome(StrEnum):
    WAIT = "wait"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    DOUBTED = "doubted"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`seq` is the frame the outcome rests on."""

    outcome: Outcome
    seq: int = 0
    person: str | None = None


def identify(frames: Sequence[FrameFact], policy: Policy) -> Verdict:
    """Fold the frames since identification began, oldest first (1:N, or 1:1 where `person` was claimed)."""
    good: list[FrameFact] = []
    doubted = 0
    linked = True  # no different face since the last good frame
    for frame in frames:
        if frame.faces and frame.link is False:
            good, linked = [], False
        if frame.clear and frame.live is False:
            doubted += 1
            if doubted >= policy.doubted_frames:
                return Verdict(Outcome.DOUBTED, frame.seq)
        if not frame.good:
            continue
        if good and linked and frame.link is True and _agree(good[-1], frame, policy):
            return Verdict(Outcome.ACCEPTED, frame.seq, frame.person)
        good.append(frame)
        linked = True
        if len(good) >= policy.good_frames_to_give_up:
            between = any(f.match is not MatchKind.UNKNOWN for f in good)
            return Verdict(Outcome.AMBIGUOUS if between else Outcome.UNKNOWN, frame.seq)
    return Verdict(Outcome.WAIT)


def _agree(before: FrameFact, frame: FrameFact, policy: Policy) -> bool:
    return (
        before.match is MatchKind.ACCEPTED
        and frame.match is MatchKind.ACCEPTED
        and before.person == frame.person
        and frame.at - before.at <= policy.frame_gap
    )


def different_face(frames: Sequence[FrameFact]) -> int | None:
    """The first frame in which clearly somebody else stands alone in front, or None."""
    return next((f.seq for f in frames if f.clear and f.shows is Shows.OTHER), None)


def presence(frames: Sequence[FrameFact], person: str, at: datetime, policy: Policy) -> Presence:
    """Whether `person`, once accepted, is in front at `at`. `frames`: the most recent, oldest first.

    The last good frame must show the person, be young enough, and continue a track in which a good frame before it
    shows the person too; nothing after it may show somebody else.
    """
    recent = [f for f in frames if f.faces]
    if recent and recent[-1].near_faces > 1 and at - recent[-1].at <= policy.presence_age:
        return Presence.ALONE
    last = next((i for i in range(len(recent) - 1, -1, -1) if _shows(recent[i], person)), None)
    if last is None or at - recent[last].at > policy.presence_age:
        return Presence.LOOK
    if any(f.shows is Shows.OTHER or f.link is False or f.near_faces > 1 for f in recent[last + 1 :]):
        return Presence.LOOK
    for i in range(last, 0, -1):
        if recent[i].link is not True or recent[i].at - recent[i - 1].at > policy.presence_age:
            return Presence.LOOK
        if _shows(recent[i - 1], person):
            return Presence.OK
    return Presence.LOOK


def _shows(frame: FrameFact, person: str) -> bool:
    """By the 1:1 comparison, or, for the frames that led to acceptance, by the 1:N decision."""
    accepted = frame.match is MatchKind.ACCEPTED and frame.person == person
    return frame.good and (frame.shows is Shows.PERSON or (frame.shows is None and accepted))


def last_shown(frames: Sequence[FrameFact], person: str) -> datetime | None:
    """When the person was last well seen, alone and live."""
    return max((f.at for f in frames if _shows(f, person)), default=None)


def last_face(frames: Sequence[FrameFact]) -> datetime | None:
    """When any face was last seen."""
    return max((f.at for f in frames if f.faces), default=None)


def guidance(frames: Sequence[FrameFact], at: datetime, age: timedelta) -> Guidance | None:
    """The one hint to show: what the last two young frames agree on, so that one odd frame does not flicker."""
    young = [f for f in frames if f.readable and at - f.at <= age][-2:]
    if not young:
        return Guidance.LOOK_AT_CAMERA
    hints = [Guidance.ONE_PERSON if f.near_faces > 1 else f.hint for f in young]
    if len(hints) == 2 and hints[0] != hints[1] and None in hints:
        return None
    return hints[-1]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Cosine thresholds of a 1:1 comparison: at or above `same` it is the same face, below `other` somebody else's."""

    same: float
    other: float

    def link(self, score: float) -> bool | None:
        if score >= self.same:
            return True
        return False if score < self.other else None

    def shows(self, score: float) -> Shows:
        if score >= self.same:
            return Shows.PERSON
        return Shows.OTHER if score < self.other else Shows.UNSURE
