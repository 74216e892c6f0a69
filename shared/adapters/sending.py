"""What both SMS adapters must know: did a request that failed reach anybody, and when to stop waiting for it."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

UNREACHABLE = "unreachable"
REFUSED = "refused"


def certainly_unsent(error: requests.RequestException) -> bool:
    """True only if no connection was ever made (no such host, refused, no answer to the handshake)."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def within[T](seconds: float, action: Callable[[], T]) -> T:
    """The result of `action`, or TimeoutError after `seconds`, whatever it hangs on (name look-up, a dripping answer).

    The action itself cannot be stopped: it goes on in a thread of its own and its result is dropped.
    """
    outcome: Future[T] = Future()

    def work() -> None:
        try:
            outcome.set_result(action())
        except BaseException as error:  # handed over to the caller
            outcome.set_exception(error)

    threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()
    return outcome.result(seconds)
