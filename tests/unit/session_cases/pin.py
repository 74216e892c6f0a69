"""The code, and the message that brings it."""

from shared.domain import events as e
from shared.domain.pin import SmsState
from shared.domain.session import Assurance, Factor, Reason
from tests.unit import session_roads as r
from tests.unit.session_cases.case import (
    S,
    because,
    case,
    code_sent,
    holds,
    one_more,
    phrase_asked,
    same,
    same_code_again,
    shown_in_frame,
    sms,
)
from tests.unit.session_cases.steps import (
    ON_REQUEST,
    after,
    asks_again,
    but,
    calls_staff,
    expired_pin,
    ticks,
    types_pin,
    waiting,
    wrong_pin,
)
from tests.unit.session_roads import POLICY, happens

PIN = [
    case(
        "the right code leads to the voice",
        r.pin,
        types_pin,
        S.VOICE,
        holds(Factor.FACE, Factor.PIN),
        shown_in_frame,
        phrase_asked("135790"),
    ),
    case(
        "for whom staff vouch, the right code grants",
        r.assisted_pin,
        types_pin,
        S.GRANTED,
        holds(Factor.STAFF, Factor.PIN),
        shown_in_frame,
        lambda _, now: now.assurance is Assurance.ASSISTED,
    ),
    case(
        "a wrong code is counted", r.pin, wrong_pin, S.PIN, one_more("wrong_pins"), same("factors", "pin", "pin_sends")
    ),
    case("the second wrong code counts", r.road(wrong_pin, start=r.pin), wrong_pin, S.PIN, one_more("wrong_pins")),
    case("for whom staff vouch as well", r.assisted_pin, wrong_pin, S.PIN, one_more("wrong_pins"), same("factors")),
    case(
        "the third wrong code denies",
        r.pin_last_try,
        wrong_pin,
        S.DENIED,
        one_more("wrong_pins"),
        because(Reason.WRONG_PIN),
    ),
    case("the right code on the last try", r.pin_last_try, types_pin, S.VOICE, holds(Factor.FACE, Factor.PIN)),
    *(
        case(f"{what} code, {how}, {where}", given, wrong(typed), code)
        for what, typed in [("a right", types_pin), ("a wrong", wrong_pin)]
        for where, given in [
            ("at the first try", r.pin),
            ("at the last try", r.pin_last_try),
            ("assisted", r.assisted_pin),
            ("registering", r.enrolling_pin),
        ]
        for how, wrong, code in [
            ("with nobody in front", but(presence=e.Presence.LOOK), "in_front"),
            ("with two in front", but(presence=e.Presence.ALONE), "in_front"),
            ("of another challenge", but(nonce="old"), "pin_issued"),
        ]
    ),
    *(
        case(
            f"{what} code too late, {where}",
            expired_pin(given),
            happens(e.PinSubmitted, correct=right),
            "pin_not_expired",
        )
        for what, right in [("a right", True), ("a wrong", False)]
        for where, given in [
            ("at the first try", r.pin),
            ("at the last try", r.pin_last_try),
            ("assisted", r.assisted_pin),
            ("registering", r.enrolling_pin),
        ]
    ),
    case("the same code is sent again", r.pin_sent, asks_again, S.PIN, same_code_again, same("factors", "wrong_pins")),
    case("a new code when the old one ran out", expired_pin(r.pin), after(1, asks_again), S.PIN, code_sent),
    case("but not at once", r.pin, after(1, asks_again), "resend_due"),
    case("nor a moment early", r.pin, after(POLICY.pin_resend_after.total_seconds() - 0.001, asks_again), "resend_due"),
    case("nor before there is one", r.enrolling, asks_again, "resend_due"),
    case("nor a fourth time", r.pin_all_sent, asks_again, "sends_left"),
    case("`Send my code` sends at once", waiting, after(1, asks_again), S.PIN, code_sent, policy=ON_REQUEST),
    case(
        "the visit ends when the last code ran out",
        expired_pin(r.pin_all_sent),
        ticks,
        S.ENDED,
        because(Reason.PIN_NOT_USED),
    ),
    case("registering too", expired_pin(r.enrolling_all_sent), ticks, S.ENDED, because(Reason.PIN_NOT_USED)),
    case("not while it is valid", r.pin_all_sent, ticks, "expired"),
    case("not while another can be sent", expired_pin(r.pin), ticks, "expired"),
    case("not once it was used", expired_pin(r.road(types_pin, start=r.enrolling_all_sent)), ticks, "expired"),
]

SMS = [
    *(
        case(f"the message is on its way in {name}", given, happens(e.SmsChanged), outcome, sms(SmsState.SENDING))
        for name, given, outcome in [
            ("pin", r.pin, S.PIN),
            ("voice", r.voice, S.VOICE),
            ("granted", r.granted, S.GRANTED),
            ("handed off", r.handed_off, S.HANDED_OFF),
            ("enrolling", r.enrolling_pin, S.ENROLLING),
            ("assistance", r.road(calls_staff, start=r.pin), S.ASSISTANCE),
        ]
    ),
    case(
        "it arrived, and keeps its reference",
        r.pin_sent,
        happens(e.SmsChanged, after=SmsState.DELIVERED),
        S.PIN,
        sms(SmsState.DELIVERED, "SM1"),
    ),
    case(
        "it failed, and says why",
        r.pin_sent,
        happens(e.SmsChanged, after=SmsState.FAILED, reference="SM2", why="landline"),
        S.PIN,
        sms(SmsState.FAILED, "SM2", "landline"),
    ),
    case("another code's message", r.pin, happens(e.SmsChanged, nonce="old"), "pin_issued"),
    case("a message no code belongs to", r.enrolling, happens(e.SmsChanged), "pin_issued"),
    case("it is sent by one only", r.pin_sent, happens(e.SmsChanged, before=SmsState.QUEUED), "sms_as_expected"),
    case("it is never queued again", r.pin_sent, happens(e.SmsChanged, after=SmsState.QUEUED), "sms_as_expected"),
    case("nor sent again", r.pin_sent, happens(e.SmsChanged, after=SmsState.SENDING), "sms_as_expected"),
]
