"""What the frames of a visit add up to: a person accepted, nobody, somebody else, still in front.

Pure folds over the facts of single frames, in the server's sequence; the order of arrival does not matter. A FaceTrack
is a run of frames with a face in which each shows the same face as the one before, with no frame missing in between and
no gap longer than the policy allows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.events import Presence
from shared.domain.face import Guidance
from shared.domain.match import MatchKind
from shared.domain.policy import LivenessPolicy, Policy


class Shows(StrEnum):
    """What a frame says of the one person it was compared with."""

    PERSON = "person"
    UNSURE = "unsure"  # neither: turned away, blurred, between the thresholds
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFact:
    """One analysed frame. `at` is the server's time of receipt.

    `link`: the main face is the same as in the frame with a face before it (None: there was none to compare).
    `match`: the 1:N decision, made only while somebody is to be identified. `shows`: the 1:1 comparison, made only once
    there is a person. `person`: whom either is about, for a frame may be analysed while the session moves on to
    somebody else. `norm`: the embedding's length before normalising, a cue of its quality. `readable` is False for a
    blob that is missing or cannot be decoded.
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
    breadth: float | None = None
    norm: float | None = None

    def __post_init__(self) -> None:
        if self.person is None and (self.shows is not None or self.match is MatchKind.ACCEPTED):
            raise ValueError("a frame that shows or matches somebody says whom")

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
    """Fold the frames since identification began (1:N, or 1:1 where somebody was claimed).

    Good frames of one unbroken track that agree on a person accept; a frame that fails the presentation check, a second
    near face or a missing frame between them begins the run anew. Good frames without an end give up.
    """
    run: list[FrameFact] = []
    compared: list[FrameFact] = []
    doubted = 0
    for frame, continues in _tracked(frames, policy.presence_age):
        if frame.link is False:
            compared = []
        if not continues or frame.near_faces > 1:
            run = []
        if frame.clear and frame.live is False:
            run = []
            doubted += 1
            if doubted >= policy.doubted_frames and policy.liveness is not LivenessPolicy.PASSIVE:
                return Verdict(Outcome.DOUBTED, frame.seq)
        if not frame.good or frame.match is None:
            continue
        run = [*run, frame] if run and _agree(run[-1], frame, policy) else [frame]
        if frame.match is MatchKind.ACCEPTED and len(run) >= policy.good_frames_to_accept:
            return Verdict(Outcome.ACCEPTED, frame.seq, frame.person)
        compared.append(frame)
        if len(compared) >= policy.good_frames_to_give_up:
            between = any(f.match is not MatchKind.UNKNOWN for f in compared)
            return Verdict(Outcome.AMBIGUOUS if between else Outcome.UNKNOWN, frame.seq)
    return Verdict(Outcome.WAIT)


def _tracked(frames: Sequence[FrameFact], gap: timedelta) -> Iterator[tuple[FrameFact, bool]]:
    """Each frame with a face, in sequence, and whether it continues the track of the one before."""
    ordered = sorted(frames, key=lambda f: f.seq)
    last: int | None = None
    for place, frame in enumerate(ordered):
        if frame.faces:
            yield frame, last is not None and _continues(ordered[last], frame, place - last, gap)
            last = place


def _continues(before: FrameFact, frame: FrameFact, places: int, gap: timedelta) -> bool:
    """The same face, soon enough; as many places on as the sequence says, or a frame between them is missing."""
    return frame.link is True and frame.seq - before.seq == places and abs(frame.at - before.at) <= gap


def _agree(before: FrameFact, frame: FrameFact, policy: Policy) -> bool:
    return (
        before.match is MatchKind.ACCEPTED
        and before.person == frame.person
        and abs(frame.at - before.at) <= policy.frame_gap
    )


def different_face(frames: Sequence[FrameFact], person: str | None) -> int | None:
    """The first frame in which clearly somebody other than `person` stands alone in front, or None."""
    return min((f.seq for f in frames if f.clear and f.shows is Shows.OTHER and f.person == person), default=None)


def presence(frames: Sequence[FrameFact], person: str, at: datetime, policy: Policy) -> Presence:
    """Whether `person`, once accepted, is in front at `at`. `frames`: the most recent.

    The last good frame must show the person, be young enough, and continue a track in which a good frame before it
    shows the person too; nothing after it may show somebody else.
    """
    recent = list(_tracked(frames, policy.presence_age))
    if recent and recent[-1][0].near_faces > 1 and abs(at - recent[-1][0].at) <= policy.presence_age:
        return Presence.ALONE
    last = next((i for i in range(len(recent) - 1, -1, -1) if _shows(recent[i][0], person)), None)
    if last is None or abs(at - recent[last][0].at) > policy.presence_age:
        return Presence.LOOK
    if any(f.shows is Shows.OTHER or f.link is False or f.near_faces > 1 for f, _ in recent[last + 1 :]):
        return Presence.LOOK
    for i in range(last, 0, -1):
        before, (_, continues) = recent[i - 1][0], recent[i]
        if not continues or before.shows is Shows.OTHER:
            return Presence.LOOK
        if _shows(before, person):
            return Presence.OK
    return Presence.LOOK


def _shows(frame: FrameFact, person: str) -> bool:
    """By the 1:1 comparison, or, for the frames that led to acceptance, by the 1:N decision."""
    alike = frame.shows is Shows.PERSON or (frame.shows is None and frame.match is MatchKind.ACCEPTED)
    return frame.good and alike and frame.person == person


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
    return None if None in hints else hints[-1]


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
