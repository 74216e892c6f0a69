"""Which way to move the head: drawn anew each time, and never what was asked last, of this person or at this kiosk."""

from shared.containers import LIMITS
from shared.domain.errors import AlreadyExists, LostRace
from shared.domain.liveness import orders_from
from shared.ports import Body, Documents, Randomness

_KEPT = 30 * 24 * 3600  # seconds


class Challenges:
    """`count`: how many orders a challenge has. `nods`: one of them may be to look up or to nod."""

    def __init__(self, documents: Documents, randomness: Randomness, count: int, *, nods: bool = False) -> None:
        self._documents = documents
        self._randomness = randomness
        self._count = count
        self._nods = nods

    def orders(self, kiosk: str, person: str | None = None, *, both: bool = False) -> tuple[str, ...]:
        """New orders for whoever stands at the kiosk; `person` once somebody is known.

        `both`: turns to either side, for the pictures of a registration, and nothing but turns.
        """
        subjects = [subject for subject in (kiosk, person) if subject is not None]
        avoid = [last for subject in subjects if (last := self._last(subject))]
        drawn = orders_from(
            lambda: self._randomness.bytes(1)[0], self._count, avoid, both=both, nods=self._nods and not both
        )
        for subject in subjects:
            self._note(subject, drawn)
        return drawn

    def _last(self, subject: str) -> tuple[str, ...]:
        document = self._documents.get(LIMITS, place(subject), place(subject))
        orders = document.body.get("orders") if document else None
        return tuple(str(order) for order in orders) if isinstance(orders, list) else ()

    def _note(self, subject: str, orders: tuple[str, ...]) -> None:
        body: Body = {"orders": [*orders]}
        where = place(subject)
        while True:
            document = self._documents.get(LIMITS, where, where)
            try:
                if document is None:
                    self._documents.create(LIMITS, where, where, body, ttl=_KEPT)
                else:
                    self._documents.replace(LIMITS, where, where, body, document.etag, ttl=_KEPT)
            except (AlreadyExists, LostRace):
                continue
            return


def place(subject: str) -> str:
    """The document of a kiosk's or a person's last orders."""
    return f"challenge.{subject}"
