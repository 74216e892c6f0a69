"""`SmsReports` by Twilio's status callbacks: form posts signed with the account's auth token over the public address.

Source: Twilio's "Validating signatures" and "Message status callback" (twilio.com/docs): HMAC-SHA1 over the whole
address and the sorted fields. A callback has no time and no number of its own, so a replayed one must do no harm.
"""

import logging
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator

from shared.adapters.opaque_references import OpaqueReferences
from shared.adapters.twilio_reasons import FOR_OPERATORS, reason_of
from shared.domain.errors import NotAllowed
from shared.logs import say
from shared.ports import SmsOutcome, SmsReport

_FIELDS_MOST = 60
_OUTCOMES = {
    "accepted": SmsOutcome.TAKEN,
    "scheduled": SmsOutcome.TAKEN,
    "queued": SmsOutcome.TAKEN,
    "sending": SmsOutcome.TAKEN,
    "sent": SmsOutcome.TAKEN,
    "delivered": SmsOutcome.DELIVERED,
    "read": SmsOutcome.DELIVERED,
    "undelivered": SmsOutcome.FAILED,
    "failed": SmsOutcome.FAILED,
    "canceled": SmsOutcome.FAILED,
}


class TwilioReports:
    """`address` is the public one that messages name as their callback, without a query."""

    def __init__(self, account: str, token: str, address: str, references: OpaqueReferences) -> None:
        self._account = account
        self._validator = RequestValidator(token)
        self._address = address
        self._references = references

    def read(self, reference: str, body: bytes, signature: str) -> SmsReport | None:
        fields = _fields(body)
        if not self._validator.validate(f"{self._address}?reference={reference}", fields, signature):
            raise NotAllowed("not signed by the provider")
        if fields.get("AccountSid") != self._account:
            raise NotAllowed("of another account")
        try:
            about = self._references.show(reference)
        except NotAllowed:
            return None  # made with a key that is not valid any more
        outcome = _OUTCOMES.get(fields.get("MessageStatus", ""))
        if outcome is None:
            return None
        code = fields.get("ErrorCode", "")
        reason = reason_of(int(code) if code.isascii() and code.isdigit() and len(code) < 9 else None)
        if outcome is SmsOutcome.FAILED:
            say(logging.WARNING, "sms undelivered", reason=reason, advice=FOR_OPERATORS.get(reason))
        return SmsReport(about, outcome, reason if outcome is SmsOutcome.FAILED else None)


def _fields(body: bytes) -> dict[str, str]:
    """Raises NotAllowed for what no provider posts."""
    try:
        found = parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MOST, errors="strict")
    except ValueError:  # not UTF-8, or too much of it
        raise NotAllowed("not a status callback") from None
    return {name: values[0] for name, values in found.items() if len(values) == 1}
