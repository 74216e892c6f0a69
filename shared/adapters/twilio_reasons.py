"""Twilio's error codes as stable words, for a message it refuses and for one it reports as undeliverable.

Source: Twilio's Error and Warning Dictionary (twilio.com/docs/api/errors). Codes change and grow: an unknown one is
"refused".
"""

from shared.adapters.sending import REFUSED

_CODES: dict[str, tuple[int, ...]] = {
    "invalid_number": (21211, 21214, 21217, 21265, 21266),
    "not_mobile": (21614,),
    "landline": (21635, 30006),
    "unsubscribed": (21610,),
    "unverified_number": (21608,),
    "region_not_enabled": (21408,),
    "no_route": (21612, 21662, 21668, 21910),
    "bad_sender": (21212, 21603, 21606, 21607, 21657, 21659, 21660, 21661, 21663, 21701, 21702, 21703, 21704, 21705),
    "sender_not_registered": (30032, 30034),
    "bad_message": (21602, 21605, 21609, 21617, 21618, 21619, 21624),
    "not_authorised": (20003, 20404, 20403, 20008),
    "account_inactive": (10001, 20005, 30002),
    "too_many_requests": (14107, 20429, 21611, 30001, 30022, 63038),
    "unreachable_handset": (30003,),
    "blocked": (30004, 30007, 30450),
    "unknown_number": (30005,),
    "expired": (30036,),
}
_WORDS = {code: word for word, codes in _CODES.items() for code in codes}
_BY_STATUS = {401: "not_authorised", 403: "not_authorised", 429: "too_many_requests"}

FOR_OPERATORS = {
    "unverified_number": "Twilio's trial accounts send to numbers verified in its console only: verify it, or upgrade",
    "region_not_enabled": "Allow the country under Messaging > Settings > Geo permissions in Twilio's console",
    "bad_sender": "Check TWILIO_FROM: a Messaging Service of this account with a number in it, or such a number",
    "sender_not_registered": "US numbers must be registered (A2P 10DLC or toll-free verification) before they may send",
    "not_authorised": "Check the account SID and the token or API key",
    "account_inactive": "The Twilio account is suspended or closed",
    "too_many_requests": "A rate or daily limit of the Twilio account was reached",
}
"""What to do about those reasons that somebody here can do something about."""


def reason_of(code: object, status: int | None = None) -> str:
    """The word for Twilio's error code, else for the HTTP status, else "refused"."""
    word = _WORDS.get(code) if isinstance(code, int) else None
    return word or _BY_STATUS.get(status or 0, REFUSED)
