"""Whole visits through the services, on fakes: what a customer meets, and what an attacker does not get."""

import threading

import pytest

from shared.domain.errors import LostRace, NotAllowed, Unavailable
from shared.domain.pin import SmsState
from shared.domain.session import Reason, State
from shared.domain.transitions import Refused
from tests.stage import Stage


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada", "+12025550142")
    stage.enrol("ben", "+12025550187")
    return stage


def test_face_pin_and_voice_together_grant(stage: Stage) -> None:
    stage.to_granted()
    assert stage.now().assurance == "full"
    events = [e["what"] for e in stage.app.timeline.of(stage.session)]
    assert {"face_accepted", "pin_sent", "pin_accepted", "granted"} <= set(events)


def test_one_message_goes_out_and_says_what_it_is_for(stage: Stage) -> None:
    stage.to_pin()
    (message,) = stage.app.fake_sms.sent
    assert message.text.startswith(f"{stage.code()} is your Face ATM code at Shibuya Station. Valid 3 minutes.")
    pin = stage.now().pin
    assert pin is not None
    assert pin.sms is SmsState.SENT


def test_one_good_frame_is_not_enough(stage: Stage) -> None:
    stage.begin()
    stage.show("ada")
    assert stage.state is State.IDENTIFYING


def test_a_stranger_is_unknown_after_five_good_frames_and_nothing_is_sent(stage: Stage) -> None:
    stage.begin()
    stage.show(*["eve"] * 5)
    assert stage.state is State.UNKNOWN
    assert stage.app.fake_sms.sent == []
    assert stage.view()["options"] == ["retry", "claim", "register", "assistance"]


def test_a_face_between_two_customers_is_ambiguous_never_the_nearest(stage: Stage) -> None:
    stage.begin()
    stage.show(*["ada~ben"] * 5)
    assert stage.state is State.AMBIGUOUS


def test_frames_that_fail_the_presentation_check_lead_to_a_challenge(stage: Stage) -> None:
    stage.begin()
    stage.show(*["ada+live:no"] * 3)
    assert stage.state is State.CHALLENGE
    assert stage.app.fake_sms.sent == []


def test_a_challenge_shows_the_order_that_is_due_now(stage: Stage) -> None:
    stage.begin()
    stage.show(*["ada+live:no"] * 3)
    challenge = stage.now().challenge
    assert challenge is not None
    yaw = {"turn_left": "20", "turn_right": "-20"}
    seen = []
    for order in challenge.orders:
        stage.show("ada", "ada")
        seen.append(stage.view()["challenge"])
        stage.show(f"ada+yaw:{yaw[order]}")
    assert [(c["step"], c["stepsDone"]) for c in seen] == [  # type: ignore[index]
        (order, number) for number, order in enumerate(challenge.orders)
    ]
    stage.show("ada")
    assert stage.state is not State.CHALLENGE


def test_three_wrong_pins_end_the_visit(stage: Stage) -> None:
    stage.to_pin()
    wrong = f"{(int(stage.code()) + 1) % 10**6:06d}"
    for _ in range(3):
        assert not stage.type_pin(wrong)
    assert (stage.state, stage.now().reason) == (State.DENIED, Reason.WRONG_PIN)


def test_a_pin_needs_the_person_in_front_and_uses_up_no_attempt_without(stage: Stage) -> None:
    stage.to_pin()
    stage.app.fake_clock.advance(4)
    with pytest.raises(Refused, match="in_front"):
        stage.type_pin(stage.code())
    assert stage.now().wrong_pins == 0


