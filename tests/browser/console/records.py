"""What a bank's security team would find: made up, the same at every run but for the day."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from PIL import Image

from tests.browser.chromium import drawn_face, empty_scene

type Record = dict[str, Any]

KIOSKS: list[Record] = [
    {"id": "K7", "name": "Shibuya Station", "timeZone": "Asia/Tokyo", "state": "paired"},
    {"id": "K2", "name": "Lisbon, Rossio", "timeZone": "Europe/Lisbon", "state": "paired"},
    {"id": "N1", "name": "New York, Broad Street", "timeZone": "America/New_York", "state": "unpaired"},
]
NAMES = ["Amara Okafor", "Benjamin Hart", "Carla Reyes", "Daisuke Mori", "Élodie Marchand", "Fatima Al-Sayed"]
HOSTILE = "<img src=x onerror=\"document.title='broken'\">"
"""A name that is markup: it must stand there as it was written."""
SKINS = [(224, 172, 138), (141, 85, 52), (240, 200, 170), (198, 134, 96), (110, 70, 45), (230, 185, 150)]
OUTCOMES = ["granted", "granted", "denied", "granted", "left", "not_recognised", "granted", "expired", "registered"]
REASONS = ["wrong_pin", "presentation", "wrong_voice", "different_face", "refused_by_staff"]


def iso(at: datetime) -> str:
    """ISO 8601, UTC, milliseconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def person_id(number: int) -> str:
    return f"person{number}"


def people() -> list[Record]:
    """One of each status, and one whose name is markup."""
    statuses = ["active", "active", "pending", "suspended", "active", "invited"]
    return [person(i, name, statuses[i]) for i, name in enumerate(NAMES)] + [person(9, HOSTILE, "active")]


def person(number: int, name: str, status: str) -> Record:
    return {
        "id": person_id(number),
        "name": name,
        "givenName": name.split()[0],
        "phone": f"•••• ••{40 + number}",
        "status": status,
        "language": "en",
        "customer": f"C-{1001 + number}" if number % 2 == 0 else None,
        "operator": None,
        "assurance": "staff" if number % 2 == 0 else "self-asserted",
        "registeredBy": "K7",
        "createdAt": "2026-10-04T09:30:00.000Z",
        "consent": {"version": "2026-10", "at": "2026-10-04T09:29:00.000Z"},
        "phoneChangedAt": None,
    }


def person_detail(brief: Record) -> Record:
    barred = brief["id"] == person_id(1)
    return brief | {
        "templates": {"face": 4, "learned": 1, "voice": 3},
        "learned": [{"id": "learned.one", "at": "2026-11-02T08:00:00.000Z", "recording": None}],
        "phoneChange": None,
        "photosWaiting": [{"id": "photo1", "by": "otto", "at": "2026-11-20T08:00:00.000Z", "waiting": True}],
        "photo": "recordings/K7/one.jpg",
        "lockout": {"wrongPinsDay": 3 if barred else 0, "wrongPinsTotal": 6 if barred else 0, "barred": barred},
    }


def visits(count: int, now: datetime, every: timedelta = timedelta(minutes=7)) -> list[Record]:
    """Newest first."""
    return [visit(i, now - every * i - timedelta(minutes=3)) for i in range(count)]


def visit(number: int, at: datetime) -> Record:
    kiosk = KIOSKS[number % 2]
    outcome = OUTCOMES[number % len(OUTCOMES)]
    known = outcome in ("granted", "registered")
    who = {"id": person_id(number % 6), "name": NAMES[number % 6]}
    seconds = 24.0 + number * 13 % 140
    return {
        "id": f"{kiosk['id']}_{at:%Y%m%d}_{number:024d}",
        "reference": f"{kiosk['id']}-{reference(number)}",
        "kiosk": kiosk["id"],
        "kioskName": kiosk["name"],
        "timeZone": kiosk["timeZone"],
        "at": iso(at),
        "endedAt": iso(at + timedelta(seconds=seconds)),
        "durationS": seconds,
        "state": "denied" if outcome == "denied" else "ended",
        "outcome": outcome,
        "reason": REASONS[number % len(REASONS)] if outcome == "denied" else None,
        "assurance": ("assisted" if number % 5 == 0 else "full") if outcome == "granted" else None,
        "person": who if known else None,
        "claimed": who if outcome == "denied" else None,
        "faces": "unknown" if outcome == "not_recognised" else "none" if outcome == "expired" else "known",
        "two": number % 11 == 3,
        "frames": 14,
        "clips": 1,
        "thumbnail": None if outcome == "expired" else 1 + number % 6,
        "grantedS": 21.4 if known else None,
        "hold": number % 23 == 5,
    }


