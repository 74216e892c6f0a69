"""Whether a person's failures bar them or call for more proof (DESIGN.md, failures), and their one live session."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from shared.containers import LIMITS
from shared.domain.errors import AlreadyExists, LimitReached, LostRace, NotFound
from shared.domain.session import Session
from shared.ports import Clock, Documents
from shared.services.attention.items import Attention, Matter
from shared.services.limits import Limit, Limits
from shared.services.session.store import SessionStore
from shared.services.visit.waits import Waits

_DAY = timedelta(days=1)
_EVER = timedelta(days=36_500)
_JUDGING_SECONDS = 5  # longer than judging a PIN takes; a host that dies meanwhile holds the next one up that long


@dataclass(frozen=True, slots=True)
class FailureLimits:
    """Wrong PINs of one person: in 24 hours, since the last success, and when the face needs or loses its say."""

    day: int
    total: int
    doubt_after: int
    biometric_off: int


class Standing:
    def __init__(
        self,
        documents: Documents,
        sessions: SessionStore,
        limits: Limits,
        clock: Clock,
        allowed: FailureLimits,
        attention: Attention,
        waits: Waits,
    ) -> None:
        self._waits = waits
        self._attention = attention
        self._documents = documents
        self._sessions = sessions
        self._limits = limits
        self._clock = clock
        self._allowed = allowed
        self._day = Limit("wrong-pin-day", allowed.day, _DAY)
        self._total = Limit("wrong-pin-total", allowed.total, _EVER)

    def barred(self, person: str) -> bool:
        """The face opens nothing at present."""
        since = self._limits.used(self._total, person)
        return since >= self._allowed.biometric_off or self._limits.used(self._day, person) >= self._allowed.day

    def doubted(self, person: str) -> bool:
        """An active challenge comes before any message."""
        return self._limits.used(self._total, person) >= self._allowed.doubt_after

    def waiting(self, person: str, kiosk: str) -> bool:
        """After that many failures the next try has to wait."""
        return self._waits.holds(person, kiosk)

    def failed(self, person: str, kiosk: str) -> bool:
        """A wrong PIN was judged. True for the one from which on more is asked: the owner is told of that once."""
        since = self._limits.used(self._total, person)
        if since >= self._allowed.doubt_after:
            self._waits.begin(person, kiosk)
        return since == self._allowed.doubt_after

    @contextmanager
    def judging(self, session: str) -> Iterator[None]:
        """One PIN of a visit at a time: those under way count as wrong until they are judged, and could bar the owner.

        Raises LostRace while another one is judged.
        """
        place = f"judging.{session}"
        try:
            held = self._documents.create(LIMITS, place, place, {}, ttl=_JUDGING_SECONDS)
        except AlreadyExists:
            raise LostRace("another code of this visit is being judged") from None
        try:
            yield
        finally:
            with suppress(LostRace):
                self._documents.delete(LIMITS, place, place, held.etag)

    def try_pin(self, person: str) -> bool:
        """Count a PIN before it is judged, as if it were wrong. False when the person has no tries left."""
        try:
            self._limits.take(self._day, person)
        except LimitReached:
            return self._locked_out(person)
        try:
            self._limits.take(self._total, person)
        except LimitReached:
            self._limits.give_back(self._day, person)
            return self._locked_out(person)
        return True

    def was_not_wrong(self, person: str) -> None:
        """The try counted in advance was right, or was not judged at all."""
        self._limits.give_back(self._day, person)
        self._limits.give_back(self._total, person)

    def succeeded(self, person: str) -> None:
        """A full grant: the count since the last success starts anew."""
        self._limits.reset(self._total, person)
        self._waits.end(person)

    def failures(self, person: str) -> tuple[int, int]:
        """Wrong PINs in the present 24 hours, and since the last success."""
        return self._limits.used(self._day, person), self._limits.used(self._total, person)

    def unlock(self, person: str) -> None:
        """Forget all failures."""
        self._limits.reset(self._day, person)
        self._limits.reset(self._total, person)
        self._waits.end(person)

    def reserve(self, person: str, session: Session) -> bool:
        """Make this the person's one live session. False while another one lives."""
        place = f"live.{person}"
        body = {"session": session.id}
        for _ in range(5):
            held = self._documents.get(LIMITS, place, place)
            if held is None:
                try:
                    self._documents.create(LIMITS, place, place, {**body}, ttl=3600)
                except AlreadyExists:
                    continue
                return True
            other = str(held.body.get("session"))
            if other == session.id:
                return True
            if self._lives(other):
                matter = f"{other} {session.id}"
                self._attention.call(
                    Matter.PERSON_TWO_PLACES,
                    matter,
                    kiosk=session.kiosk,
                    session=session.id,
                    person=person,
                    otherSession=other,
                )
                return False
            try:
                self._documents.replace(LIMITS, place, place, {**body}, held.etag, ttl=3600)
            except LostRace:
                continue
            return True
        return False

    def release(self, person: str, session: Session) -> None:
        """Give the reservation back, if it is this session's."""
        place = f"live.{person}"
        held = self._documents.get(LIMITS, place, place)
        if held is not None and held.body.get("session") == session.id:
            with suppress(LostRace):
                self._documents.delete(LIMITS, place, place, held.etag)

    def _locked_out(self, person: str) -> bool:
        self._attention.call(Matter.LOCKOUT, person, person=person)
        return False

    def _lives(self, session_id: str) -> bool:
        try:
            session = self._sessions.load(session_id).session
        except NotFound:
            return False
        return not session.over and self._clock.now() < session.expires_at