def test_a_hundred_right_codes_at_once_are_accepted_once(stage: Stage) -> None:
    stage.to_pin()
    code, accepted = stage.code(), []
    start = threading.Barrier(100)

    def submit() -> None:
        start.wait()
        try:
            accepted.append(stage.type_pin(code))
        except (Refused, LostRace):
            accepted.append(False)

    threads = [threading.Thread(target=submit) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(accepted) == 1
    assert stage.state is State.VOICE
    assert stage.now().wrong_pins == 0


def test_codes_sent_while_one_is_judged_never_bar_their_owner(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.to_pin()
    code, judge, refused = stage.code(), stage.app.standing.try_pin, []

    def judge_among_many(person: str) -> bool:
        for _ in range(20):
            with pytest.raises(LostRace) as refusal:
                stage.type_pin(code)
            refused.append(refusal)
        return judge(person)

    monkeypatch.setattr(stage.app.standing, "try_pin", judge_among_many)
    assert stage.type_pin(code)
    assert len(refused) == 20
    assert stage.state is State.VOICE
    assert stage.app.standing.failures(str(stage.now().person)) == (0, 0)


def test_another_face_after_the_pin_clears_everything(stage: Stage) -> None:
    stage.to_voice()
    stage.show("eve")
    assert stage.now().factors == ()
    assert stage.state is State.IDENTIFYING


def test_another_face_while_speaking_is_never_granted(stage: Stage) -> None:
    stage.to_voice()
    phrase = stage.now().phrase
    assert phrase is not None
    clip = f"voice:ada;digits:{phrase.digits}".encode()
    stage.app.visit.voice(stage.stored(), phrase.attempt, clip)
    stage.show("eve")
    stage.app.inline_voice(stage.now(), phrase.attempt, clip)
    assert stage.state is State.IDENTIFYING


def test_the_wrong_speaker_fails_three_times_and_is_denied(stage: Stage) -> None:
    stage.to_voice()
    for _ in range(3):
        stage.show("ada")
        stage.say("eve")
    assert (stage.state, stage.now().reason) == (State.DENIED, Reason.WRONG_VOICE)


def test_a_recording_with_other_digits_fails(stage: Stage) -> None:
    stage.to_voice()
    stage.show("ada")
    stage.say("ada", digits="000000")
    assert stage.state is State.VOICE
    assert stage.now().voice_failures == 1


def test_a_clip_heard_in_an_earlier_visit_is_refused(stage: Stage) -> None:
    stage.to_granted()
    earlier = stage.app.fake_media.read("recordings", _clip_name(stage, 1))
    stage.app.visit.leave(stage.stored())
    stage.to_voice()
    stage.show("ada")
    stage.app.visit.voice(stage.stored(), 1, earlier)
    stage.app.inline_voice(stage.now(), 1, earlier)
    assert stage.state is State.VOICE
    assert stage.now().voice_failures == 1


def test_too_little_speech_asks_again_and_uses_up_nothing(stage: Stage) -> None:
    stage.to_voice()
    stage.show("ada")
    stage.say("ada", speech="0.4")
    assert stage.now().voice_failures == 0
    assert stage.view()["voice"]["problem"] == "too_short"  # type: ignore[index]


def test_repeated_and_late_events_change_nothing(stage: Stage) -> None:
    stage.to_pin()
    before = stage.now()
    for seq in (1, 2, 3, 4, 2, 1):
        stage.app.inline_frame(stage.now(), seq, b"eve")
    assert stage.now() == before
    assert len(stage.app.fake_sms.sent) == 1


def test_frames_analysed_out_of_order_come_to_the_same(stage: Stage) -> None:
    stage.begin()
    stage.show("ada", "ada", "ada", deliver=False)
    for seq in (3, 1, 2):
        stage.app.inline_frame(stage.now(), seq, b"ada")
    assert stage.state is State.PIN


def test_what_no_event_brought_is_rescued_by_the_poll(stage: Stage) -> None:
    stage.begin()
    stage.show("ada", "ada", deliver=False)
    stage.app.fake_clock.advance(3.5)
    stage.view()
    assert stage.state is State.PIN


def test_an_engine_that_fails_lets_nobody_in(stage: Stage) -> None:
    stage.begin()
    stage.app.eyes.broken = True
    with pytest.raises(Unavailable):
        stage.show("ada")
    assert stage.state is State.IDENTIFYING


def test_a_second_kiosk_accepting_the_same_face_sends_nothing(stage: Stage) -> None:
    stage.to_pin()
    first = stage.session
    stage.begin()
    stage.show(*["ada"] * 3)
    assert stage.state is State.AMBIGUOUS
    assert len(stage.app.fake_sms.sent) == 1
    assert stage.app.sessions.load(first).session.state is State.PIN


def test_a_suspended_person_is_nobody(stage: Stage) -> None:
    from dataclasses import replace

    from shared.services.people.registry import Status

    person = stage.app.people.require("pada")
    stage.app.people.save(replace(person, status=Status.SUSPENDED))
    stage.app.feed.announce("pada")
    stage.begin()
    stage.show(*["ada"] * 5)
    assert stage.state is State.UNKNOWN


def test_claiming_a_number_compares_with_that_person_only(stage: Stage) -> None:
    stage.begin()
    stage.show(*["ada~ben"] * 5)
    stage.app.visit.claim(stage.stored(), "+12025550142")
    assert stage.state is State.CLAIMING
    stage.show("ada~ben", "ada~ben")
    assert (stage.now().state, stage.now().person) == (State.PIN, "pada")


def test_claiming_somebody_elses_or_nobodys_number_looks_the_same(stage: Stage) -> None:
    views = []
    for phone in ("+12025550142", "+12025550199"):
        stage.begin()
        stage.show(*["eve"] * 5)
        stage.app.visit.claim(stage.stored(), phone)
        stage.show(*["eve"] * 5)
        view = stage.view()
        views.append({k: view[k] for k in ("state", "pin", "options", "guidance", "factors", "version")})
        stage.app.visit.leave(stage.stored())
    assert views[0] == views[1]
    assert stage.app.fake_sms.sent == []


def test_a_token_opens_its_own_session_only(stage: Stage) -> None:
    stage.begin()
    mine, token = stage.session, stage.token
    stage.begin()
    with pytest.raises(NotAllowed):
        stage.app.visit.open(mine, stage.token)
    with pytest.raises(NotAllowed):
        stage.app.visit.open("K7_20261122_" + "a" * 24, token)
    with pytest.raises(NotAllowed):
        stage.app.visit.open("nonsense", token)


def test_an_abandoned_visit_ends_idle_by_the_sweep(stage: Stage) -> None:
    stage.to_pin()
    stage.app.fake_clock.advance(120)
    assert stage.app.sweep.run() == 1
    assert (stage.state, stage.now().reason) == (State.ENDED, Reason.IDLE)


def test_nothing_that_is_stored_holds_code_number_or_token(stage: Stage) -> None:
    stage.to_granted()
    kept = "\n".join(stage.app.fake_documents.texts())
    for secret in (stage.token, "2025550142"):
        assert secret not in kept
    (message,) = stage.app.fake_sms.sent
    assert message.text[:6] not in kept


def _clip_name(stage: Stage, attempt: int) -> str:
    from shared.domain.recording import RecordingKind, recording_name

    return str(recording_name(stage.session, RecordingKind.VOICE, attempt))
