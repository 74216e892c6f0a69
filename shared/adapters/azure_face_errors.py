"""What the Face service's refusals mean, in words of ours, and what somebody here can do about each.

Source of the codes: Microsoft's "Azure AI Face API error codes" (learn.microsoft.com, Azure AI Vision, reference).
"""

import json

IMAGE = frozenset({"InvalidImage", "InvalidImageSize", "InvalidURL"})
"""400: no image, too small or large, no face in it, or more than one."""
BUSY = frozenset({"LargePersonGroupTrainingNotFinished", "ConcurrentOperationConflict"})
"""409: refused for now, because something else is under way."""
GONE = frozenset({"PersonNotFound", "PersistedFaceNotFound"})
NOT_TRAINED = "LargePersonGroupNotTrained"
NO_GROUP = "LargePersonGroupNotFound"
GROUP_EXISTS = "LargePersonGroupExists"

ADVICE = {
    "limited_access": "Identification is Limited Access: ask Microsoft for approval of this subscription at "
    "https://aka.ms/facerecognition, or set FACE_PROVIDER=embedded",
    "not_authorised": "Check FACE_KEY, or give the app's identity the role Cognitive Services User on the account "
    "whose own address FACE_ENDPOINT is",
    "quota": "The account's quota of persons, faces or calls is used up: raise the tier, or remove persons",
    "rate": "The account's rate limit was reached: raise the tier, or ask for a higher limit",
    "no_group": "The large person group FACE_GROUP is gone: it is made anew, and everybody must be enrolled again",
    "wrong_model": "The large person group FACE_GROUP was made for another recognition model: name a new group",
    "no_such_address": "Check FACE_ENDPOINT: what answers there does not speak the Face API v1.2",
    "bad_request": "The Face service did not understand a request of this version of the app",
}
"""What to do about it, one sentence each."""


def code_of(body: bytes) -> str:
    """The innermost error code of an answer, or "" if it has none."""
    try:
        error = json.loads(body)["error"]
        inner = error.get("innererror") or {}
        return str(inner.get("code") or error.get("code") or "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""


def trouble_of(status: int, code: str) -> str:
    """The word for a refusal that trying again does not mend: a key of ADVICE."""
    if code == "UnsupportedFeature":
        return "limited_access"
    if "quota" in code.lower():
        return "quota"
    if code == NO_GROUP:
        return "no_group"
    if status == 429:
        return "rate"
    if status in {401, 403}:
        return "not_authorised"
    return "no_such_address" if status in {404, 405} and not code else "bad_request"
