"""Guards and effects by themselves: asked about what is not there they say no, or say what is wrong."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.domain import effects as do
from shared.domain import events as e
from shared.domain import guards as g
from shared.domain.session import OVER, Factor, Session, State, kiosk_day
from tests.unit import session_roads as r


@dataclass(frozen=True, slots=True)
class Fact:
    story: str
    holds: Callable[[], bool]


ABOUT_NOTHING: list[tuple[g.Guard, type[e.Event]]] = [
    (g.this_challenge, e.ChallengePassed),
    (g.challenge_in_time, e.ChallengePassed),
    (g.pin_issued, e.PinSubmitted),
    (g.pin_not_expired, e.PinSubmitted),
    (g.pin_expired, e.Tick),
    (g.resend_due, e.PinAsked),
    (g.sms_as_expected, e.SmsChanged),
    (g.this_attempt, e.VoiceReceived),
    (g.not_received_yet, e.VoiceReceived),
    (g.received, e.VoiceChecked),
    (g.face_holds, e.ChallengePassed),
    (g.vouched, e.PinSubmitted),
    (g.face_and_pin_hold, e.VoiceChecked),
    (g.all_three_hold, e.Enrolled),
    (g.grant_holds, e.HandoffAsked),
    (g.token_fresh, e.HandoffRedeemed),
    (g.token_unused, e.HandoffRedeemed),
    (g.teller_left, e.Tick),
]


def says_no(guard: g.Guard, kind: type[e.Event]) -> Callable[[], bool]:
    return lambda: guard(r.arrival(), r.fitting(r.arrival(), kind), r.POLICY) is False


def does_not_apply(effect: do.Effect, kind: type[e.Event]) -> Callable[[], bool]:
    return objects(lambda s: effect(s, r.fitting(s, kind), r.POLICY))


def objects(act: Callable[[Session], object]) -> Callable[[], bool]:
    def holds() -> bool:
        try:
            act(r.arrival())
        except ValueError:
            return True
        return False

    return holds


PIN_ASKED = e.PinAsked(at=r.START, nonce="n", key="k1")

ALONE = [
    *(Fact(f"{guard.__name__} says no where there is nothing", says_no(guard, kind)) for guard, kind in ABOUT_NOTHING),
    Fact("no message moves without a code", does_not_apply(do.sms_moved, e.SmsChanged)),
    Fact("no clip without a phrase", does_not_apply(do.clip_received, e.VoiceReceived)),
    Fact("no token without a hand-off", does_not_apply(do.redeemed, e.HandoffRedeemed)),
    Fact(
        "where there is no code a new one is issued",
        lambda: do.send_again(r.arrival(), PIN_ASKED, r.POLICY).pin is not None,
    ),
    Fact("no factor without a person", objects(lambda s: s.with_factor(Factor.FACE, r.START, 1))),
    Fact("a visit is over once denied or ended", lambda: all(r.IN_STATE[s]().over is (s in OVER) for s in State)),
    Fact("a visit's id says where it is kept", lambda: kiosk_day("K7_20261122_abc") == "K7_20261122"),
    Fact("an id of another form is none", objects(lambda _: kiosk_day("K7_20261122"))),
]
