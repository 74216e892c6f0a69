"""A case: a session, an event, what is to come of them, and what can be asked of the session afterwards."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.domain.pin import SmsState
from shared.domain.policy import Policy
from shared.domain.session import OVER, Factor, Reason, Session, State
from shared.domain.transitions import TABLE, Refused, Row, apply
from tests.unit import session_roads as r
from tests.unit.session_roads import ANN, POLICY, Road, Step

type Check = Callable[[Session, Session], bool]
type Table = tuple[Row, ...]

S = State
LIVE = [state for state in State if state not in OVER]


@dataclass(frozen=True, kw_only=True)
class Case:
    """`outcome`: the state afterwards, or the code of the refusal. `checks` compare before and after."""

    story: str
    given: Road
    when: Step
    outcome: State | str
    checks: tuple[Check, ...] = ()
    policy: Policy = POLICY

    def holds(self, table: Table = TABLE) -> bool:
        """Every step counts one version, at the event's time or, if that clock is behind, at the session's."""
        before = self.given()
        event = self.when(before)
        try:
            after = apply(before, event, self.policy, table)
        except Refused as refusal:
            return self.outcome == refusal.code and not isinstance(self.outcome, State)
        counted = (after.version, after.changed_at) == (before.version + 1, max(event.at, before.changed_at))
        return counted and after.state is self.outcome and all(check(before, after) for check in self.checks)


def case(story: str, given: Road, when: Step, outcome: State | str, *checks: Check, policy: Policy = POLICY) -> Case:
    return Case(story=story, given=given, when=when, outcome=outcome, checks=checks, policy=policy)


# --- what is asked of the session afterwards ---


def same(*names: str) -> Check:
    return lambda before, after: all(getattr(before, name) == getattr(after, name) for name in names)


def one_more(name: str, *others: str) -> Check:
    return lambda before, after: all(getattr(after, n) == getattr(before, n) + 1 for n in (name, *others))


def because(reason: Reason) -> Check:
    return lambda _, after: after.reason is reason


def holds(*factors: Factor, person: str = ANN) -> Check:
    """Exactly these factors, all of this person."""
    return lambda _, after: (
        after.person == person
        and [f.factor for f in after.factors] == list(factors)
        and all(f.person == person for f in after.factors)
    )


def forgotten(before: Session, after: Session) -> bool:
    """Nobody is accepted any more, nothing issued for them is left, no frame so far counts again, every count stays."""
    gone = (after.factors, after.challenge, after.pin, after.phrase, after.assurance, after.enrolling)
    counts = same("pin_sends", "wrong_pins", "voice_failures", "claims", "challenges", "phrases")
    nothing = ((), None, None, None, None, False)
    return gone == nothing and after.person is None and after.since_seq >= before.since_seq and counts(before, after)


def frames_up_to(seq: int) -> Check:
    return lambda _, after: after.since_seq == seq


def code_sent(before: Session, after: Session) -> bool:
    """A new code is on its way, good for the policy's time from now, and counted."""
    return (
        after.pin is not None
        and (before.pin is None or after.pin.nonce != before.pin.nonce)
        and after.pin.nonce == f"nonce-{before.version}"
        and after.pin.key == "k1"
        and after.pin.sms is SmsState.QUEUED
        and after.pin.issued_at == after.pin.sms_at == after.changed_at
        and after.pin.expires_at == after.changed_at + POLICY.pin_valid
        and after.pin.resend_at == after.changed_at + POLICY.pin_resend_after
        and after.pin_sends == before.pin_sends + 1
    )


def code_prepared(before: Session, after: Session) -> bool:
    """The code waits for "Send my code"; nothing was sent."""
    return after.pin is not None and after.pin.sms is SmsState.WAITING and after.pin_sends == before.pin_sends


def same_code_again(before: Session, after: Session) -> bool:
    return (
        before.pin is not None
        and after.pin is not None
        and (after.pin.nonce, after.pin.key) == (before.pin.nonce, before.pin.key)
        and (after.pin.issued_at, after.pin.expires_at) == (before.pin.issued_at, before.pin.expires_at)
        and after.pin.sms is SmsState.QUEUED
        and after.pin.sms_at == after.changed_at
        and after.pin.sms_reference is after.pin.sms_reason is None
        and after.pin.resend_at == after.changed_at + POLICY.pin_resend_after
        and after.pin_sends == before.pin_sends + 1
    )


def phrase_asked(digits: str, problem: str | None = None) -> Check:
    """A phrase with a number of its own, never used in this visit."""
    return lambda before, after: (
        after.phrase is not None
        and after.phrase.attempt == after.phrases == before.phrases + 1
        and after.phrase.digits == digits
        and after.phrase.issued_at == after.changed_at
        and after.phrase.received_at is None
        and after.phrase.problem == problem
    )


def challenge_asked(before: Session, after: Session) -> bool:
    return (
        after.challenge is not None
        and after.challenge.number == after.challenges == before.challenges + 1
        and after.challenge.orders == r.ORDERS
        and after.challenge.since_seq == before.since_seq + 2
        and after.challenge.issued_at == after.changed_at
        and after.challenge.expires_at == after.changed_at + POLICY.challenge_valid
    )


def received(_: Session, after: Session) -> bool:
    return after.phrase is not None and after.phrase.received_at == after.changed_at


def sms(state: SmsState, reference: str | None = None, why: str | None = None) -> Check:
    return lambda before, after: (
        after.pin is not None
        and after.pin.sms is state
        and after.pin.sms_at == after.changed_at
        and after.pin.sms_reference == reference
        and after.pin.sms_reason == why
        and same("pin_sends", "factors")(before, after)
    )


def shown_in_frame(before: Session, after: Session) -> bool:
    """The newest factor says when it was passed and which frame showed the person."""
    return (after.factors[-1].at, after.factors[-1].seq) == (after.changed_at, before.since_seq + 2)
