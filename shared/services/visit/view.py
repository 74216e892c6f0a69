"""What the kiosk page is told of a session: enough for the next screen, never a score, a person's id or a secret."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.domain.events import Presence
from shared.domain.policy import EnrolmentPolicy, Policy
from shared.domain.session import Factor, Reason, Session, State
from shared.domain.stamp import stamp
from shared.services.enrolment.at_kiosk import Enrolment
from shared.services.messages.recipients import Recipients
from shared.services.people.authenticators import Authenticators
from shared.services.people.registry import People
from shared.services.session.scene import Scene

_ENDS = {
    Reason.EXPIRED: "expired",
    Reason.IDLE: "idle",
    Reason.CANCELLED: "cancelled",
    Reason.PIN_NOT_USED: "expired",
    Reason.NOT_COLLECTED: "expired",
    Reason.AWAITING_APPROVAL: "approval",
}
_HELP_AFTER = timedelta(seconds=60)


class Views:
    """`greet_at_once`: the given name after the face alone, as the original did."""

    def __init__(
        self,
        people: People,
        recipients: Recipients,
        enrolment: Enrolment,
        policy: Policy,
        sentences: Mapping[str, str],
        telephone: str,
        greet_at_once: bool,
        authenticators: Authenticators,
    ) -> None:
        self._authenticators = authenticators
        self._people = people
        self._recipients = recipients
        self._enrolment = enrolment
        self._policy = policy
        self._sentences = sentences
        self._telephone = telephone
        self._greet_at_once = greet_at_once

    def of(self, scene: Scene) -> dict[str, Any]:
        session = scene.session
        watching = not session.over
        return {
            "id": session.id,
            "reference": session.reference,
            "version": session.version,
            "state": session.state,
            "language": session.language,
            "analysedSeq": scene.analysed_seq,
            "guidance": scene.guidance if watching else None,
            "presence": scene.presence if watching else Presence.LOOK,
            "expiresAt": stamp(session.expires_at),
            "canExtend": watching and not session.extended,
            "factors": self._factors(session),
            "pin": self._pin(session),
            "voice": self._voice(session),
            "challenge": self._challenge(scene),
            "customer": self._customer(session),
            "options": self._options(session),
            "teller": {"locked": scene.teller_locked} if session.state is State.HANDED_OFF else None,
            "assistance": self._assistance(scene),
            "enrolment": self._registering(session),
            "end": self._end(session),
        }

    def _factors(self, session: Session) -> dict[str, str]:
        checking = session.phrase is not None and session.phrase.received_at is not None
        factors = {
            f.value: "passed" if session.passed(f) else "pending" for f in (Factor.FACE, Factor.PIN, Factor.VOICE)
        }
        if checking and factors["voice"] == "pending":
            factors["voice"] = "checking"
        return factors

    def _pin(self, session: Session) -> dict[str, Any] | None:
        pin = session.pin
        if (
            pin is None
            or session.over
            or session.state not in {State.PIN, State.ENROLLING}
            or session.passed(Factor.PIN)
        ):
            return None
        return {
            "phoneEnding": self._recipients.ending(session),
            "app": session.state is State.PIN and self._authenticators.has(str(session.person)),
            "sms": pin.sms,
            "attemptsLeft": self._policy.wrong_pins - session.wrong_pins,
            "expiresAt": stamp(pin.expires_at),
            "resendAt": stamp(pin.resend_at),
            "sendsLeft": max(0, self._policy.pin_sends - session.pin_sends),
        }

    def _voice(self, session: Session) -> dict[str, Any] | None:
        phrase = session.phrase
        if phrase is None or session.over:
            return None
        return {
            "attempt": phrase.attempt,
            "attemptsLeft": self._policy.voice_attempts - session.voice_failures,
            "sentence": self._sentences.get(session.language),
            "digits": phrase.digits,
            "checking": phrase.received_at is not None,
            "problem": phrase.problem,
        }

    def _challenge(self, scene: Scene) -> dict[str, Any] | None:
        asked, done = scene.session.challenge, scene.challenge
        if asked is None or done is None:
            return None
        return {
            "step": done.step,
            "stepsDone": done.done,
            "steps": len(asked.orders),
            "expiresAt": stamp(asked.expires_at),
        }

    def _customer(self, session: Session) -> dict[str, str] | None:
        known = session.passed(Factor.PIN) or (self._greet_at_once and session.passed(Factor.FACE))
        if session.over or session.person is None or not known:
            return None
        person = self._people.get(session.person)
        return {"givenName": person.given_name} if person else None

    def _options(self, session: Session) -> list[str]:
        if session.state is State.CLAIMING:
            return ["retry", "assistance"]
        if session.state not in {State.UNKNOWN, State.AMBIGUOUS}:
            return []
        options = []
        if session.identifications < self._policy.identifications:
            options.append("retry")
        if session.claims < self._policy.claims:
            options.append("claim")
        if self._policy.enrolment is not EnrolmentPolicy.CLOSED:
            options.append("register")
        return [*options, "assistance"]

    def _registering(self, session: Session) -> dict[str, Any] | None:
        seen = self._enrolment.view(session)
        return {"step": seen.step, "taken": seen.taken, "needed": seen.needed, "pose": seen.pose} if seen else None

    def _assistance(self, scene: Scene) -> dict[str, Any] | None:
        session = scene.session
        if session.state is not State.ASSISTANCE:
            return None
        unanswered = scene.at - session.changed_at >= _HELP_AFTER
        return {"telephone": self._telephone if unanswered else None}

    def _end(self, session: Session) -> dict[str, str] | None:
        if not session.over:
            return None
        denied = session.state is State.DENIED
        kind = "denied" if denied else _ENDS.get(session.reason or Reason.FINISHED, "ended")
        return {"kind": kind, "telephone": self._telephone}
