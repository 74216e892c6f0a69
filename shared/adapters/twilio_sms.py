"""`Sms` by Twilio's Programmable Messaging, through its SDK.

Twilio has no idempotency key, so nothing here tries twice: what is not certain is SmsUnknown, and a person decides.
"""

import logging
import re
from collections.abc import Callable
from urllib.parse import quote

import requests
from twilio.base import values
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from shared.adapters.sending import UNREACHABLE, certainly_unsent, within
from shared.adapters.twilio_http import QuietHttpClient
from shared.adapters.twilio_reasons import FOR_OPERATORS, reason_of
from shared.logs import say
from shared.ports import SmsRefused, SmsUnknown

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_UNDELIVERED = {"failed", "undelivered", "canceled"}
_MAYBE_SENT = {408, 409, 425}
"""4xx answers that do not say the message was turned down: a proxy's time-out, a conflict, too early."""


class TwilioSms:
    """`sender` is a Messaging Service (MG…) or a number of the account; `username` the account's or an API key's SID.

    `timeout` bounds a whole call, `validity` is how long Twilio may hold a message back before it drops it: both in
    seconds. Delivery reports go to `status_callback`, with `reference` in its query as `hide` makes it: in letters,
    digits, `-` and `_`.
    """

    def __init__(
        self,
        account: str,
        username: str,
        password: str,
        sender: str,
        *,
        status_callback: str | None = None,
        hide: Callable[[str], str] = quote,
        base_url: str = "https://api.twilio.com",
        timeout: float = 8.0,
        validity: int = 600,
    ) -> None:
        # An environment without entries would make the SDK read ours, and a region there would change the address.
        environment = {"TWILIO_REGION": ""}
        http = QuietHttpClient(base_url, timeout)
        self._client = Client(username, password, account, http_client=http, environment=environment)
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._status_callback = status_callback
        self._hide = hide
        self._timeout = timeout
        self._validity = validity

    def send(self, to: str, text: str, reference: str) -> str:
        if not _E164.fullmatch(to):
            raise SmsRefused("invalid_number")
        try:
            outcome = within(self._timeout, lambda: self._outcome(to, text, reference))
        except TimeoutError:
            outcome = SmsUnknown()
        if isinstance(outcome, SmsRefused):
            say(logging.WARNING, "sms refused", reason=outcome.reason, advice=FOR_OPERATORS.get(outcome.reason))
        if isinstance(outcome, Exception):
            raise outcome  # here, outside every handler: the SDK's own error quotes the number and is not chained
        return outcome

    def _outcome(self, to: str, text: str, reference: str) -> str | SmsRefused | SmsUnknown:
        try:
            message = self._client.messages.create(
                to=to,
                body=text,
                status_callback=self._callback(reference),
                validity_period=self._validity,
                **self._sender,
            )
        except TwilioException as error:
            return _refusal(error)
        except requests.RequestException as error:
            return SmsRefused(UNREACHABLE) if certainly_unsent(error) else SmsUnknown()
        except Exception:  # an answer the SDK cannot read: the message may well be on its way
            return SmsUnknown()
        if str(message.status) in _UNDELIVERED:
            return SmsRefused(reason_of(message.error_code))
        return message.sid if isinstance(message.sid, str) and message.sid else SmsUnknown()

    def _callback(self, reference: str) -> object:
        if self._status_callback is None:
            return values.unset
        return f"{self._status_callback}?reference={self._hide(reference)}"


def _refusal(error: TwilioException) -> SmsRefused | SmsUnknown:
    status = getattr(error, "status", 0)
    if not isinstance(status, int) or not 400 <= status < 500 or status in _MAYBE_SENT:
        return SmsUnknown()
    return SmsRefused(reason_of(getattr(error, "code", None), status))
