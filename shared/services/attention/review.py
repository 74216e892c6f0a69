"""Which open items are over, because what they were about is."""

import logging
from collections.abc import Callable

from shared.domain.errors import AtmError, NotFound
from shared.domain.session import State
from shared.domain.stamp import stamp
from shared.logs import say
from shared.ports import PoisonQueues
from shared.services.attention.items import Attention, Item, Matter
from shared.services.kiosks.pairing import Kiosks
from shared.services.people.registry import People, Status
from shared.services.session.store import SessionStore

_PAGE = 200


class AttentionReview:
    """Each matter that ends by itself has one question here."""

    def __init__(
        self,
        attention: Attention,
        sessions: SessionStore,
        people: People,
        barred: Callable[[str], bool],
        kiosks: Kiosks,
        poison: Callable[[], PoisonQueues],
    ) -> None:
        self._attention = attention
        self._sessions = sessions
        self._people = people
        self._barred = barred
        self._kiosks = kiosks
        self._poison = poison
        self._over: dict[Matter, Callable[[Item], bool]] = {
            Matter.ASSISTANCE: self._answered,
            Matter.APPROVAL: self._decided,
            Matter.ENROLMENT_DUPLICATE: self._decided,
            Matter.LOCKOUT: self._unlocked,
            Matter.KIOSK_TWO_PLACES: self._cut_off,
        }

    def run(self) -> int:
        """Close what is over; returns how many. An item that cannot be judged now stays."""
        closed = 0
        for item in self._everything():
            question = self._over.get(item.kind)
            try:
                if question is not None and question(item):
                    self._attention.close(item.id)
                    closed += 1
            except AtmError as failure:
                say(logging.WARNING, "item not judged", kind=item.kind, error=failure.code)
        return closed

    def poisoned(self) -> int:
        """One item for each message that no handler could deal with; those whose message is gone are closed."""
        waiting = {f"{message.queue}/{message.id}": message for message in self._poison().waiting()}
        for matter, message in waiting.items():
            self._attention.call(
                Matter.POISON,
                matter,
                session=message.session,
                queue=message.queue,
                message=message.id,
                blob=message.blob,
            )
        for item in self._everything():
            if item.kind is Matter.POISON and _matter(item) not in waiting:
                self._attention.close(item.id)
        return len(waiting)

    def _everything(self) -> list[Item]:
        items: list[Item] = []
        cursor: str | None = None
        while True:
            page = self._attention.items(limit=_PAGE, cursor=cursor)
            items += page.items
            cursor = page.cursor
            if cursor is None:
                return items

    def _answered(self, item: Item) -> bool:
        try:
            return self._sessions.load(str(item.session)).session.state is not State.ASSISTANCE
        except NotFound:
            return True

    def _decided(self, item: Item) -> bool:
        person = self._people.get(str(item.person))
        return person is None or person.status is not Status.PENDING

    def _unlocked(self, item: Item) -> bool:
        person = str(item.person)
        return self._people.get(person) is None or not self._barred(person)

    def _cut_off(self, item: Item) -> bool:
        """The key that two places had signs no more: revoked, or another was paired since."""
        kiosk = self._kiosks.get(str(item.kiosk))
        if kiosk is None or kiosk.revoked or kiosk.public_key is None:
            return True
        return kiosk.paired_at is not None and stamp(kiosk.paired_at) > item.at


def _matter(item: Item) -> str:
    return f"{item.facts.get('queue')}/{item.facts.get('message')}"