def reference(number: int) -> str:
    """Four characters, another for each number."""
    letters = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(letters[(number * 7919 // 30**place) % 30] for place in range(4))


def whole_visit(brief: Record) -> Record:
    """With timeline and recordings."""
    begun = datetime.fromisoformat(brief["at"])
    granted = brief["outcome"] == "granted"
    story: list[tuple[float, str, Record]] = [
        (2.1, "face_accepted", {"seq": 2}),
        (2.4, "pin_sent", {"why": None}),
        (9.0, "pin_wrong", {}),
        (17.3, "voice_failed" if not granted else "granted", {}),
        (21.0, "redeemed" if granted else "denied", {"reason": brief["reason"]}),
    ]
    media = [medium("frame", i, begun + timedelta(seconds=1.4 * i)) for i in range(1, brief["frames"] + 1)]
    clips = [medium("voice", i, begun + timedelta(seconds=15 + i)) for i in range(1, brief["clips"] + 1)]
    timeline = [{"at": iso(begun + timedelta(seconds=s)), "what": what, "facts": facts} for s, what, facts in story]
    return brief | {"timeline": timeline, "media": media + clips, "cursor": None}


def medium(kind: str, number: int, at: datetime) -> Record:
    return {
        "kind": kind,
        "number": number,
        "at": iso(at),
        "size": 48_213 + number,
        "sha256": hashlib.sha256(f"{kind}{number}".encode()).hexdigest(),
        "faces": 1 if kind == "frame" else None,
        "quality": "good" if kind == "frame" else None,
        "changed": False,
    }


def attention(now: datetime, live: Record) -> list[Record]:
    """One of most kinds."""
    return [
        item("a1", "assistance", now - timedelta(seconds=25), kiosk="K7", session=live["id"]),
        item("a2", "tamper", now - timedelta(hours=2), facts={"name": "K7/2026-11-20/…/000004.jpg"}),
        item("a3", "approval", now - timedelta(minutes=50), kiosk="K2", person=person_id(2)),
        item("a4", "kiosk_two_places", now - timedelta(hours=1), kiosk="K2"),
        item("a5", "lockout", now - timedelta(hours=3), person=person_id(1), kiosk="K7"),
    ]


def item(id: str, kind: str, at: datetime, **rest: Any) -> Record:
    blank: Record = {
        "kiosk": None,
        "session": None,
        "person": None,
        "facts": {},
        "acknowledged": None,
        "closedAt": None,
    }
    return blank | {"id": id, "kind": kind, "at": iso(at)} | rest


def charts(now: datetime) -> Record:
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=23)
    numbers = [3, 1, 0, 0, 1, 4, 9, 18, 26, 22, 19, 24, 31, 28, 20, 17, 21, 30, 34, 25, 16, 11, 7, 4]
    hours = [
        {"at": iso(start + timedelta(hours=i)), "visits": n, "granted": n * 3 // 4, "denied": n // 8}
        for i, n in enumerate(numbers)
    ]
    reasons = [("wrong_pin", 17), ("presentation", 9), ("wrong_voice", 8), ("different_face", 4)]
    return {
        "hours": hours,
        "reasons": [{"reason": reason, "count": count} for reason, count in reasons],
        "timeToGrant": {"medianS": 21.4, "p95S": 58.0},
        "kiosks": [
            {"kiosk": "K7", "visits": 231, "granted": 180, "denied": 27},
            {"kiosk": "K2", "visits": 140, "granted": 98, "denied": 11},
        ],
    }


def audit(now: datetime) -> list[Record]:
    acts = [
        ("otto", "officer", "person_viewed", {"person": person_id(0)}, None, {}),
        ("anna", "admin", "phone_revealed", {"person": person_id(1)}, "Customer asked to be called", {}),
        ("otto", "officer", "visit_exported", {"session": "K7_20261122_x"}, "Police request", {"recordings": 15}),
        ("system", None, "operator_login", {}, None, {"refused": True}),
    ]
    return [
        {
            "id": f"e{i}",
            "kind": "entry",
            "at": iso(now - timedelta(minutes=9 * i)),
            "operator": who,
            "role": role,
            "action": action,
            "subjects": subjects,
            "reason": reason,
            "case": "C-2041" if reason else None,
            "facts": facts,
        }
        for i, (who, role, action, subjects, reason, facts) in enumerate(acts)
    ]


@cache
def picture(number: int, height: int) -> bytes:
    """A JPEG of one of six people; 0 is the empty scene."""
    drawn = drawn_face(SKINS[number % 6]) if number else empty_scene()
    drawn.thumbnail((height * 4 // 3, height), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=80)
    return out.getvalue()
