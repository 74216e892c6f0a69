"""The dev phone's inbox and its switches."""

import pytest
from pydantic import ValidationError

from devhost.inbox import MAX_MESSAGES, Mode, Phone, Sending, Switch

ANNA, BEN = "+41790000001", "+41790000002"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def phone(clock: Clock) -> Phone:
    return Phone(clock)


def send(phone: Phone, id: str, to: str = ANNA, text: str = "hello") -> str:
    return phone.send(Sending(to=to, text=text, id=id)).sid


def set_mode(phone: Phone, mode: Mode, seconds: float = 5) -> None:
    phone.set_switch(Switch(to=ANNA, mode=mode, seconds=seconds))


def test_messages_are_shown_by_number_newest_first(phone: Phone) -> None:
    send(phone, "1", ANNA, "first")
    send(phone, "2", BEN, "for Ben")
    send(phone, "3", ANNA, "second")
    assert [message.text for message in phone.inbox(ANNA)] == ["second", "first"]
    assert [message.text for message in phone.inbox()] == ["second", "for Ben", "first"]
    assert [switch.to for switch in phone.numbers()] == [ANNA, BEN]


def test_the_same_id_is_one_message_with_one_sid(phone: Phone) -> None:
    assert send(phone, "1") == send(phone, "1")
    assert send(phone, "1") != send(phone, "2")
    assert len(phone.inbox(ANNA)) == 2


def test_a_delayed_message_is_queued_until_its_time(phone: Phone, clock: Clock) -> None:
    set_mode(phone, "delay", 5)
    message = phone.find(send(phone, "1"))
    assert message is not None
    assert phone.status(message) == "queued"
    assert phone.inbox(ANNA) == []
    clock.now += 5
    assert phone.status(message) == "delivered"
    assert phone.inbox(ANNA) == [message]


def test_an_undeliverable_message_says_so_and_a_switch_back_does_not_deliver_it(phone: Phone) -> None:
    set_mode(phone, "undeliverable")
    message = phone.find(send(phone, "1"))
    assert message is not None
    set_mode(phone, "deliver")
    assert phone.status(message) == "undelivered"
    assert phone.status(phone.inbox()[0]) == "undelivered"


def test_with_an_unknown_outcome_the_message_has_arrived_all_the_same(phone: Phone) -> None:
    set_mode(phone, "unknown")
    send(phone, "1")
    assert len(phone.inbox(ANNA)) == 1


def test_the_memory_is_bounded_and_the_oldest_goes_first(phone: Phone) -> None:
    for number in range(MAX_MESSAGES + 10):
        send(phone, str(number), text=str(number))
    texts = [message.text for message in phone.inbox(ANNA)]
    assert len(texts) == MAX_MESSAGES
    assert texts[-1] == "10"


@pytest.mark.parametrize(
    "sending",
    [
        {"to": "0790000001", "text": "x", "id": "1"},
        {"to": ANNA, "text": "", "id": "1"},
        {"to": ANNA, "text": "x" * 1601, "id": "1"},
        {"to": ANNA, "text": "x", "id": ""},
        {"to": ANNA, "text": "x"},
        {"to": ANNA, "text": "x", "id": "1", "more": 1},
    ],
)
def test_what_is_no_message_is_refused(sending: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sending.model_validate(sending)
