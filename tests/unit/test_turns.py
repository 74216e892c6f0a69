"""Work in turns: the most urgent first, each name once, and a hand that survives what it is given."""

import os
import sys
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
        self._gates: list[threading.Event] = []
        self._first = self.hold("first")

    def hold(self, name: str) -> "Future[None]":
        """Keep the hand busy until the next `step`; the first time it is when this returns."""
        gate, busy = threading.Event(), threading.Event()

        def wait_here() -> None:
            busy.set()
            assert gate.wait(5)

        self._gates.append(gate)
        held = self.turns.take(name, wait_here)
        assert len(self._gates) > 1 or busy.wait(5)
        self._busy = busy
        return held

    def step(self) -> None:
        """On to the next hold: all that is more urgent is done by then."""
        self._gates.pop(0).set()
        assert self._busy.wait(5)

    def take(self, name: str, urgency: int | None = None) -> "Future[None]":
        look: Callable[[], int] | None = None if urgency is None else lambda: urgency
        return self.turns.take(name, lambda: self.done.append(name), look)

    def let_go(self, *futures: "Future[None]") -> list[str]:
        for gate in self._gates:
            gate.set()
        wait([self._first, *futures], timeout=5)
        return self.done


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
    stranger = order.take("stranger", Urgency.SEARCHED)
    over = stage.app.handling.frame(name)
    nobodys = stage.app.handling.frame("K7/2026-11-22/K7_20261122_aaaaaaaaaaaaaaaaaaaaaaaa/000001.jpg")
    before: list[list[str]] = []
    for future in (over, nobodys):
        future.add_done_callback(lambda _: before.append([*order.done]))
    order.let_go(stranger, over, nobodys)
    assert before == [[], []]
    assert over.exception() is nobodys.exception() is stranger.exception() is None
    assert stage.app.eyes.analysed == []


def test_a_poll_does_not_wait_for_what_it_rescues(stage: Stage) -> None:
    stage.begin()
    stage.show("ada", "ada", deliver=False)
    order = Order()
    stage.app.__dict__["analysing"] = order.turns
    stage.app.fake_clock.advance(3.5)
    assert stage.view()["state"] == "identifying"
    assert stage.view()["state"] == "identifying"
    last = order.take("last", Urgency.SEARCHED + 1)
    order.let_go(last)
    assert stage.view()["state"] == "pin"
    assert stage.app.eyes.analysed == ["ada", "ada"]


def test_whoever_becomes_urgent_while_waiting_is_done_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger whose pictures wait types a customer's number: asking again looks again."""
    monkeypatch.setattr("shared.services.visit.turns._LOOK_AGAIN_SECONDS", -1)
    order = Order()
    urgency = {"claims": 3}

    def take() -> "Future[None]":
        return order.turns.take("claims", lambda: order.done.append("claims"), lambda: urgency["claims"])

    order.hold("second")
    futures = [order.take("stranger", 2), take()]
    order.step()  # both were looked at, nobody was begun
    urgency["claims"] = 0
    assert take() is futures[1]
    assert order.let_go(*futures) == ["claims", "stranger"]


def test_who_stands_there_while_pictures_wait_is_not_away(stage: Stage) -> None:
    """A minute behind, the machine has seen nobody leave."""
    stage.begin()
    stage.show("zoe")
    stage.app.__dict__["analysing"] = Order().turns
    for _ in range(60):
        stage.show("zoe", every=1, deliver=False)
    assert stage.view()["end"] is None


def test_an_empty_place_is_noticed(stage: Stage) -> None:
    stage.begin()
    stage.show("zoe")
    stage.show(*["nobody"] * 29, every=1)
    assert stage.view()["end"] is None
    stage.show(*["nobody"] * 2, every=1)
    assert stage.view()["end"] is not None


@pytest.mark.skipif(sys.platform != "linux", reason="only there threads have a priority of their own")
def test_a_hand_is_gentler_than_its_process_whatever_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    nice: list[int] = []
    HandTurns("test", 1).take("n", lambda: nice.append(os.getpriority(os.PRIO_PROCESS, 0))).result(5)
    assert nice == [min(19, os.getpriority(os.PRIO_PROCESS, 0) + 5)]
    monkeypatch.setattr(os, "setpriority", refused)
    HandTurns("test", 1).take("works all the same", lambda: None).result(5)


def test_closing_waits_for_what_is_being_done_and_begins_nothing_more() -> None:
    order = Order()
    later = order.take("later")
    closing = threading.Thread(target=order.turns.close)
    closing.start()
    closing.join(0.05)
    assert closing.is_alive()
    order.let_go()
    closing.join(5)
    assert not closing.is_alive()
    assert order.done == []
    assert not later.done()


def frame_of(stage: Stage, number: int) -> str:
    return str(recording_name(stage.session, RecordingKind.FRAME, number))


@pytest.fixture
def stage() -> Stage:
    stage = Stage()
    stage.enrol("ada")
    return stage
