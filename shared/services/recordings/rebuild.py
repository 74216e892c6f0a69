"""The index made anew of storage alone: what every blob says of itself in its name, its metadata and its tags.

What only the database knew is lost with it: timelines, the quality of single pictures, how long a grant took, when
exactly a visit ended (its last recording stands for it), and visits of which there is no recording.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from shared.domain.errors import NotFound
from shared.domain.recording import CONTAINER, RecordingKind, RecordingName, parse_recording
from shared.domain.session import State
from shared.domain.stamp import from_stamp
from shared.domain.visit_facts import Faces, Outcome, VisitFacts
from shared.ports import Media, MediaInfo
from shared.services.recordings.index import RecordingIndex
from shared.services.recordings.tallies import Tallies
from shared.services.recordings.visit_index import VisitIndex


@dataclass(frozen=True, slots=True)
class Found:
    """A recording and what storage says of it."""

    name: RecordingName
    info: MediaInfo

    @property
    def at(self) -> datetime:
        kept = self.info.metadata.get("at")
        return from_stamp(kept) if kept else self.info.created

    def tag(self, name: str) -> str | None:
        return (self.info.tags or {}).get(name)

    @property
    def near(self) -> int:
        """How many people stood in front."""
        text = self.tag("faces") or "0"
        return int(text) if text.isdigit() else 0


@dataclass(frozen=True, slots=True)
class Rebuilt:
    visits: int
    recordings: int


class Rebuild:
    def __init__(self, media: Media, index: RecordingIndex, visits: VisitIndex, tallies: Tallies) -> None:
        self._media = media
        self._index = index
        self._visits = visits
        self._tallies = tallies

    def run(self, prefix: str = "") -> Rebuilt:
        """Of every recording whose name begins so. Repeatable; what is there already stays. Raises Unavailable."""
        visits = recordings = 0
        for session_id, found in visits_in(self._media, prefix):
            for one in found:
                self._index.restore(one.name, one.info)
            facts = facts_of_recordings(found)
            try:
                self._visits.refresh(session_id)
            except NotFound:
                self._visits.restore(facts)
            self._tallies.forget(facts.at.date())
            visits, recordings = visits + 1, recordings + len(found)
        return Rebuilt(visits, recordings)


def visits_in(media: Media, prefix: str = "") -> Iterator[tuple[str, list[Found]]]:
    """The recordings of each visit in turn. Names are in order, so those of one visit stand together."""
    named = ((parse_recording(info.name), info) for info in media.list(CONTAINER, prefix))
    ours = (Found(name, info) for name, info in named if name is not None)
    for session_id, group in groupby(ours, key=lambda found: found.name.session):
        yield session_id, list(group)


def facts_of_recordings(found: Sequence[Found]) -> VisitFacts:
    """What the recordings of one visit tell of it. A visit that was never settled counts as left."""
    first = found[0]
    frames = [f for f in found if f.name.kind is RecordingKind.FRAME]
    told = {name: next((v for f in found if (v := f.tag(name))), None) for name in _TAGS}
    outcome = Outcome(told["outcome"]) if told["outcome"] in set(Outcome) else Outcome.LEFT
    began = first.info.metadata.get("began")
    best = min(frames, key=lambda f: (f.near != 1, f.near == 0, f.name.number), default=None)
    known = told["person"] or told["claimed"]
    somebody = Faces.UNKNOWN if any(f.near for f in frames) else Faces.NONE
    return VisitFacts(
        session=first.name.session,
        kiosk=first.name.kiosk,
        reference=first.info.metadata.get("reference") or f"{first.name.kiosk}-0000",
        at=from_stamp(began) if began else min(f.at for f in found),
        ended_at=max(f.at for f in found),
        state=State.DENIED if outcome is Outcome.DENIED else State.ENDED,
        outcome=outcome,
        reason=told["reason"],
        assurance=told["assurance"],
        person=told["person"],
        claimed=told["claimed"],
        matched=(told["claimed"],) if told["claimed"] else (),
        faces=Faces.KNOWN if known else somebody,
        two=any(f.near > 1 for f in frames),
        frames=len(frames),
        clips=len(found) - len(frames),
        thumbnail=best.name.number if best else None,
    )


_TAGS = ("outcome", "reason", "assurance", "person", "claimed")
