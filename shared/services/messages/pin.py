"""The PIN by SMS: `queued → sending → sent`, each step written by ETag before or after the one call, never twice."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from shared.domain.errors import AtmError, LimitReached
from shared.domain.events import SmsChanged
from shared.domain.pin import PinChallenge, SmsState, pin_code
from shared.domain.session import Session
from shared.domain.transitions import Refused
from shared.logs import say
from shared.ports import Clock, Keys, Sms, SmsRefused, SmsUnknown
from shared.services.kiosks.pairing import Kiosks
from shared.services.limits import Limit, Limits
from shared.services.messages.recipients import Recipient, Recipients
from shared.services.messages.texts import text
from shared.services.people.registry import People
from shared.services.session.store import SessionStore
from shared.services.session.timeline import Timeline

_RECALL = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class SmsLimits:
    phone_hour: int
    phone_day: int
    kiosk_hour: int


class Messages:
    def __init__(
        self,
        sessions: SessionStore,
        people: People,
        recipients: Recipients,
        kiosks: Kiosks,
        sms: Sms,
        keys: Keys,
        clock: Clock,
        limits: Limits,
        timeline: Timeline,
        allowed: SmsLimits,
    ) -> None:
        self._sessions = sessions
        self._people = people
        self._recipients = recipients
        self._kiosks = kiosks
        self._sms = sms
        self._keys = keys
        self._clock = clock
        self._limits = limits
        self._timeline = timeline
        hour, day = timedelta(hours=1), timedelta(days=1)
        self._per_phone = (Limit("sms-hour", allowed.phone_hour, hour), Limit("sms-day", allowed.phone_day, day))
        self._per_kiosk = Limit("sms-kiosk", allowed.kiosk_hour, hour)

    def due(self, session: Session) -> bool:
        """Whether a queued message was left behind by whoever queued it."""
        pin = session.pin
        return pin is not None and pin.sms is SmsState.QUEUED and self._clock.now() - pin.sms_at > _RECALL

    def deliver(self, session: Session) -> Session:
        """Send the queued code, if this caller is the one who moves it to `sending`. Never raises for the provider."""
        pin = session.pin
        if pin is None or pin.sms is not SmsState.QUEUED or session.over:
            return session
        session, mine = self._move(session, pin.nonce, SmsState.QUEUED, SmsState.SENDING)
        if not mine:
            return session
        after, reference, why = self._send(session, pin)
        session, _ = self._move(session, pin.nonce, SmsState.SENDING, after, reference, why)
        what = {SmsState.SENT: "pin_sent", SmsState.UNKNOWN: "pin_send_unknown"}.get(after, "pin_not_sent")
        self._timeline.add(session.id, what, self._clock.now(), f"{session.pin_sends}", why=why)
        return session

    def _send(self, session: Session, pin: PinChallenge) -> tuple[SmsState, str | None, str | None]:
        try:
            to = self._recipients.of(session)
            for limit in self._per_phone:
                self._limits.take(limit, self._people.phone_key(to.phone))
            self._limits.take(self._per_kiosk, session.kiosk)
            words = self._warning(session, to) if to.owner_only else self._words(session, pin, to)
        except LimitReached as failure:
            return SmsState.FAILED, None, str(failure)
        except AtmError as failure:
            say(logging.ERROR, "message not prepared", session=session.id, error=failure.code)
            return SmsState.FAILED, None, "not_prepared"
        try:
            return SmsState.SENT, self._sms.send(to.phone, words, f"{session.id}.{session.pin_sends}"), None
        except SmsRefused as refusal:
            return SmsState.FAILED, None, refusal.reason
        except SmsUnknown:
            return SmsState.UNKNOWN, None, None
        except Exception as failure:
            say(logging.ERROR, "message outcome unknown", session=session.id, error=type(failure).__name__)
            return SmsState.UNKNOWN, None, None

    def _words(self, session: Session, pin: PinChallenge, to: Recipient) -> str:
        code = pin_code(self._keys.secret("pin", pin.key), pin.nonce)
        minutes = round((pin.expires_at - pin.issued_at).total_seconds() / 60)
        return text("code", to.language, code=code, place=self._place(session), minutes=minutes)

    def _warning(self, session: Session, to: Recipient) -> str:
        """To the owner of a number that somebody else typed."""
        return text("number_tried", to.language, place=self._place(session))

    def _place(self, session: Session) -> str:
        kiosk = self._kiosks.get(session.kiosk)
        return kiosk.name if kiosk else session.kiosk

    def _move(
        self,
        session: Session,
        nonce: str,
        before: SmsState,
        after: SmsState,
        reference: str | None = None,
        why: str | None = None,
    ) -> tuple[Session, bool]:
        event = SmsChanged(at=self._clock.now(), nonce=nonce, before=before, after=after, reference=reference, why=why)
        try:
            return self._sessions.change(session.id, lambda _: event)
        except Refused:
            return self._sessions.load(session.id).session, False
