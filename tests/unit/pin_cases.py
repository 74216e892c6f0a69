"""Codes, messages and phrases: what must hold. `tests/mutation` alters the rules and expects one of these to notice."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from shared.domain import phrase, pin
from shared.domain.pin import PinChallenge, SmsState

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ENDS = START + timedelta(minutes=3)
KEY = bytes(range(32))
NONCE = bytes(range(16)).hex()
WAIT = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Case:
    story: str
    holds: Callable[[], bool]


def _objects(act: Callable[[], object]) -> Callable[[], bool]:
    def holds() -> bool:
        try:
            act()
        except ValueError:
            return True
        return False

    return holds


def truncated(key: bytes, nonce: str) -> str:
    """RFC 4226 §5.3 written out once more, its own way: bytes of the digest picked by the low bits of the last one."""
    digest = hmac.digest(key, bytes.fromhex(nonce), hashlib.sha256)
    place = int(f"{digest[-1]:08b}"[4:], 2)
    binary = "".join(f"{byte:08b}" for byte in digest[place : place + 4])
    return str(int(binary[1:], 2))[-6:].rjust(6, "0")


def challenge(sms: SmsState = SmsState.SENT) -> PinChallenge:
    return PinChallenge(
        nonce=NONCE,
        key="k1",
        issued_at=START,
        expires_at=ENDS,
        sms=sms,
        sms_at=START,
        resend_at=START + WAIT,
        sms_reference="SM1",
        sms_reason="why",
    )


def _requeued() -> PinChallenge:
    return challenge().requeued(START + timedelta(minutes=1), WAIT)


NONCES = [hashlib.sha256(bytes([number])).hexdigest()[:32] for number in range(250)]

CODES = [
    Case("a code is HOTP's truncation", lambda: all(pin.pin_code(KEY, n) == truncated(KEY, n) for n in NONCES)),
    Case("it has six digits, leading zeros kept", lambda: any(pin.pin_code(KEY, n).startswith("0") for n in NONCES)),
    Case("it always has six", lambda: {len(pin.pin_code(KEY, n)) for n in NONCES} == {6}),
    Case("another nonce, another code", lambda: len({pin.pin_code(KEY, n) for n in NONCES}) >= 249),
    Case("another key, another code", lambda: pin.pin_code(KEY, NONCE) != pin.pin_code(KEY[::-1], NONCE)),
    Case("a key of 128 bits will do", lambda: len(pin.pin_code(KEY[:16], NONCE)) == 6),
    Case("a shorter one can be guessed", _objects(lambda: pin.pin_code(KEY[:15], NONCE))),
    Case("none at all too", _objects(lambda: pin.pin_code(b"", NONCE))),
    Case("so can a short nonce", _objects(lambda: pin.pin_code(KEY, NONCE[:-2]))),
    Case("and an empty one", _objects(lambda: pin.pin_code(KEY, ""))),
    Case("a longer nonce is not ours", _objects(lambda: pin.pin_code(KEY, NONCE + "00"))),
    Case("nor is one that is not hex", _objects(lambda: pin.pin_code(KEY, "x" * 32))),
    Case("the right code", lambda: pin.same_code("123456", "123456") is True),
    Case("a wrong one", lambda: pin.same_code("123457", "123456") is False),
    Case("part of it", lambda: pin.same_code("12345", "123456") is False),
    Case("nothing", lambda: pin.same_code("", "123456") is False),
    Case("digits of another script are others", lambda: pin.same_code("１２３４５６", "123456") is False),
    Case("half a character is no accident", lambda: pin.same_code("\ud8001234", "123456") is False),
]

LIFE = [
    Case("a code lives", lambda: challenge().live(START)),
    Case("until its end", lambda: challenge().live(ENDS - timedelta(microseconds=1))),
    Case("and not at it", lambda: not challenge().live(ENDS)),
    Case("sent again it is the same code", lambda: (_requeued().nonce, _requeued().key) == (NONCE, "k1")),
    Case("for no longer", lambda: (_requeued().issued_at, _requeued().expires_at) == (START, ENDS)),
    Case("queued", lambda: _requeued().sms is SmsState.QUEUED),
    Case("from now on", lambda: _requeued().sms_at == START + timedelta(minutes=1)),
    Case("and not again at once", lambda: _requeued().resend_at == START + timedelta(minutes=1) + WAIT),
    Case(
        "with nothing of the last message", lambda: (_requeued().sms_reference, _requeued().sms_reason) == (None, None)
    ),
    Case("every state says where a message may go", lambda: set(pin.SMS_NEXT) == set(SmsState)),
    Case(
        "nothing at the provider queues a message, and only a queued one is sent",
        lambda: (
            not any(SmsState.QUEUED in after or SmsState.WAITING in after for after in pin.SMS_NEXT.values())
            and [s for s in SmsState if SmsState.SENDING in pin.SMS_NEXT[s]] == [SmsState.QUEUED]
        ),
    ),
]

PHRASES = [
    Case("six digits, leading zeros kept", lambda: phrase.phrase_digits(bytes(8)) == "000000"),
    Case("from the first eight bytes", lambda: phrase.phrase_digits((1_234_567).to_bytes(8, "big") + b"x") == "234567"),
    Case("most significant first", lambda: phrase.phrase_digits(b"\x01" + bytes(7)) == f"{2**56 % 10**6:06d}"),
    Case("seven bytes are too few", _objects(lambda: phrase.phrase_digits(bytes(7)))),
]

CASES = [*CODES, *LIFE, *PHRASES]
