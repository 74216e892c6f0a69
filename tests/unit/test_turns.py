"""Work in turns: the most urgent first, each name once, and a hand that survives what it is given."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

import pytest

from shared.domain.recording import RecordingKind, recording_name
from shared.domain.session import State
from shared.logs import session_id
from shared.services.visit.handling import Urgency
from shared.services.visit.turns import HandTurns
from tests.stage import Stage, StageApp


class Order:
    """One hand that is kept busy until `let_go`, and what it did then."""

    def __init__(self) -> None:
        self.turns = HandTurns("test", 1)
        self.done: list[str] = []
        self._gate, self._busy = threading.Event(), threading.Event()
        self._first = self.turns.take("first", self._hold)
        assert self._busy.wait(5)

    def take(self, name: str, urgency: int | None = None) -> "Future[None]":
        look: Callable[[], int] | None = None if urgency is None else lambda: urgency
        return self.turns.take(name, lambda: self.done.append(name), look)

    def let_go(self, *futures: "Future[None]") -> list[str]:
        self._gate.set()
        wait([self._first, *futures], timeout=5)
        return self.done

    def _hold(self) -> None:
        self._busy.set()
        assert self._gate.wait(5)


def test_the_most_urgent_goes_first_and_among_equals_the_one_that_came_first() -> None:
    order = Order()
    futures = [order.take("stranger 1", 3), order.take("stranger 2", 3), order.take("ada", 0), order.take("clip")]
    assert order.let_go(*futures) == ["ada", "clip", "stranger 1", "stranger 2"]


def test_who_asks_for_the_same_gets_the_same_and_it_is_done_once() -> None:
    order = Order()
    first, second = order.take("ada"), order.take("ada")
    assert first is second
    assert order.let_go(first) == ["ada"]
    third = order.take("ada")  # what was done is forgotten: asking again does it again
    third.result(5)
    assert order.done == ["ada", "ada"]


def test_a_failure_is_its_askers_and_the_hand_goes_on() -> None:
    turns = HandTurns("test", 1)

    def fail() -> int:
        raise OSError("no disk")

    def work() -> None:
        fail()

    with pytest.raises(OSError, match="no disk"):
        turns.take("work", work).result(5)
    with pytest.raises(OSError, match="no disk"):
        turns.take("look", lambda: None, fail).result(5)
    turns.take("next", lambda: None).result(5)


def test_a_turn_is_taken_under_its_askers_log_context() -> None:
    turns, seen = HandTurns("test", 1), []
    token = session_id.set("K7_20261122_abc")
    try:
        turns.take("work", lambda: seen.append(session_id.get())).result(5)
    finally:
        session_id.reset(token)
    assert seen == ["K7_20261122_abc"]


def test_two_hands_work_at_once() -> None:
    turns, both = HandTurns("test", 2), threading.Barrier(2, timeout=5)

    def meet() -> None:
        both.wait()

    for future in [turns.take(name, meet) for name in ("a", "b")]:
        future.result(5)


def test_an_accepted_customers_picture_comes_before_those_of_strangers() -> None:
    """On the app's own wiring: fifty strangers' pictures wait when a known customer's comes."""
    app = StageApp()
    order = Order()
    app.__dict__["analysing"] = order.turns
    stage = Stage(app)
    stage.enrol("ada")
    strangers = []
    for _ in range(50):
        stage.begin()
        stage.show("zoe", deliver=False)
        strangers.append(app.handling.frame(frame_of(stage, 1), b"zoe"))
    stage.begin()
    stage.show("ada", "ada", "ada", deliver=False)
    for number in (1, 2):
        app.identify.frame(frame_of(stage, number), b"ada")
    assert stage.state is State.PIN
    customers = app.handling.frame(frame_of(stage, 3), b"ada")
    begun: list[int] = []
    customers.add_done_callback(lambda _: begun.append(sum(f.done() for f in strangers)))
    order.let_go(customers, *strangers)
    assert begun == [0]
    assert all(f.done() for f in strangers)


def test_what_is_over_waits_for_nothing(stage: Stage) -> None:
    stage.begin()
    stage.show("zoe", deliver=False)
    name = frame_of(stage, 1)
    stage.app.visit.leave(stage.stored())
    order = Order()
    stage.app.__dict__["analysing"] = order.turns
    futures = [order.take("stranger", Urgency.SEARCHED), stage.app.handling.frame(name)]
    futures += [stage.app.handling.frame("K7/2026-11-22/K7_20261122_aaaaaaaaaaaaaaaaaaaaaaaa/000001.jpg")]
    order.let_go(*futures)
    assert all(f.exception() is None for f in futures)
    assert stage.app.eyes.analysed == []


def test_a_poll_does_not_wait_for_what_it_rescues(stage: Stage) -> None:
    stage.begin()
    stage.show("ada", "ada", deliver=False)
    order = Order()
    stage.app.__dict__["analysing"] = order.turns
    stage.app.fake_clock.advance(3.5)
    assert stage.view()["state"] == "identifying"
    assert stage.view()["state"] == "identifying"
    order.let_go(*(stage.app.handling.frame(frame_of(stage, number)) for number in (1, 2)))
    assert stage.view()["state"] == "pin"
    assert stage.app.eyes.analysed == ["ada", "ada"]


def frame_of(stage: Stage, number: int) -> str:
    return str(recording_name(stage.session, RecordingKind.FRAME, number))


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage
