"""The metrics of a visit, said as its steps happen: when it was granted, how it ended, what it needed until then."""

import logging
from typing import Any

from shared.domain.session import Session, State
from shared.logs import say


def measure(before: Session, after: Session) -> None:
    """`visit granted` once, and `visit over` once. infra/queries asks for these names."""
    if after.state is State.GRANTED and before.state is not State.GRANTED:
        say(logging.INFO, "visit granted", assurance=after.assurance, **_facts(after))
    if after.over and not before.over:
        say(logging.INFO, "visit over", state=after.state, reason=after.reason, **_facts(after))


def _facts(session: Session) -> dict[str, Any]:
    """`ms` counts from the start of the visit, the customer's own typing and speaking included."""
    return {
        "session": session.id,
        "kiosk": session.kiosk,
        "ms": round((session.changed_at - session.created_at).total_seconds() * 1000),
        "keypad_misses": session.wrong_pins,
        "voice_misses": session.voice_failures,
        "messages": session.pin_sends,
    }
