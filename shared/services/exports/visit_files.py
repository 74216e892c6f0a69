"""The files of one visit in an export, in the order of their names; each is made when it is its turn."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from shared.domain.errors import NotFound
from shared.domain.recording import CONTAINER, RecordingKind
from shared.domain.report_page import Medium, in_words, visit_page
from shared.domain.stamp import stamp
from shared.domain.visit_facts import VisitFacts
from shared.ports import Body, Media
from shared.services.kiosks.pairing import Kiosks
from shared.services.people.registry import People
from shared.services.recordings.index import RecordingIndex
from shared.services.recordings.visit_index import VisitIndex
from shared.services.session.timeline import Timeline

SCHEMA = "face-atm.visit.1"
LABELS = {
    "reference": "Reference",
    "kiosk": "Kiosk",
    "kioskName": "Place",
    "timeZone": "Time zone",
    "began": "Began (UTC)",
    "ended": "Ended (UTC)",
    "outcome": "Outcome",
    "reason": "Reason",
    "assurance": "Assurance",
    "personName": "Granted to",
    "person": "Granted to (id)",
    "claimedName": "Face matched",
    "claimed": "Face matched (id)",
    "faces": "Face in front",
    "twoInView": "Two people in view",
    "session": "Visit (id)",
}
"""What the report calls the facts of `visit.json`, in the order in which they are read."""
CODES = frozenset({"outcome", "reason", "assurance", "faces"})


@dataclass(frozen=True, slots=True)
class File:
    """`read` is given the names of recordings that were found changed; None where the file is gone by now.

    `expected`: the SHA-256 it should have.
    """

    name: str
    read: Callable[[tuple[str, ...]], bytes | None]
    expected: str | None = None

    def changed(self, data: bytes) -> bool:
        return self.expected is not None and hashlib.sha256(data).hexdigest() != self.expected


class ExportVisits:
    def __init__(
        self,
        media: Media,
        visits: VisitIndex,
        index: RecordingIndex,
        timeline: Timeline,
        kiosks: Kiosks,
        people: People,
    ) -> None:
        self._media = media
        self._visits = visits
        self._index = index
        self._timeline = timeline
        self._kiosks = kiosks
        self._people = people

    def facts(self, session_id: str) -> VisitFacts | None:
        return self._visits.get(session_id)

    def files(self, session_id: str) -> Iterator[File]:
        """In the order of their names. Raises nothing for a visit that is gone: it has none."""
        facts = self.facts(session_id)
        if facts is None:
            return
        entries = sorted((entry.body for entry in self._index.of(session_id)), key=_file)
        for entry in entries:
            yield File(_file(entry), partial(self._blob, str(entry["name"])), str(entry["sha256"]))
        yield File("report.html", partial(self._page, facts, entries))
        yield File("visit.json", partial(self._json, facts, entries))

    def _blob(self, name: str, _: tuple[str, ...]) -> bytes | None:
        try:
            return self._media.read(CONTAINER, name)
        except NotFound:
            return None

    def _json(self, facts: VisitFacts, entries: list[Body], changed: tuple[str, ...]) -> bytes:
        media = [{**_medium(e), "file": _file(e), "changed": _file(e) in changed} for e in entries]
        told = {
            "schema": SCHEMA,
            "visit": {**self._told(facts), "frames": facts.frames, "clips": facts.clips},
            "timeline": [{"at": e["at"], "what": e["what"], "facts": e["facts"]} for e in self._events(facts)],
            "media": media,
        }
        return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()

    def _page(self, facts: VisitFacts, entries: list[Body], changed: tuple[str, ...]) -> bytes:
        media = [
            Medium(
                file=_file(entry),
                picture=entry["kind"] == RecordingKind.FRAME,
                at=str(entry["at"]),
                note=str(entry.get("quality") or ""),
                sha256=str(entry["sha256"]),
                changed=_file(entry) in changed,
            )
            for entry in entries
        ]
        events = [(str(e["at"]), in_words(str(e["what"])), _details(e)) for e in self._events(facts)]
        told = self._told(facts)
        labels = {label: _said(name, told[name]) for name, label in LABELS.items() if told[name] is not None}
        if told["timeZone"]:
            labels["At the kiosk's clock"] = f"{facts.at.astimezone(ZoneInfo(str(told['timeZone']))):%Y-%m-%d %H:%M:%S}"
        return visit_page(f"Visit {facts.reference}", labels, events, media).encode()

    def _events(self, facts: VisitFacts) -> list[Body]:
        return self._timeline.of(facts.session)

    def _told(self, facts: VisitFacts) -> dict[str, object]:
        kiosk = self._kiosks.get(facts.kiosk)
        return {
            "session": facts.session,
            "reference": facts.reference,
            "kiosk": facts.kiosk,
            "kioskName": kiosk.name if kiosk else None,
            "timeZone": kiosk.time_zone if kiosk else None,
            "began": stamp(facts.at),
            "ended": stamp(facts.ended_at) if facts.ended_at else None,
            "outcome": facts.outcome,
            "reason": facts.reason,
            "assurance": facts.assurance,
            "person": facts.person,
            "personName": self._name(facts.person),
            "claimed": facts.claimed,
            "claimedName": self._name(facts.claimed),
            "faces": facts.faces,
            "twoInView": facts.two,
        }

    def _name(self, person_id: str | None) -> str | None:
        person = self._people.get(person_id) if person_id else None
        return person.name if person else None


def _file(entry: Body) -> str:
    return f"media/{str(entry['name']).rpartition('/')[2]}"


def _said(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return in_words(str(value)) if name in CODES else str(value)


def _medium(entry: Body) -> Body:
    return {name: entry.get(name) for name in ("kind", "number", "at", "size", "sha256", "faces", "quality")}


def _details(event: Body) -> str:
    facts = event.get("facts")
    told = facts.items() if isinstance(facts, dict) else ()
    return ", ".join(f"{in_words(name)}: {value}" for name, value in told if value is not None)
