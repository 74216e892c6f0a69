"""The ways on for who was not identified: again, a number, registering, staff."""

from datetime import timedelta

from shared.domain import events as e
from shared.domain.session import Factor, Reason
from tests.unit import session_roads as r
from tests.unit.session_cases.case import (
    LIVE,
    S,
    because,
    case,
    code_sent,
    forgotten,
    frames_up_to,
    holds,
    one_more,
    same,
    shown_in_frame,
)
from tests.unit.session_cases.steps import calls_staff, claims, registers, retries, vouches
from tests.unit.session_roads import ANN, BEN, POLICY, happens

SEARCHING = [
    *(
        case(f"trying again from {name}", road, retries, S.IDENTIFYING, forgotten, one_more("identifications"))
        for name, road in [
            ("unknown", r.unknown),
            ("ambiguous", r.ambiguous),
            ("claiming", r.claiming),
            ("assistance", r.assistance),
        ]
    ),
    case("no fifth try", r.identified_out, retries, "identifications_left"),
    case(
        "trying again never brings old frames back",
        r.changed(r.unknown, since_seq=50),
        happens(e.Retried, seq=10),
        S.IDENTIFYING,
        frames_up_to(50),
    ),
    case(
        "a number is claimed from unknown",
        r.unknown,
        claims,
        S.CLAIMING,
        one_more("claims"),
        same("pin_sends", "wrong_pins", "identifications"),
        lambda _, now: now.person == ANN and not now.factors and now.since_seq == 4,
    ),
    case("and from ambiguous", r.ambiguous, claims, S.CLAIMING, one_more("claims"), holds()),
    case("no third claim", r.claimed_out, claims, "claims_left"),
    case(
        "registering from unknown",
        r.unknown,
        registers,
        S.ENROLLING,
        lambda before, now: now.enrolling and now.expires_at == before.created_at + POLICY.enrolment_visit,
        holds(person="new"),
        same("pin_sends", "wrong_pins"),
    ),
    case("registering from ambiguous", r.ambiguous, registers, S.ENROLLING, holds(person="new")),
    case(
        "registering never shortens a visit",
        r.changed(r.unknown, expires_at=r.START + timedelta(hours=1)),
        registers,
        S.ENROLLING,
        same("expires_at"),
    ),
    case("registering where it is closed", r.unknown, happens(e.EnrolmentAsked, allowed=False), "enrolment_allowed"),
    *(
        case(
            f"staff is called from {state}",
            r.IN_STATE[state],
            calls_staff,
            S.ASSISTANCE,
            same("pin_sends", "wrong_pins"),
        )
        for state in LIVE
        if state not in {S.GRANTED, S.HANDED_OFF, S.ASSISTANCE}
    ),
]

ASSISTANCE = [
    case(
        "staff vouch, and a code goes out", r.assistance, vouches, S.PIN, code_sent, holds(Factor.STAFF), shown_in_frame
    ),
    case(
        "staff vouching replaces whoever was accepted",
        r.road(calls_staff, start=r.voice),
        happens(e.StaffVouched, person=BEN),
        S.PIN,
        code_sent,
        holds(Factor.STAFF, person=BEN),
        lambda _, now: now.phrase is None,
    ),
    case(
        "one officer is not enough when the face failed",
        r.assistance,
        happens(e.StaffVouched, face_failed=True),
        "enough_officers",
    ),
    case(
        "one officer twice is one",
        r.assistance,
        happens(e.StaffVouched, face_failed=True, officers=("olga", "olga")),
        "enough_officers",
    ),
    case("no officer is none", r.assistance, happens(e.StaffVouched, officers=()), "enough_officers"),
    case(
        "two officers are",
        r.assistance,
        happens(e.StaffVouched, face_failed=True, officers=("olga", "otto")),
        S.PIN,
        code_sent,
    ),
    case(
        "nobody vouches for who is at another machine", r.assistance, happens(e.StaffVouched, free=False), "person_free"
    ),
    case(
        "nobody vouches right after a change of phone", r.assistance, happens(e.StaffVouched, barred=True), "not_barred"
    ),
    case(
        "staff cannot send a fourth message",
        r.road(calls_staff, start=r.pin_all_sent),
        vouches,
        "sends_left",
    ),
    case("staff refuse", r.assistance, happens(e.StaffRefused), S.DENIED, because(Reason.REFUSED_BY_STAFF)),
]
