"""The names of recordings: `{kiosk}/{yyyy-mm-dd}/{session}/{seq}.jpg` and `…/voice-{attempt}.wav`; random ids, UTC."""

import re
from dataclasses import dataclass
from enum import StrEnum

CONTAINER = "recordings"
KIOSK = r"[A-Z][A-Z0-9]{0,7}"
_NAME = re.compile(
    rf"(?P<kiosk>{KIOSK})/(?P<day>\d{{4}}-\d\d-\d\d)/(?P<session>{KIOSK}_\d{{8}}_[a-z2-7]{{24}})/"
    r"(?:(?P<frame>\d{6})\.jpg|voice-(?P<voice>\d{2})\.wav)"
)


class RecordingKind(StrEnum):
    FRAME = "frame"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class RecordingName:
    """`number` is a frame's sequence number or a clip's attempt."""

    kiosk: str
    day: str
    session: str
    kind: RecordingKind
    number: int

    def __str__(self) -> str:
        file = f"{self.number:06d}.jpg" if self.kind is RecordingKind.FRAME else f"voice-{self.number:02d}.wav"
        return f"{self.kiosk}/{self.day}/{self.session}/{file}"


def recording_name(session: str, kind: RecordingKind, number: int) -> RecordingName:
    """The name of a recording of a session: kiosk and day stand in the session's id, so a visit stays in one folder."""
    kiosk, day, _ = session.split("_")
    return RecordingName(kiosk, f"{day[:4]}-{day[4:6]}-{day[6:]}", session, kind, number)


def parse_recording(name: str) -> RecordingName | None:
    """None for any name that is not exactly one we write: events arrive unfiltered by path."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    kind = RecordingKind.FRAME if match["frame"] else RecordingKind.VOICE
    parsed = RecordingName(match["kiosk"], match["day"], match["session"], kind, int(match["frame"] or match["voice"]))
    return parsed if recording_name(parsed.session, kind, parsed.number) == parsed else None
