"""`Sms` to the dev phone of the local host: a page that shows every message, no provider and no cost."""

import requests

from shared.adapters.sending import REFUSED, UNREACHABLE, certainly_unsent
from shared.ports import SmsRefused, SmsUnknown


class DevphoneSms:
    """`url` is the local host's, `timeout` in seconds. The dev phone keeps one message per reference."""

    def __init__(self, url: str, *, timeout: float = 5.0) -> None:
        self._messages = f"{url.rstrip('/')}/dev/phone/messages"
        self._timeout = timeout

    def send(self, to: str, text: str, reference: str) -> str:
        message = {"to": to, "text": text, "id": reference}
        try:
            answer = requests.post(self._messages, json=message, timeout=self._timeout, allow_redirects=False)
            body = answer.json() if answer.ok else {}
        except requests.RequestException as error:
            raise (SmsRefused(UNREACHABLE) if certainly_unsent(error) else SmsUnknown()) from None
        if isinstance(body, dict) and isinstance(body.get("sid"), str):
            return str(body["sid"])
        raise SmsRefused(REFUSED) if 400 <= answer.status_code < 500 else SmsUnknown()
