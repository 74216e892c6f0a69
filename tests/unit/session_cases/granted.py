"""What a grant is worth, and how it is handed off."""

from shared.domain import events as e
from shared.domain.session import Factor, Reason
from tests.unit import session_roads as r
from tests.unit.session_cases.case import S, because, case, same
from tests.unit.session_cases.steps import (
    after,
    factors_of,
    hands_off,
    lonely_tick,
    nowhere,
    old_frame,
    redeems,
    seen_tick,
    somebody_else,
)
from tests.unit.session_roads import ANN, BEN, SECOND, happens

GRANTED = [
    case(
        "granted, and handed off",
        r.granted,
        hands_off,
        S.HANDED_OFF,
        same("factors", "assurance"),
        lambda _, now: (
            now.handoff is not None
            and now.handoff.token_hash == "token"
            and now.handoff.issued_at == now.changed_at
            and now.handoff.redeemed_at is None
        ),
    ),
    case("assisted, and handed off", r.assisted, hands_off, S.HANDED_OFF, same("factors", "assurance")),
    case("registered, and handed off", r.self_granted, hands_off, S.HANDED_OFF, same("factors", "assurance")),
    case("not with nobody in front", r.granted, nowhere(e.HandoffAsked), "in_front"),
    *(
        case(f"a grant does not stand on {what}", given, hands_off, "grant_holds")
        for what, given in [
            ("nothing", r.changed(r.granted, assurance=None)),
            ("nothing, for whom staff vouched", r.changed(r.assisted, assurance=None)),
            ("another's factors", r.changed(r.granted, person=BEN)),
            ("a missing voice", r.changed(r.granted, factors=factors_of(ANN, Factor.FACE, Factor.PIN))),
            ("a missing face", r.changed(r.granted, factors=factors_of(ANN, Factor.PIN, Factor.VOICE))),
            ("a missing PIN", r.changed(r.granted, factors=factors_of(ANN, Factor.FACE, Factor.VOICE))),
            ("staff without a PIN", r.changed(r.assisted, factors=factors_of(ANN, Factor.STAFF))),
            ("an assisted PIN without staff", r.changed(r.assisted, factors=factors_of(ANN, Factor.FACE, Factor.PIN))),
        ]
    ),
    case(
        "the token is redeemed",
        r.handed_off,
        redeems,
        S.HANDED_OFF,
        lambda _, now: (
            now.handoff is not None
            and now.handoff.redeemed_at == now.changed_at
            and now.handoff.teller_token_hash == "teller"
            and now.handoff.token_hash == "token"
        ),
    ),
    case("once", r.at_the_teller, redeems, "token_unused"),
    case("not another one", r.handed_off, happens(e.HandoffRedeemed, token_hash="forged"), "token_fresh"),
    case("not after 30 s", r.handed_off, after(30, redeems), "token_fresh"),
    case("just before", r.handed_off, after(29.999, redeems), S.HANDED_OFF),
    case("a token not collected ends the visit", r.handed_off, seen_tick(30), S.ENDED, because(Reason.NOT_COLLECTED)),
    case(
        "nor does more time help it",
        r.road(after(20, happens(e.MoreTimeAsked)), start=r.handed_off),
        seen_tick(10),
        S.ENDED,
        because(Reason.NOT_COLLECTED),
    ),
    case("a grant not collected too", r.granted, seen_tick(30), S.ENDED, because(Reason.NOT_COLLECTED)),
    case("not before 30 s", r.handed_off, seen_tick(29.999), "teller_left"),
    case("nor the grant", r.granted, seen_tick(29.999), "token_uncollected"),
    case("not once it was", r.at_the_teller, seen_tick(40), "teller_left"),
    case("the teller ends without its customer", r.at_the_teller, lonely_tick(15), S.ENDED, because(Reason.LEFT)),
    case("not before 15 s", r.at_the_teller, lonely_tick(14.999), "teller_left"),
    case("nor while the customer is seen", r.at_the_teller, seen_tick(20), "teller_left"),
    case(
        "nor just after the customer was seen last",
        r.at_the_teller,
        lambda s: e.Tick(at=s.changed_at + 40 * SECOND, seen_at=s.changed_at, shown_at=s.changed_at + 26 * SECOND),
        "teller_left",
    ),
    case("nobody's teller ends before it began", r.handed_off, lonely_tick(20), "teller_left"),
    case("somebody else at the teller ends it", r.handed_off, somebody_else, S.ENDED, because(Reason.DIFFERENT_FACE)),
    case(
        "but not a frame from before", r.changed(r.handed_off, since_seq=3), old_frame(e.DifferentFace), "newer_frame"
    ),
]
