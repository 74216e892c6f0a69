"""Attacks on the visit's limits, each played to its end: pumping messages, guessing codes over many visits, floods."""

import re
import threading

import pytest

from shared.domain.errors import LimitReached, LostRace, NotAllowed
from shared.domain.pin import SmsState
from shared.domain.session import Reason, State
from shared.domain.transitions import Refused
from tests.stage import Stage, StageApp
from tests.unit import test_enrolment_story as registering

PHONE = "+12025550142"


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada", PHONE)
    return stage


def codes_to(stage: Stage, phone: str) -> int:
    return sum(m.to == phone and bool(re.match(r"\d{6} ", m.text)) for m in stage.app.fake_sms.sent)


def visit_and_leave(stage: Stage) -> None:
    stage.begin()
    stage.show("ada", "ada", "ada")
    if not stage.now().over:
        stage.app.visit.leave(stage.stored())


def guess(stage: Stage, times: int = 3) -> int:
    """A visit with wrong codes; returns how many were judged."""
    stage.begin()
    stage.show("ada", "ada", "ada")
    if stage.state is State.CHALLENGE:
        asked = stage.now().challenge
        assert asked is not None
        stage.show("ada")
        for order in asked.orders:
            stage.show(f"ada+yaw:{'20' if order == 'turn_left' else '-20'}", "ada")
    judged = 0
    while stage.state is State.PIN and judged < times:
        stage.show("ada")
        wrong = f"{(int(stage.code()) + 1 + judged) % 10**6:06d}"
        stage.type_pin(wrong)
        judged += stage.now().reason is not Reason.CUT_OFF
    if not stage.now().over:
        stage.app.visit.leave(stage.stored())
    return judged


# --- SMS pumping ---


def test_one_phone_gets_five_codes_an_hour_however_often_its_owner_is_shown(stage: Stage) -> None:
    for _ in range(20):
        visit_and_leave(stage)
    assert codes_to(stage, PHONE) == 5


def test_one_phone_gets_ten_codes_a_day(stage: Stage) -> None:
    for _ in range(24):
        for _ in range(6):
            visit_and_leave(stage)
        stage.app.fake_clock.advance(1800)
    assert codes_to(stage, PHONE) <= 10


def test_a_code_that_the_limit_keeps_back_is_told_and_not_retried(stage: Stage) -> None:
    for _ in range(5):
        visit_and_leave(stage)
    stage.begin()
    stage.show("ada", "ada", "ada")
    pin = stage.now().pin
    assert pin is not None
    assert (pin.sms, pin.sms_reason) == (SmsState.FAILED, "sms-hour")
    for _ in range(5):
        stage.app.fake_clock.advance(1)
        stage.view()
    assert codes_to(stage, PHONE) == 5


def test_a_kiosk_that_registers_one_premium_number_after_another_sends_sixty_messages_an_hour() -> None:
    stage = Stage(StageApp(limit_sms_kiosk_hour=8))
    for number in range(20):
        registering.ask(stage)
        registering.fill_in(stage, phone=f"+1202555{1000 + number}")
        registering.pose(stage)
        stage.app.visit.leave(stage.stored())
    assert len(stage.app.fake_sms.sent) == 8


def test_a_visit_sends_three_messages_at_most(stage: Stage) -> None:
    stage.to_pin()
    for _ in range(10):
        stage.app.fake_clock.advance(31)
        stage.show("ada")
        try:
            stage.app.visit.send_pin(stage.stored())
        except (Refused, NotAllowed):
            break
    assert codes_to(stage, PHONE) == 3


# --- guessing PINs over many visits ---


def test_ten_wrong_codes_a_day_and_no_more_in_however_many_visits(stage: Stage) -> None:
    judged = 0
    for _ in range(20):
        stage.app.fake_clock.advance(1800)
        judged += guess(stage)
    assert judged <= 10
    assert stage.app.standing.failures("pada")[0] == judged


def test_months_of_guessing_end_with_the_visit_of_the_fiftieth_failure(stage: Stage) -> None:
    judged = 0
    for _ in range(400):
        stage.app.fake_clock.advance(6 * 3600)
        judged += guess(stage)
    assert 50 <= judged <= 52
    assert stage.app.standing.barred("pada")


def test_a_right_code_after_wrong_ones_does_not_buy_more_guesses_the_same_day(stage: Stage) -> None:
    for _ in range(2):
        guess(stage, times=2)
    stage.to_granted()
    stage.app.visit.leave(stage.stored())
    assert stage.app.standing.failures("pada") == (4, 0)


