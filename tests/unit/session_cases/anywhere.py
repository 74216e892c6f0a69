"""What can happen anywhere: somebody else, more time, the end."""

from dataclasses import replace
from datetime import timedelta

from shared.domain import events as e
from shared.domain.session import Reason
from tests.unit import session_roads as r
from tests.unit.session_cases.case import LIVE, S, because, case, forgotten, frames_up_to, one_more, same
from tests.unit.session_cases.steps import (
    after,
    at_expiry,
    idle_tick,
    old_frame,
    seen_tick,
    somebody_else,
    ticks,
    ticks_seen,
)
from tests.unit.session_roads import POLICY, SECOND, happens

ANYWHERE = [
    *(
        case(
            f"somebody else in {name}: no factor is left",
            given,
            somebody_else,
            S.IDENTIFYING,
            forgotten,
            frames_up_to(given().since_seq + 2),
            one_more("identifications"),
        )
        for name, given in [
            ("pin", r.pin),
            ("voice", r.voice_received),
            ("granted", r.granted),
            ("challenge", r.challenged),
            ("enrolling", r.enrolling_done),
            ("an assisted grant", r.assisted),
        ]
    ),
    case("somebody else too often ends it", r.last_face, somebody_else, S.ENDED, because(Reason.DIFFERENT_FACE)),
    *(
        case(f"somebody else too often ends {name}", r.changed(given, identifications=4), somebody_else, S.ENDED)
        for name, given in [
            ("voice", r.voice),
            ("granted", r.granted),
            ("challenge", r.challenged),
            ("enrolling", r.enrolling),
        ]
    ),
    *(
        case(
            f"a frame from before {name} is no different face",
            r.changed(given, since_seq=9),
            old_frame(e.DifferentFace),
            "newer_frame",
        )
        for name, given in [("the code", r.pin), ("the last identification", r.last_face)]
    ),
    *(
        case(
            f"more time in {state}",
            r.IN_STATE[state],
            happens(e.MoreTimeAsked),
            state,
            same("pin", "factors", "phrase"),
            lambda before, now: now.extended and now.expires_at == before.expires_at + POLICY.extension,
        )
        for state in LIVE
    ),
    *(
        case(
            f"another language in {state}",
            r.IN_STATE[state],
            happens(e.LanguageChosen),
            state,
            same("pin", "factors", "phrase", "expires_at", "person"),
            lambda before, now: (now.language, now.language_chosen) == ("ja", True),
        )
        for state in LIVE
        if state not in {S.GRANTED, S.HANDED_OFF, S.ASSISTANCE}
    ),
    *(
        case(f"no other language in {state}", r.IN_STATE[state], happens(e.LanguageChosen), "wrong_state")
        for state in (S.GRANTED, S.HANDED_OFF, S.ASSISTANCE)
    ),
    case("no other language when time is up", r.pin, at_expiry(happens(e.LanguageChosen)), "not_expired"),
    case(
        "no other language while a clip is judged",
        r.voice_received,
        happens(e.LanguageChosen),
        "nothing_being_judged",
    ),
    case("more time, by a clock that is behind", r.pin, after(-60, happens(e.MoreTimeAsked)), S.PIN),
    case(
        "a clock that is behind revives no code",
        r.road(happens(e.MoreTimeAsked, at=r.START + 200 * SECOND), start=r.pin),
        happens(e.PinSubmitted, at=r.START + 2 * SECOND),
        "pin_not_expired",
    ),
    case("nothing of the kind here", r.unknown, happens(e.VoiceChecked), "wrong_state"),
    case(
        "more time only once", r.road(happens(e.MoreTimeAsked), start=r.pin), happens(e.MoreTimeAsked), "not_extended"
    ),
    *(
        case(
            f"leaving {state}", r.IN_STATE[state], happens(e.Left), S.ENDED, because(Reason.CANCELLED), same("factors")
        )
        for state in LIVE
    ),
    *(
        case(f"{state} ends in time", r.IN_STATE[state], at_expiry(ticks), S.ENDED, because(Reason.EXPIRED))
        for state in LIVE
        if state not in {S.GRANTED, S.HANDED_OFF}
    ),
    case("the teller ends in time", r.at_the_teller, at_expiry(ticks_seen), S.ENDED, because(Reason.EXPIRED)),
    case(
        "a grant ends in time",
        r.changed(r.granted, expires_at=r.granted().changed_at + 9 * SECOND),
        at_expiry(ticks),
        S.ENDED,
        because(Reason.EXPIRED),
    ),
    *(
        case(f"{state} goes on until then", r.IN_STATE[state], ticks, refusal)
        for state, refusal in [
            *((state, "expired") for state in LIVE if state not in {S.GRANTED, S.HANDED_OFF}),
        ]
    ),
    *(
        case(f"{state} ends idle", r.IN_STATE[state], idle_tick(30), S.ENDED, because(Reason.IDLE))
        for state in LIVE
        if state not in {S.HANDED_OFF, S.ASSISTANCE, S.GRANTED}
    ),
    case(
        "a grant ends idle",
        r.granted,
        idle_tick(30),
        S.ENDED,
        policy=replace(POLICY, handoff_valid=timedelta(minutes=2)),
    ),
    case("not idle before 30 s", r.pin, idle_tick(29.999), "expired"),
    case("nor while somebody is seen", r.pin, seen_tick(60), "expired"),
    case(
        "nor right after a step",
        r.pin,
        lambda s: e.Tick(at=s.changed_at + 29 * SECOND, seen_at=r.START - 99 * SECOND, shown_at=r.START),
        "expired",
    ),
    case("waiting for staff is not idle", r.assistance, idle_tick(60), "expired"),
]
