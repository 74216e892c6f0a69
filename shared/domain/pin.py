"""The one-time PIN: computed from a nonce with HOTP, so that no code is ever stored.

Six digits from HMAC-SHA-256 of a server key over a random 128-bit nonce, truncated as RFC 4226 §5.3 says. Only the
nonce and the key's id are kept: who reads the database cannot tell the code, and the same code can be sent again while
it is valid (SP 800-63B-4 §3.1.3, ASVS 5 §6.5-6.6).
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

DIGITS = 6
NONCE_BYTES = 16
KEY_BYTES = 16  # at least: RFC 4226 §4, R6


class SmsState(StrEnum):
    """How far the message is. `sending` is written before the call: whoever finds it there never sends again."""

    WAITING = "waiting"  # for "Send my code"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"  # the call's outcome is not known; the customer may ask for a resend
    FAILED = "failed"  # the provider, or a limit, said no


SMS_NEXT: dict[SmsState, frozenset[SmsState]] = {
    SmsState.WAITING: frozenset(),  # only the customer's request queues it
    SmsState.QUEUED: frozenset({SmsState.SENDING, SmsState.FAILED}),
    SmsState.SENDING: frozenset({SmsState.SENT, SmsState.DELIVERED, SmsState.UNKNOWN, SmsState.FAILED}),
    SmsState.SENT: frozenset({SmsState.DELIVERED, SmsState.FAILED}),
    SmsState.DELIVERED: frozenset(),
    SmsState.UNKNOWN: frozenset({SmsState.SENT, SmsState.DELIVERED, SmsState.FAILED}),
    SmsState.FAILED: frozenset(),
}
"""A message only moves on: nothing that happens at the provider queues it a second time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinChallenge:
    """One issued code. `nonce` is hex; `sms_reference` names the message at the provider, for its status callbacks."""

    nonce: str
    key: str
    issued_at: datetime
    expires_at: datetime
    sms: SmsState
    sms_at: datetime
    resend_at: datetime
    sms_reference: str | None = None
    sms_reason: str | None = None

    def live(self, at: datetime) -> bool:
        return at < self.expires_at

    def requeued(self, at: datetime, resend_after: timedelta) -> "PinChallenge":
        """The same code once more: its life is not extended."""
        return replace(
            self, sms=SmsState.QUEUED, sms_at=at, resend_at=at + resend_after, sms_reference=None, sms_reason=None
        )


def pin_code(key: bytes, nonce: str) -> str:
    """The code for a nonce (hex), as `DIGITS` decimal digits. ValueError for a key or a nonce that can be guessed."""
    message = bytes.fromhex(nonce)
    if len(key) < KEY_BYTES or len(message) != NONCE_BYTES:
        raise ValueError(f"a key of at least {KEY_BYTES} bytes and a nonce of {NONCE_BYTES} are needed")
    digest = hmac.new(key, message, hashlib.sha256).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def same_code(typed: str, expected: str) -> bool:
    """Compare in constant time. `typed` may be anything."""
    return hmac.compare_digest(typed.encode("utf-8", "replace"), expected.encode())
