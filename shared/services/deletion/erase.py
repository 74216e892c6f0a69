"""Erasing a person, in steps that are written down: after a crash in the middle it goes on where it was.

What remains is the record of the erasure itself: a random id and times. The person's document goes last, because it is
what other things are found by.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from shared.containers import PEOPLE
from shared.domain.errors import AlreadyExists, AtmError, LostRace, NotFound, Unavailable
from shared.domain.roles import Operator
from shared.domain.stamp import stamp
from shared.logs import say
from shared.ports import Body, Clock, Document, Documents, Json, Query
from shared.services.audit.entries import Audit, Ground
from shared.services.deletion.belongings import Belongings, Owner, Visits
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.recognition import Recognition
from shared.services.gallery.snapshot import Snapshots
from shared.services.pages import every
from shared.services.people.registry import People, Person, Status
from shared.services.visit.cut_off import CutOff

KIND = "erasure"
_SET_UP = "set FACE_PROVIDER=azure with the group's FACE_ENDPOINT and FACE_GROUP until its copies are erased"


class Step(StrEnum):
    FOUND = "found"  # the visits are listed, before anything that leads to them goes
    REMOTE = "remote"  # copies at a face service
    TEMPLATES = "templates"
    GALLERY = "gallery"  # every snapshot is written anew without them
    VISITS = "visits"
    COUNTERS = "counters"
    ACCOUNTS = "accounts"
    NUMBER = "number"
    PERSON = "person"
    TOLD = "told"  # in the audit


@dataclass(frozen=True, slots=True)
class Erasure:
    """`steps`: those done. `held`: a legal hold suspends it; it goes on by itself once that ends."""

    person: str
    steps: tuple[Step, ...]
    held: bool = False

    @property
    def done(self) -> bool:
        return Step.TOLD in self.steps


class Erase:
    """`held` says whether a legal hold lies on a person."""

    def __init__(
        self,
        documents: Documents,
        people: People,
        belongings: Belongings,
        feed: GalleryFeed,
        snapshots: Snapshots,
        cut_off: CutOff,
        clock: Clock,
        audit: Audit,
        held: Callable[[str], bool],
        recognition: Callable[[], Recognition],
    ) -> None:
        self._recognition = recognition
        self._documents = documents
        self._people = people
        self._belongings = belongings
        self._feed = feed
        self._cut_off = cut_off
        self._clock = clock
        self._audit = audit
        self._held = held
        self._removals: dict[Step, Callable[[Owner], None]] = {
            Step.REMOTE: self._remove_remote,
            Step.TEMPLATES: belongings.remove_templates,
            Step.GALLERY: lambda _: snapshots.catch_up(),
            Step.VISITS: belongings.remove_visits,
            Step.COUNTERS: belongings.remove_counters,
            Step.ACCOUNTS: belongings.remove_accounts,
            Step.NUMBER: belongings.release_number,
            Step.PERSON: belongings.remove_person,
        }

    def person(self, operator: Operator | None, person_id: str, why: Ground) -> Erasure:
        """Erase, or go on erasing; asking again is harmless. Raises NotFound, Unavailable."""
        if self._record(person_id) is None:
            self._people.require(person_id)
            with self._audit.act(operator, "person_erasure_asked", {"person": person_id}, why):
                self._begin(person_id)
        return self._run(person_id)

    def resume(self) -> int:
        """Go on with every erasure that was left unfinished; returns how many are finished now."""
        finished = 0
        for record in list(every(self._documents, Query(PEOPLE, where={"kind": KIND, "done": False}, limit=500))):
            person = str(record.body["person"])
            try:
                finished += self._run(person).done
            except AtmError as failure:
                say(logging.WARNING, "erasure left for later", person=person, error=failure.code)
        return finished

    def _begin(self, person_id: str) -> None:
        body: Body = {
            "kind": KIND,
            "person": person_id,
            "askedAt": stamp(self._clock.now()),
            "steps": [],
            "done": False,
        }
        try:
            self._documents.create(PEOPLE, _place(person_id), _place(person_id), body)
        except AlreadyExists:
            return  # somebody else asked at the same moment

    def _run(self, person_id: str) -> Erasure:
        record = self._require(person_id)
        if record.body["done"] is True:
            return Erasure(person_id, _steps(record))
        person = self._shut(person_id)
        if self._held(person_id):
            return Erasure(person_id, _steps(record), held=True)
        if Step.FOUND not in _steps(record):
            visits = self._belongings.visits(person_id)
            own, claims = (list[Json](sorted(ids)) for ids in (visits.own, visits.claims))
            record = self._note(person_id, Step.FOUND, {"own": own, "claims": claims})
        owner = Owner(person_id, person, Visits(_texts(record, "own"), _texts(record, "claims")))
        for step, remove in self._removals.items():
            if step not in _steps(record):
                remove(owner)
                record = self._note(person_id, step)
        self._feed.announce(person_id)
        self._audit.record(None, "person_erased", {"person": person_id})
        last: Body = {"done": True, "own": [], "claims": [], "finishedAt": stamp(self._clock.now())}
        say(logging.INFO, "person erased", person=person_id)
        return Erasure(person_id, _steps(self._note(person_id, Step.TOLD, last)))

    def _shut(self, person_id: str) -> Person | None:
        """From now on nobody is let in as this person, and no gallery knows the face."""
        person = self._people.get(person_id)
        while person is not None and person.status is not Status.ERASING:
            try:
                person = self._people.save(replace(person, status=Status.ERASING))
            except LostRace:
                person = self._people.get(person_id)
        self._feed.announce(person_id)
        self._cut_off.person(person_id)
        return person

    def _remove_remote(self, owner: Owner) -> None:
        """Raises Unavailable also when a copy is known of at a service that is not set up any more."""
        if self._belongings.has_remote(owner):
            self._recognition().forget(owner.id)
        if self._belongings.has_remote(owner):
            say(logging.ERROR, "a copy is left at the face service", person=owner.id, advice=_SET_UP)
            raise Unavailable("face service", retry_after=60)

    def _record(self, person_id: str) -> Document | None:
        return self._documents.get(PEOPLE, _place(person_id), _place(person_id))

    def _require(self, person_id: str) -> Document:
        record = self._record(person_id)
        if record is None:
            raise NotFound("no such erasure")
        return record

    def _note(self, person_id: str, step: Step, also: Body | None = None) -> Document:
        """Write down that a step is done; of two who erase at once, both may."""
        while True:
            record = self._require(person_id)
            steps: list[Json] = [*dict.fromkeys((*_steps(record), step))]
            try:
                body = {**record.body, **(also or {}), "steps": steps}
                return self._documents.replace(PEOPLE, record.partition, record.id, body, record.etag)
            except LostRace:
                continue


def _place(person_id: str) -> str:
    return f"{KIND}.{person_id}"


def _steps(record: Document) -> tuple[Step, ...]:
    steps = record.body["steps"]
    return tuple(Step(str(step)) for step in steps) if isinstance(steps, list) else ()


def _texts(record: Document, field: str) -> frozenset[str]:
    value = record.body.get(field)
    return frozenset(str(text) for text in value) if isinstance(value, list) else frozenset()
