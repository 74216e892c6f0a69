"""Registering at the kiosk."""

from shared.domain import events as e
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
    received,
    same,
    same_code_again,
    shown_in_frame,
)
from tests.unit.session_cases.steps import (
    asks_again,
    but,
    clip,
    enrols,
    old_frame,
    quiet_voice,
    registers,
    right_voice,
    speaks,
    speaks_first,
    takes_face,
    types_pin,
    wrong_pin,
)
from tests.unit.session_roads import BEN, happens

ENROLLING = [
    case(
        "a new face is taken, and a code goes out",
        r.enrolling,
        takes_face,
        S.ENROLLING,
        code_sent,
        holds(Factor.FACE, person="new"),
        shown_in_frame,
    ),
    case("not from old frames", r.enrolling, old_frame(e.EnrolmentFaceTaken), "newer_frame"),
    case("a face is taken once", r.enrolling_pin, takes_face, "face_not_shown"),
    case(
        "registering sends no fourth message",
        r.road(happens(e.FaceUnknown), registers, start=r.sends_used_up),
        takes_face,
        "sends_left",
    ),
    case(
        "the phone is proven",
        r.enrolling_pin,
        types_pin,
        S.ENROLLING,
        holds(Factor.FACE, Factor.PIN, person="new"),
        shown_in_frame,
        phrase_asked("135790"),
    ),
    case("the phone is proven once", r.enrolling_voice, types_pin, "pin_not_used"),
    case("after that no code is wrong", r.enrolling_voice, wrong_pin, "pin_not_used"),
    case("nor the last one", r.road(types_pin, start=r.enrolling_last_try), wrong_pin, "pin_not_used"),
    case("and none is sent", r.enrolling_voice, asks_again, "pin_not_used"),
    case(
        "a wrong code counts", r.enrolling_pin, wrong_pin, S.ENROLLING, one_more("wrong_pins"), same("factors", "pin")
    ),
    case(
        "three wrong codes deny",
        r.enrolling_last_try,
        wrong_pin,
        S.DENIED,
        one_more("wrong_pins"),
        because(Reason.WRONG_PIN),
    ),
    case("a code can be sent again", r.enrolling_pin, asks_again, S.ENROLLING, same_code_again),
    case("a clip of the new person is received", r.enrolling_voice, clip, S.ENROLLING, received),
    case("a second one is not", r.enrolling_received, clip, "not_received_yet"),
    case(
        "a further phrase is asked for",
        r.enrolling_received,
        speaks_first,
        S.ENROLLING,
        phrase_asked("112233"),
        same("factors"),
    ),
    case(
        "the voice is known",
        r.enrolling_received,
        speaks,
        S.ENROLLING,
        holds(Factor.FACE, Factor.PIN, Factor.VOICE, person="new"),
        shown_in_frame,
        lambda _, now: now.phrase is None,
    ),
    *(
        case(f"no voice, {how}, {more}", given, wrong(spoken), code)
        for more, spoken in [("with more to come", speaks_first), ("the last", speaks)]
        for how, given, wrong, code in [
            ("for another phrase", r.enrolling_received, but(attempt=7), "this_attempt"),
            ("with nobody in front", r.enrolling_received, but(presence=e.Presence.LOOK), "in_front"),
            ("that was not received", r.enrolling_voice, but(), "received"),
        ]
    ),
    case(
        "a clip that does not do is asked for again",
        r.enrolling_received,
        quiet_voice,
        S.ENROLLING,
        phrase_asked("246802", "too_quiet"),
        same("factors", "voice_failures"),
    ),
    case("a good check is no enrolment", r.enrolling_received, right_voice, S.ENROLLING, same("factors")),
    case(
        "registered, and granted at once",
        r.enrolling_done,
        enrols,
        S.GRANTED,
        lambda _, now: now.assurance is Assurance.FULL and now.enrolling,
    ),
    case(
        "registered, and waiting for approval",
        r.enrolling_done,
        happens(e.Enrolled, open=False),
        S.ENDED,
        because(Reason.AWAITING_APPROVAL),
    ),
    case("not registered without a voice", r.enrolling_voice, enrols, "all_three_hold"),
    case("nor to wait for approval", r.enrolling_voice, happens(e.Enrolled, open=False), "all_three_hold"),
    case(
        "nobody is registered by another's factors", r.changed(r.enrolling_done, person=BEN), enrols, "all_three_hold"
    ),
    case("refused", r.enrolling, happens(e.EnrolmentRefused), S.DENIED, because(Reason.REFUSED_AT_ENROLMENT)),
]
