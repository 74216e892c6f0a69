"""The numbers of the dev phone: what has arrived, and how each number behaves. In memory, bounded."""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_MESSAGES = 500  # the oldest make room
MAX_NUMBERS = 200

type Number = Annotated[str, StringConstraints(pattern=r"^\+[1-9]\d{6,14}$")]
type Mode = Literal["deliver", "delay", "unknown", "undeliverable"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sending(_Strict):
    """What the app posts. `id` is its own name for the message: the same id is never a second message."""

    to: Number
    text: str = Field(min_length=1, max_length=1600)
    id: str = Field(min_length=1, max_length=200)


class Switch(_Strict):
    """How a number behaves. `unknown`: the message is taken, but the connection ends without an answer."""

    to: Number
    mode: Mode = "deliver"
    seconds: float = Field(default=5, ge=0, le=600)


@dataclass(frozen=True, slots=True)
class Message:
    sid: str
    to: str
    text: str
    sent: datetime
    visible_at: float  # of the phone's clock
    undeliverable: bool


class Phone:
    """All numbers of the dev phone. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._messages: OrderedDict[str, Message] = OrderedDict()  # by the sender's id, oldest first
        self._switches: OrderedDict[str, Switch] = OrderedDict()

    def switch_of(self, number: str) -> Switch:
        return self._switches.get(number) or Switch(to=number)

    def set_switch(self, switch: Switch) -> None:
        self._switches[switch.to] = switch
        self._switches.move_to_end(switch.to)
        while len(self._switches) > MAX_NUMBERS:
            self._switches.popitem(last=False)

    def send(self, sending: Sending) -> Message:
        known = self._messages.get(sending.id)
        if known:
            return known
        switch = self.switch_of(sending.to)
        message = Message(
            sid=f"SM{secrets.token_hex(16)}",
            to=sending.to,
            text=sending.text,
            sent=datetime.now(UTC),
            visible_at=self._clock() + (switch.seconds if switch.mode == "delay" else 0),
            undeliverable=switch.mode == "undeliverable",
        )
        self._messages[sending.id] = message
        while len(self._messages) > MAX_MESSAGES:
            self._messages.popitem(last=False)
        return message

    def status(self, message: Message) -> str:
        """Twilio's words: queued, delivered or undelivered."""
        if message.undeliverable:
            return "undelivered"
        return "delivered" if message.visible_at <= self._clock() else "queued"

    def find(self, sid: str) -> Message | None:
        return next((message for message in self._messages.values() if message.sid == sid), None)

    def inbox(self, to: str | None = None) -> list[Message]:
        """What has arrived or is known not to arrive, newest first; one number's or everybody's."""
        wanted = [message for message in self._messages.values() if to is None or message.to == to]
        return [message for message in reversed(wanted) if self.status(message) != "queued"]

    def numbers(self) -> list[Switch]:
        """The numbers written to or set, the latest first."""
        seen = dict.fromkeys([*(m.to for m in reversed(self._messages.values())), *reversed(self._switches)])
        return [self.switch_of(number) for number in seen]
