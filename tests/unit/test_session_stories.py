"""Whole visits, told from the door to the end, honest ones and others."""

import pytest

from shared.domain import events as e
from shared.domain.pin import SmsState
from shared.domain.session import Assurance, Factor, Reason, State
from shared.domain.transitions import Refused
from tests.unit import session_roads as r
from tests.unit.session_roads import ANN, BEN, happens, walk

to_the_code = (happens(e.FaceAccepted), happens(e.SmsChanged), happens(e.SmsChanged, after=SmsState.SENT))
says_it = (happens(e.VoiceReceived), happens(e.VoiceChecked))
ben_steps_in = (happens(e.DifferentFace), happens(e.FaceAccepted, person=BEN))
types_wrong = happens(e.PinSubmitted, correct=False)


def test_ann_is_known_types_her_code_speaks_and_stands_at_the_teller() -> None:
    done = walk(
        r.arrival(),
        *to_the_code,
        happens(e.PinSubmitted),
        *says_it,
        happens(e.HandoffAsked),
        happens(e.HandoffRedeemed),
    )
    assert (done.state, done.assurance, done.person) == (State.HANDED_OFF, Assurance.FULL, ANN)
    assert [f.factor for f in done.factors] == [Factor.FACE, Factor.PIN, Factor.VOICE]
    assert (done.pin_sends, done.wrong_pins, done.voice_failures) == (1, 0, 0)
    assert walk(done, happens(e.Left, reason=Reason.FINISHED)).reason is Reason.FINISHED


def test_ann_is_not_recognised_and_claims_her_number() -> None:
    done = walk(
        r.unknown(), happens(e.Claimed), *to_the_code, happens(e.PinSubmitted), *says_it, happens(e.HandoffAsked)
    )
    assert (done.state, done.person) == (State.HANDED_OFF, ANN)


def test_staff_answer_for_ann_and_she_still_needs_her_code() -> None:
    with pytest.raises(Refused):
        walk(r.assisted_pin(), happens(e.HandoffAsked))
    done = walk(r.assisted_pin(), happens(e.PinSubmitted), happens(e.HandoffAsked))
    assert (done.state, done.assurance) == (State.HANDED_OFF, Assurance.ASSISTED)


def test_somebody_new_registers_and_goes_on_to_the_teller() -> None:
    done = walk(
        r.enrolling(),
        happens(e.EnrolmentFaceTaken),
        happens(e.PinSubmitted),
        happens(e.VoiceReceived),
        happens(e.EnrolmentVoiceTaken, more=True),
        happens(e.VoiceReceived),
        happens(e.EnrolmentVoiceTaken, more=True),
        happens(e.VoiceReceived),
        happens(e.EnrolmentVoiceTaken),
        happens(e.Enrolled),
        happens(e.HandoffAsked),
    )
    assert (done.state, done.person, done.phrases) == (State.HANDED_OFF, "new", 3)


def test_three_wrong_codes_are_three_whatever_lies_between_them() -> None:
    denied = walk(
        r.arrival(),
        *to_the_code,
        types_wrong,
        happens(e.PinAsked),
        happens(e.MoreTimeAsked),
        *ben_steps_in,
        types_wrong,
        happens(e.SmsChanged),
        types_wrong,
    )
    assert (denied.state, denied.reason, denied.wrong_pins) == (State.DENIED, Reason.WRONG_PIN, 3)


def test_three_wrong_voices_are_three_whatever_lies_between_them() -> None:
    wrong_voice = (happens(e.VoiceReceived), happens(e.VoiceChecked, passed=False))
    quiet = (happens(e.VoiceReceived), happens(e.VoiceChecked, passed=False, counts=False))
    denied = walk(
        r.voice(),
        *wrong_voice,
        *quiet,
        *ben_steps_in,
        happens(e.PinSubmitted),
        *wrong_voice,
        *quiet,
        *wrong_voice,
    )
    assert (denied.state, denied.reason) == (State.DENIED, Reason.WRONG_VOICE)


@pytest.mark.parametrize("asks", [e.FaceAccepted, e.StaffVouched, e.EnrolmentFaceTaken], ids=lambda kind: kind.__name__)
def test_a_visit_sends_three_messages_and_no_fourth_by_any_door(asks: type[e.Event]) -> None:
    three_sent = r.sends_used_up()
    doors = {
        e.FaceAccepted: (),
        e.StaffVouched: (happens(e.AssistanceAsked),),
        e.EnrolmentFaceTaken: (happens(e.FaceUnknown), happens(e.EnrolmentAsked)),
    }
    before = walk(three_sent, *doors[asks])
    try:
        after = walk(before, happens(asks))
    except Refused as refusal:
        assert refusal.code == "sends_left"
    else:
        assert (after.state, after.pin, after.pin_sends) == (State.AMBIGUOUS, None, 3)


def test_an_accomplices_voice_never_speaks_for_the_next_person() -> None:
    """Ben's clip was taken as attempt 1; when Ann stands there, attempt 1 is over for good, judged or not."""
    bens = walk(r.arrival(), happens(e.FaceAccepted, person=BEN), happens(e.PinSubmitted), happens(e.VoiceReceived))
    anns = walk(bens, happens(e.DifferentFace), happens(e.FaceAccepted, person=ANN), happens(e.PinSubmitted))
    for late in (happens(e.VoiceReceived, attempt=1), happens(e.VoiceChecked, attempt=1)):
        with pytest.raises(Refused):
            walk(anns, late)
    assert walk(anns, *says_it).person == ANN


def test_turning_the_head_oneself_does_not_vouch_for_the_photograph_shown_next() -> None:
    """The doubt about Ann comes from her failures; orders carried out before anybody was accepted do not settle it."""
    proven_somebody = walk(r.doubted(), happens(e.ChallengePassed))
    shown = walk(proven_somebody, happens(e.FaceAccepted, doubted=True))
    assert (shown.state, shown.pin_sends) == (State.CHALLENGE, 0)


@pytest.mark.parametrize("where", ["pin", "voice", "voice_received", "granted"])
def test_whoever_takes_anns_place_starts_with_nothing(where: str) -> None:
    taken = walk(getattr(r, where)(), happens(e.DifferentFace))
    assert (taken.state, taken.factors, taken.person, taken.pin, taken.phrase) == (
        State.IDENTIFYING,
        (),
        None,
        None,
        None,
    )
    for kind in (e.PinSubmitted, e.VoiceReceived, e.VoiceChecked, e.HandoffAsked, e.PinAsked):
        with pytest.raises(Refused):
            walk(taken, happens(kind))


def test_whoever_takes_anns_place_at_the_teller_ends_the_visit() -> None:
    assert walk(r.at_the_teller(), happens(e.DifferentFace)).state is State.ENDED


def test_a_photograph_of_ann_without_her_phone_ends_after_three_guesses() -> None:
    denied = walk(r.arrival(), *to_the_code, types_wrong, types_wrong, types_wrong)
    for kind in r.EVENTS:
        with pytest.raises(Refused):
            walk(denied, happens(kind))
