"""What the security team reads of one visit: a few facts, and the lists (scopes) that it stands in. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.face import Guidance
from shared.domain.frames import FrameFact
from shared.domain.session import Assurance, Factor, Reason, Session, State
from shared.domain.stamp import stamp


class Outcome(StrEnum):
    LIVE = "live"
    GRANTED = "granted"
    DENIED = "denied"
    LEFT = "left"
    EXPIRED = "expired"
    NOT_RECOGNISED = "not_recognised"
    REGISTERED = "registered"


class Faces(StrEnum):
    """Whether somebody stood in front, and whether the machine knew them."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    NONE = "none"


SELF_ASSERTED = "self-asserted"
"""A grant to somebody who registered in this very visit: the machine has only their own word for who they are."""

GOOD, UNREADABLE = "good", "unreadable"
_BY_REASON = {
    Reason.EXPIRED: Outcome.EXPIRED,
    Reason.PIN_NOT_USED: Outcome.EXPIRED,
    Reason.NOT_IDENTIFIED: Outcome.NOT_RECOGNISED,
    Reason.DIFFERENT_FACE: Outcome.DENIED,
    Reason.CUT_OFF: Outcome.DENIED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFacts:
    """`person` was let in (or registered); `claimed`: the face was taken for theirs, no more. Both are random ids.

    `matched`: everybody the face was taken for, in order. `frames` and `clips` count recordings.
    `thumbnail` is the frame that shows most. `granted_s`: seconds from the beginning to the grant.
    """

    session: str
    kiosk: str
    reference: str
    at: datetime
    ended_at: datetime | None = None
    state: str = State.ENDED
    outcome: Outcome
    reason: str | None = None
    assurance: str | None = None
    person: str | None = None
    claimed: str | None = None
    matched: tuple[str, ...] = ()
    faces: Faces = Faces.NONE
    two: bool = False
    frames: int = 0
    clips: int = 0
    thumbnail: int | None = None
    granted_s: float | None = None


@dataclass(frozen=True, slots=True)
class Noted:
    """One timeline event, as far as the facts need it."""

    what: str
    at: datetime
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the stores hold of a visit beside its session, in any order."""

    events: Sequence[Noted] = ()
    frames: Sequence[FrameFact] = ()
    received: int = 0
    clips: int = 0


def visit_facts(session: Session, seen: Seen) -> VisitFacts:
    """The same for the same content of the stores, in whatever order it arrived there."""
    matched, let_in, granted_at = _people(session, seen)
    registered = session.enrolling and (session.assurance is not None or session.reason is Reason.AWAITING_APPROVAL)
    person = session.person if registered or session.assurance else let_in
    recognised = tuple(p for p in matched if p != person)
    outcome = _outcome(session, granted=granted_at is not None or session.assurance is not None, registered=registered)
    return VisitFacts(
        session=session.id,
        kiosk=session.kiosk,
        reference=session.reference,
        at=session.created_at,
        ended_at=session.changed_at if session.over else None,
        state=session.state,
        outcome=outcome,
        reason=session.reason,
        assurance=_assurance(session, registered),
        person=person,
        claimed=recognised[-1] if person is None and recognised else None,
        matched=recognised,
        faces=_faces(seen.frames, known=bool(matched or person)),
        two=any(f.near_faces > 1 for f in seen.frames),
        frames=seen.received,
        clips=seen.clips,
        thumbnail=thumbnail(seen.frames),
        granted_s=round((granted_at - session.created_at).total_seconds(), 1) if granted_at else None,
    )


def _people(session: Session, seen: Seen) -> tuple[tuple[str, ...], str | None, datetime | None]:
    """Whom the face was taken for, who of them was let in, and when."""
    shown = {f.seq: f.person for f in seen.frames if f.person}
    matched: list[str] = []
    let_in: str | None = None
    granted_at: datetime | None = None
    for event in sorted(seen.events, key=lambda e: (e.at, e.what)):
        if event.what == "face_accepted" and event.seq is not None and (person := shown.get(event.seq)):
            matched.append(person)
        elif event.what == "granted":
            granted_at = granted_at or event.at
            let_in = matched[-1] if matched else None
    if session.person and session.passed(Factor.FACE) and not session.enrolling:
        matched.append(session.person)
    return tuple(dict.fromkeys(matched)), let_in, granted_at


def _outcome(session: Session, *, granted: bool, registered: bool) -> Outcome:
    if not session.over:
        return Outcome.LIVE
    if registered:
        return Outcome.REGISTERED
    if granted:
        return Outcome.GRANTED
    if session.state is State.DENIED:
        return Outcome.DENIED
    return _BY_REASON.get(session.reason, Outcome.LEFT) if session.reason else Outcome.LEFT


def _assurance(session: Session, registered: bool) -> str | None:
    if session.assurance is None:
        return None
    return SELF_ASSERTED if registered and session.assurance is Assurance.FULL else session.assurance


def _faces(frames: Iterable[FrameFact], *, known: bool) -> Faces:
    if known:
        return Faces.KNOWN
    return Faces.UNKNOWN if any(f.faces for f in frames) else Faces.NONE


def thumbnail(frames: Iterable[FrameFact]) -> int | None:
    """The first good frame; else the first with a face, else the first that can be shown at all."""
    best = min(frames, key=lambda f: (not f.good, not f.faces, not f.readable, f.seq), default=None)
    return best.seq if best is not None and best.readable else None


def second_person(frames: Iterable[FrameFact]) -> list[FrameFact]:
    """The frames in which a second near face came into view."""
    found: list[FrameFact] = []
    crowded = False
    for frame in sorted(frames, key=lambda f: f.seq):
        if frame.near_faces > 1 and not crowded:
            found.append(frame)
        if frame.faces:
            crowded = frame.near_faces > 1
    return found


def quality(frame: FrameFact) -> str:
    """In one word: good, or what would have made it better."""
    if not frame.readable:
        return UNREADABLE
    return Guidance.ONE_PERSON if frame.near_faces > 1 else frame.hint or GOOD


# --- the lists ---


def month(at: datetime) -> str:
    return stamp(at)[:7]


def day(at: datetime) -> str:
    return stamp(at)[:10]


def day_scope(session_id: str) -> str:
    """The list a visit always stands in, read off its id: of the day (UTC) on which it began."""
    date = session_id.split("_")[1]
    return f"day:{date[:4]}-{date[4:6]}-{date[6:]}"


@dataclass(frozen=True, slots=True)
class Trait:
    """What a list is of: `outcome` `denied`. Kept for every kiosk by itself, and for all of them by month."""

    name: str
    value: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.value}" if self.value else self.name

    def of_kiosk(self, kiosk: str) -> str:
        return f"kiosk:{kiosk}:{self}"

    def of_month(self, of: str) -> str:
        return f"{self}:{of}"


TWO = Trait("two")
UNKNOWN = Trait("unknown")


def scopes(facts: VisitFacts) -> tuple[str, ...]:
    """A list for each question that is asked: what it does not return, it does not read."""
    traits = [Trait("outcome", facts.outcome)]
    if facts.reason:
        traits.append(Trait("reason", facts.reason))
    if facts.faces is Faces.UNKNOWN:
        traits.append(UNKNOWN)
    if facts.two:
        traits.append(TWO)
    found = [day_scope(facts.session), f"kiosk:{facts.kiosk}", f"reference:{facts.reference}"]
    found += [scope for trait in traits for scope in (trait.of_kiosk(facts.kiosk), trait.of_month(month(facts.at)))]
    found += [f"person:{p}" for p in dict.fromkeys((facts.person, *facts.matched)) if p]
    found += [f"claimed:{p}" for p in facts.matched]
    return tuple(found)
