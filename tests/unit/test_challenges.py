"""The orders of a challenge over many visits: what the next one is nobody knows, and it is never the last one again."""

from itertools import pairwise

import pytest

from shared.containers import LIMITS
from shared.domain.session import State
from shared.services.audit.entries import Ground
from shared.settings import Settings
from tests.stage import Stage, StageApp
from tests.unit import test_enrolment_story as registering

MOVES = {"turn_left": "yaw:20", "turn_right": "yaw:-20", "look_up": "pitch:8", "nod": "pitch:-8"}


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage


def orders(stage: Stage) -> tuple[str, ...]:
    challenge = stage.now().challenge
    assert challenge is not None
    return challenge.orders


def step(stage: Stage) -> tuple[object, ...]:
    shown = stage.view()["challenge"]
    assert isinstance(shown, dict)
    return shown["step"], shown["stepsDone"], shown["steps"]


def perform(stage: Stage, asked: tuple[str, ...], who: str = "ada") -> None:
    stage.show(who, who)
    for order in asked:
        stage.show(f"{who}+{MOVES[order]}", who)


def always(**more: object) -> Stage:
    stage = Stage(StageApp(liveness_policy="active", **more))
    stage.enrol("ada")
    return stage


def test_the_same_orders_never_come_twice_in_a_row_at_a_kiosk_or_for_a_person() -> None:
    app = StageApp()
    at_k7 = [app.challenges.orders("K7") for _ in range(60)]
    assert all(a != b for a, b in pairwise(at_k7))
    of_ada = [app.challenges.orders(f"K{n % 5}", "pada") for n in range(60)]
    assert all(a != b for a, b in pairwise(of_ada))


def test_under_the_policy_active_every_face_turns_its_head_before_a_message() -> None:
    stage = always()
    stage.begin()
    stage.show("ada", "ada", "ada")
    assert stage.state is State.CHALLENGE
    assert stage.app.fake_sms.sent == []
    perform(stage, orders(stage))
    assert stage.view()["state"] == "pin"
    assert len(stage.app.fake_sms.sent) == 1


def test_the_frames_of_an_earlier_visit_do_not_fit_the_next_orders() -> None:
    """What was recorded while the person did as they were asked, shown again to the next challenge."""
    stage = always()
    for _ in range(5):  # as often as an hour's messages allow
        sent = len(stage.app.fake_sms.sent)
        stage.begin()
        stage.show("ada", "ada", "ada")
        earlier = orders(stage)
        perform(stage, earlier)
        assert len(stage.app.fake_sms.sent) == sent + 1
        stage.app.visit.leave(stage.stored())
        stage.begin()
        stage.show("ada", "ada", "ada")
        assert orders(stage) != earlier
        perform(stage, earlier)
        assert len(stage.app.fake_sms.sent) == sent + 1, "the same frames passed again"
        stage.app.visit.leave(stage.stored())


def test_under_the_policy_passive_a_challenge_still_comes_after_five_failures() -> None:
    stage = Stage(StageApp(liveness_policy="passive"))
    stage.enrol("ada")
    for _ in range(5):
        assert stage.app.standing.try_pin("pada")
    stage.begin()
    stage.show("ada", "ada", "ada")
    assert stage.state is State.CHALLENGE
    assert stage.app.fake_sms.sent == []


@pytest.mark.parametrize("policy", ["passive", "active-on-doubt", "active"])
def test_a_registration_asks_for_turns_under_every_policy(policy: str) -> None:
    stage = Stage(StageApp(liveness_policy=policy))
    registering.ask(stage)
    registering.fill_in(stage)
    stage.show(*["eve"] * 20)
    seen = stage.app.enrolment.view(stage.now())
    assert seen is not None
    assert (seen.step, seen.taken) == ("capture", 1)
    assert stage.app.fake_sms.sent == []


def test_a_registration_that_turns_the_wrong_way_gets_other_turns() -> None:
    stage = Stage()
    registering.ask(stage)
    registering.fill_in(stage)
    first = stage.app.drafts.get(stage.now())
    assert first is not None
    stage.show("eve", f"eve+yaw:{'-20' if first.turns[1] == 'left' else '20'}")
    second = stage.app.drafts.get(stage.now())
    assert second is not None
    assert second.turns != first.turns
    assert second.rounds > 1


def test_two_challenges_failed_end_the_visit() -> None:
    stage = always()
    stage.begin()
    stage.show("ada", "ada", "ada")
    for _ in range(2):
        wrong = "-20" if orders(stage)[0] == "turn_left" else "20"
        stage.show("ada", "ada", f"ada+yaw:{wrong}")
    assert stage.state is State.DENIED
    assert stage.app.fake_sms.sent == []


def test_a_challenge_that_nobody_answers_ends_by_the_clock() -> None:
    stage = always(visit_idle_seconds=300)
    stage.begin()
    stage.show("ada", "ada", "ada")
    first = orders(stage)
    stage.show(*["ada"] * 40, every=1)
    assert orders(stage) != first
    stage.show(*["ada"] * 40, every=1)
    assert stage.state is State.DENIED


def test_the_last_orders_of_a_person_go_with_them(stage: Stage) -> None:
    stage.app.challenges.orders("K7", "pada")
    assert stage.app.documents.get(LIMITS, "challenge.pada", "challenge.pada") is not None
    stage.app.erase.person(None, "pada", Ground(reason="Asked for in writing", case="INC-7"))
    assert stage.app.documents.get(LIMITS, "challenge.pada", "challenge.pada") is None


def test_how_many_turns_is_a_setting() -> None:
    assert Settings.model_fields["challenge_orders"].default == 4
    app = StageApp(challenge_orders=3)
    made = {app.challenges.orders("K1") for _ in range(60)}
    assert len(made) == 6


def test_looking_up_and_nodding_are_asked_for_by_setting_only_and_never_for_pictures() -> None:
    assert Settings.model_fields["challenge_nods"].default is False
    asked = {order for _ in range(60) for order in StageApp().challenges.orders("K7")}
    assert asked == {"turn_left", "turn_right"}
    app = StageApp(challenge_nods=True)
    asked = {order for _ in range(60) for order in app.challenges.orders("K7")}
    assert asked == set(MOVES)
    pictures = {order for _ in range(60) for order in app.challenges.orders("K7", both=True)}
    assert pictures == {"turn_left", "turn_right"}


def test_a_visit_with_looking_up_and_nodding_among_its_orders() -> None:
    stage = always(challenge_nods=True)
    seen: set[str] = set()
    for _ in range(5):  # as often as an hour's messages allow
        stage.begin()
        stage.show("ada", "ada", "ada")
        seen |= {*orders(stage)}
        perform(stage, orders(stage))
        assert stage.view()["state"] == "pin"
        stage.app.visit.leave(stage.stored())
    assert seen & {"look_up", "nod"}


def test_the_screen_is_told_one_movement_at_a_time() -> None:
    stage = always(challenge_nods=True)
    while True:
        stage.begin()
        stage.show("ada", "ada", "ada")
        asked = orders(stage)
        if "look_up" in asked or "nod" in asked:
            break
        stage.app.visit.leave(stage.stored())
    for done, order in enumerate(asked):
        stage.show("ada")
        assert step(stage) == (order, done, len(asked))
        stage.show(f"ada+{MOVES[order]}")
        if done + 1 < len(asked):
            assert step(stage) == ("look_straight", done + 1, len(asked))
