"""The phrase to read aloud: a fixed sentence and six random digits issued for this attempt only (DESIGN.md)."""

from dataclasses import dataclass
from datetime import datetime

DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class PhraseChallenge:
    """One attempt. `received_at` is set when a clip for it is stored; the first one counts, whatever comes later."""

    attempt: int
    digits: str
    issued_at: datetime
    received_at: datetime | None = None
    problem: str | None = None  # what to tell about the attempt before: try_again, too_quiet, too_short


def phrase_digits(random: bytes) -> str:
    """Six digits from at least eight random bytes; the modulo's bias is below 2**-43."""
    if len(random) < 8:
        raise ValueError("eight random bytes are needed")
    return f"{int.from_bytes(random[:8], 'big') % 10**DIGITS:0{DIGITS}d}"