def test_after_five_failures_the_next_try_waits_half_a_minute_anywhere(stage: Stage) -> None:
    guess(stage, 3)
    guess(stage, 2)
    stage.begin()
    stage.show("ada", "ada", "ada")
    assert stage.view()["state"] == "ambiguous"
    stage.app.fake_clock.advance(31)
    stage.begin()
    stage.show("ada", "ada", "ada")
    assert stage.state is State.CHALLENGE


def test_at_the_kiosk_of_the_failures_the_wait_doubles_elsewhere_it_does_not(stage: Stage) -> None:
    waits = stage.app.waits
    for _ in range(4):
        waits.begin("pada", "K7")
    assert waits.holds("pada", "K9")
    stage.app.fake_clock.advance(30)
    assert not waits.holds("pada", "K9")
    assert waits.holds("pada", "K7")
    stage.app.fake_clock.advance(239 - 30)
    assert waits.holds("pada", "K7")
    stage.app.fake_clock.advance(1)
    assert not waits.holds("pada", "K7")
    for _ in range(80):
        waits.begin("pada", "K7")
    stage.app.fake_clock.advance(3599)
    assert waits.holds("pada", "K7")
    stage.app.fake_clock.advance(1)
    assert not waits.holds("pada", "K7")


def test_the_owner_is_told_of_wrong_codes_once(stage: Stage) -> None:
    for _ in range(3):
        guess(stage)
        stage.app.fake_clock.advance(7200)
    told = [m for m in stage.app.fake_sms.sent if "wrong codes" in m.text]
    assert len(told) == 1
    assert told[0].to == PHONE


def test_wrong_codes_of_many_requests_at_once_are_all_counted(stage: Stage) -> None:
    """Fewer than the day allows: a code is counted before it is judged, and a larger burst ends the visit by itself."""
    stage.to_pin()
    wrong = f"{(int(stage.code()) + 1) % 10**6:06d}"
    start, answers = threading.Barrier(8), list[str]()

    def submit() -> None:
        stored = stage.stored()
        start.wait()
        while True:
            try:
                answers.append("wrong" if not stage.app.visit.pin(stored, wrong).accepted else "right")
            except LostRace:  # another code of this visit is being judged: the page sends its own again
                stored = stage.stored()
                continue
            except (Refused, NotAllowed):
                answers.append("refused")
            return

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count("wrong") == 3
    assert "right" not in answers
    assert stage.app.standing.failures("pada") == (3, 3)


# --- floods ---


def test_a_kiosk_starts_thirty_visits_a_minute(stage: Stage) -> None:
    taken = 0
    for _ in range(100):
        try:
            stage.app.kiosk_sessions.take("K7")
            taken += 1
        except LimitReached as limit:
            assert limit.retry_after is not None
    assert taken == 30


def test_a_flood_of_frames_is_held_to_the_visits_age_and_its_total(stage: Stage) -> None:
    stage.begin()
    stored = 0
    for _ in range(600):
        stage.app.fake_clock.advance(0.02)
        try:
            stage.app.visit.frame(stage.now(), b"ada")
            stored += 1
        except LimitReached as limit:
            assert limit.retry_after == 1
    assert stored == 30 + int(600 * 0.02 * 5)


def test_no_visit_has_more_frames_than_the_setting_says() -> None:
    stage = Stage(StageApp(frames_most=100))
    stage.begin()
    for _ in range(100):
        stage.app.fake_clock.advance(0.5)
        stage.app.visit.frame(stage.now(), b"nobody")
    with pytest.raises(LimitReached) as refused:
        stage.app.visit.frame(stage.now(), b"nobody")
    assert refused.value.retry_after is None


def test_a_page_at_its_usual_pace_is_never_held_back(stage: Stage) -> None:
    stage.begin()
    for _ in range(500):
        stage.app.fake_clock.advance(0.35)
        stage.app.visit.frame(stage.now(), b"nobody")


def test_many_clips_at_once_are_one_attempt(stage: Stage) -> None:
    stage.to_voice()
    stage.show("ada")
    phrase = stage.now().phrase
    assert phrase is not None
    start, kept = threading.Barrier(20), list[bool]()

    def submit(number: int) -> None:
        stored = stage.stored()
        start.wait()
        try:
            stage.app.visit.voice(stored, phrase.attempt, f"voice:ada;digits:0;take:{number}".encode())
            kept.append(True)
        except Refused:
            kept.append(False)

    threads = [threading.Thread(target=submit, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clips = [i.name for i in stage.app.fake_media.list("recordings") if i.name.endswith(".wav")]
    assert len(clips) == 1
    assert kept.count(True) == 1
