"""What the contract looks like from the server's side: a View at each step, the public settings, the accounts."""

from datetime import UTC, datetime, timedelta
from typing import Any

SENTENCE = "My voice is my passport, verify me"

type View = dict[str, Any]


def iso(seconds_from_now: float) -> str:
    """A time of the contract: ISO 8601, UTC, milliseconds, Z."""
    at = datetime.now(UTC) + timedelta(seconds=seconds_from_now)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def default_config() -> dict[str, Any]:
    """The public settings of a kiosk that starts by touch."""
    return {
        "bank": "Harbour Bank",
        "notice": {"operator": "Harbour Bank", "retentionDays": 30},
        "start": "touch",
        "languages": ["en", "es", "ja", "ar"],
        "sentence": {"en": SENTENCE},
        "help": {"telephone": "+81 3 5555 0100", "hours": "24 h"},
        "enrolment": "open",
        "consent": {"version": "2026-10"},
        "adultsOnly": True,
        "devhost": True,
        "frame": {"identifyMs": 400, "watchMs": 1000, "maxWidth": 640, "quality": 0.85},
        "pollMs": 300,
    }


def first_view() -> View:
    """A visit that has just begun."""
    return {
        "id": "K7-20261122-abc",
        "reference": "K7-4F2Q",
        "version": 1,
        "state": "identifying",
        "analysedSeq": 0,
        "guidance": None,
        "presence": "look",
        "expiresAt": iso(300),
        "canExtend": True,
        "language": "en",
        "factors": {"face": "pending", "pin": "pending", "voice": "pending"},
        "pin": None,
        "voice": None,
        "challenge": None,
        "customer": None,
        "options": [],
        "teller": None,
        "end": None,
    }


def pin_view(**changes: Any) -> View:
    """The part of a View that says a code was sent."""
    sent = {
        "phoneEnding": "42",
        "app": False,
        "sms": "sent",
        "attemptsLeft": 3,
        "expiresAt": iso(180),
        "resendAt": iso(30),
        "sendsLeft": 2,
    }
    factors = {"face": "passed", "pin": "pending", "voice": "pending"}
    return {"state": "pin", "presence": "ok", "factors": factors, "pin": sent | changes}


def voice_view(**changes: Any) -> View:
    """The part of a View that asks for the phrase."""
    asked = {
        "attempt": 1,
        "attemptsLeft": 3,
        "sentence": SENTENCE,
        "digits": "481516",
        "checking": False,
        "problem": None,
    }
    factors = {"face": "passed", "pin": "passed", "voice": "pending"}
    return {
        "state": "voice",
        "presence": "ok",
        "factors": factors,
        "pin": None,
        "voice": asked | changes,
        "customer": {"givenName": "Ana"},
    }


def accounts() -> list[dict[str, str]]:
    """Three accounts of a demo customer; the card gives no cash."""
    checking = {
        "id": "a1",
        "kind": "checking",
        "name": "Everyday",
        "number": "•••• 4821",
        "balance": "1250.00",
        "currency": "USD",
    }
    savings = {
        "id": "a2",
        "kind": "savings",
        "name": "Savings",
        "number": "•••• 7734",
        "balance": "8300.50",
        "currency": "USD",
    }
    card = {
        "id": "a3",
        "kind": "credit",
        "name": "Credit Card",
        "number": "•••• 0915",
        "balance": "312.40",
        "currency": "USD",
    }
    return [checking, savings, card]
