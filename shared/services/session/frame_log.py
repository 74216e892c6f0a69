"""The frames of a session: the server's sequence, and one create-only document for each frame that was analysed."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from shared.containers import SESSION_LOG
from shared.domain.errors import AlreadyExists, LimitReached
from shared.domain.frames import FrameFact
from shared.domain.stamp import from_stamp, stamp
from shared.ports import Body, Documents, Query, Range

KIND = "frame"
_COUNTER = "counter"
_AT_ONCE = 30  # frames that may come in a bunch, as after a hitch of the network
_codec: TypeAdapter[FrameFact] = TypeAdapter(FrameFact)


@dataclass(frozen=True, slots=True)
class Received:
    """How many frames have a sequence number, when the last one came, and when the customer last touched something."""

    frames: int
    frame_at: datetime | None
    input_at: datetime | None


class FrameLog:
    """`most`: how many frames one session may have at all; `a_second`: and as it grows older, after `_AT_ONCE`."""

    def __init__(self, documents: Documents, most: int, a_second: float) -> None:
        self._documents = documents
        self._most = most
        self._a_second = a_second

    def next_seq(self, session_id: str, at: datetime, since: datetime) -> int:
        """The sequence number of the frame being received by a session begun at `since`. Raises LimitReached.

        The rate is kept by the numbers themselves: a frame's number may not run ahead of the session's age, whichever
        instances count.
        """
        age = max(0.0, (at - since).total_seconds())
        due = min(self._most, _AT_ONCE + int(age * self._a_second))
        try:
            return self._documents.increment(
                SESSION_LOG, session_id, _COUNTER, "frames", at_most=due, also={"frameAt": stamp(at)}
            )
        except LimitReached:
            raise LimitReached("frames", retry_after=1 if due < self._most else None) from None

    def touched(self, session_id: str, at: datetime) -> None:
        """The customer touched or typed something."""
        self._documents.increment(SESSION_LOG, session_id, _COUNTER, "inputs", also={"inputAt": stamp(at)})

    def received(self, session_id: str) -> Received:
        document = self._documents.get(SESSION_LOG, session_id, _COUNTER)
        body: Body = document.body if document else {}
        frames = body.get("frames", 0)
        return Received(
            frames=frames if isinstance(frames, int) else 0,
            frame_at=_time(body.get("frameAt")),
            input_at=_time(body.get("inputAt")),
        )

    def get(self, session_id: str, seq: int) -> FrameFact | None:
        document = self._documents.get(SESSION_LOG, session_id, _id(seq))
        return _codec.validate_python(document.body["fact"]) if document else None

    def add(self, session_id: str, fact: FrameFact) -> bool:
        """Keep a fact. False if that frame was analysed before: the first analysis stands."""
        body: Body = {
            "kind": KIND,
            "seq": fact.seq,
            "at": stamp(fact.at),
            "fact": _codec.dump_python(fact, mode="json", exclude_defaults=True),
        }
        try:
            self._documents.create(SESSION_LOG, session_id, _id(fact.seq), body)
        except AlreadyExists:
            return False
        return True

    def latest(self, session_id: str, count: int, after: int = 0) -> list[FrameFact]:
        """The last `count` analysed frames with a sequence number above `after`, oldest first."""
        page = self._documents.query(
            Query(
                SESSION_LOG,
                session_id,
                {"kind": KIND},
                Range("seq", low=after + 1),
                order_by="seq",
                descending=True,
                limit=count,
            )
        )
        return [_codec.validate_python(d.body["fact"]) for d in reversed(page.items)]

    def after(self, session_id: str, after: int, count: int) -> list[FrameFact]:
        """The first `count` analysed frames with a sequence number above `after`, oldest first."""
        span = Range("seq", low=after + 1)
        page = self._documents.query(Query(SESSION_LOG, session_id, {"kind": KIND}, span, order_by="seq", limit=count))
        return [_codec.validate_python(d.body["fact"]) for d in page.items]


def _id(seq: int) -> str:
    return f"frame.{seq:06d}"


def _time(value: object) -> datetime | None:
    return from_stamp(value) if isinstance(value, str) else None
