"""One request to the Face service: who asks, how long, and what may be tried again.

Tried again, within the time allowed: whatever certainly was not done (no connection, 429, a group that is busy), and
of the rest only what may safely be done twice. 429 waits as long as `Retry-After` says, or not at all if that is too
long to wait.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import requests
from requests.adapters import HTTPAdapter

from shared.adapters.azure_face_errors import ADVICE, BUSY, IMAGE, code_of
from shared.adapters.sending import certainly_unsent, within
from shared.domain.errors import AtmError, MediaRejected, Unavailable
from shared.logs import say

DEPENDENCY = "face service"
_MOST_BYTES = 4_000_000
_CONNECTIONS = 64
_SAY_AGAIN_SECONDS = 60.0
_FIRST_WAIT = 0.2
_BUSY_WAIT = 0.5


class Refused(AtmError):
    """The service said no for good; `code` is its innermost code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`safe`: doing it twice does no harm. `image` and `json` exclude each other."""

    method: str
    path: str
    safe: bool
    params: Mapping[str, str] | None = None
    json: Mapping[str, object] | None = None
    image: bytes | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: bytes
    retry_after: float | None


class FaceHttp:
    """`authorise` gives the headers that say who we are. `seconds` bounds a whole call, with its retries and waits.

    `measure` makes the call it is given, named by the first part of its path.
    """

    def __init__(
        self,
        endpoint: str,
        authorise: Callable[[], Mapping[str, str]],
        seconds: float,
        pause: Callable[[float], None] = time.sleep,
        measure: Callable[[str, Callable[[], bytes]], bytes] = lambda _, make: make(),
    ) -> None:
        self._base = f"{endpoint.rstrip('/')}/face/v1.2"
        self._authorise = authorise
        self._seconds = seconds
        self._pause = pause
        self._measure = measure
        self._said: dict[str, float] = {}
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=False))

    def call(self, call: Call) -> bytes:
        """The body of a 2xx answer. Raises Refused, MediaRejected, Unavailable."""
        return self._measure(call.path.split("/")[1], lambda: self._insist(call))

    def _insist(self, call: Call) -> bytes:
        deadline = time.monotonic() + (call.seconds or self._seconds)
        wait = _FIRST_WAIT
        while True:
            answer = self._once(call, deadline)
            if answer is not None and answer.status < 300:
                return answer.body
            delay = self._delay(call, answer, wait)
            if time.monotonic() + delay >= deadline:
                raise Unavailable(DEPENDENCY, retry_after=max(1.0, delay))
            self._pause(delay)
            wait = min(2 * wait, 2.0)

    def trouble(self, word: str) -> Unavailable:
        """The error to raise; what to do about it is logged, once a minute."""
        now = time.monotonic()
        if now - self._said.get(word, -_SAY_AGAIN_SECONDS) >= _SAY_AGAIN_SECONDS:
            self._said[word] = now
            say(logging.ERROR, "face service refuses", reason=word, advice=ADVICE[word])
        return Unavailable(DEPENDENCY, retry_after=10)

    def _delay(self, call: Call, answer: _Answer | None, wait: float) -> float:
        """How long to wait before the same again. Raises what ends the call."""
        if answer is None:  # certainly not sent, or safe to repeat
            return wait
        code = code_of(answer.body)
        if answer.status == 429 and "quota" not in code.lower():
            self.trouble("rate")
            return answer.retry_after if answer.retry_after is not None else 1.0
        if answer.status == 409 and code in BUSY:
            return max(wait, _BUSY_WAIT)
        if answer.status >= 500 or answer.status == 408:
            if call.safe:
                return answer.retry_after if answer.retry_after is not None else wait
            raise Unavailable(DEPENDENCY)
        if answer.status == 400 and code in IMAGE:
            raise MediaRejected("not_usable", "the face service takes it for no picture of one face")
        if answer.status < 400:
            raise self.trouble("no_such_address")  # a redirection: nothing of ours goes where it points
        raise Refused(answer.status, code)

    def _once(self, call: Call, deadline: float) -> _Answer | None:
        """None if there was no answer and the call may be repeated. Raises Unavailable if it may not."""
        left = max(0.05, deadline - time.monotonic())
        try:
            return within(left, lambda: self._send(call, left))
        except requests.RequestException as failure:
            if call.safe or certainly_unsent(failure):
                return None
        except TimeoutError:
            pass  # the time allowed is over anyway
        raise Unavailable(DEPENDENCY) from None

    def _send(self, call: Call, seconds: float) -> _Answer:
        if call.safe:
            return self._ask(self._session, call, seconds)
        with requests.Session() as fresh:  # a kept connection may be stale, and then nobody knows what was done
            return self._ask(fresh, call, seconds)

    def _ask(self, session: requests.Session, call: Call, seconds: float) -> _Answer:
        kind = {"Content-Type": "application/octet-stream"} if call.image is not None else {}
        with session.request(
            call.method,
            self._base + call.path,
            params=call.params,
            json=call.json,
            data=call.image,
            headers={"Accept": "application/json", **kind, **self._authorise()},
            auth=_as_it_is,
            timeout=seconds,
            allow_redirects=False,
            stream=True,
        ) as answer:
            body = b""
            for piece in answer.iter_content(65_536):
                body += piece
                if len(body) > _MOST_BYTES:
                    raise requests.exceptions.ContentDecodingError("an answer without end")
            return _Answer(answer.status_code, body, _seconds(answer.headers.get("Retry-After")))


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from putting an entry of somebody's .netrc in the place of our own headers."""
    return request


def _seconds(header: str | None) -> float | None:
    """`Retry-After`: seconds, or a date. None if it says neither."""
    if header is None:
        return None
    if header.strip().isascii() and header.strip().isdigit():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
