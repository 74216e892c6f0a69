"""The machine goes on learning a face: after a full grant, rarely, and never far from what was enrolled.

DESIGN.md, learning: at least two enrolment templates match at a stricter threshold, and nobody else is near; one in 30
days, at most five, of which the oldest goes; enrolment templates never go. A learned template only lifts the score of
the enrolled ones (`MutableGallery.replace`), so that no row of small steps leads to another face.
"""

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.domain.errors import AlreadyExists, AtmError, LostRace
from shared.domain.face import Embedding
from shared.domain.frames import FrameFact, Shows
from shared.domain.match import MatchRule, may_learn
from shared.domain.recording import RecordingKind, recording_name
from shared.domain.session import Assurance, Session, State
from shared.logs import say
from shared.ports import Clock, FaceEngine, MutableGallery
from shared.services.gallery.feed import GalleryFeed
from shared.services.people.registry import People
from shared.services.people.templates import Kind, Origin, Template, Templates
from shared.services.session.analysis import Analyses
from shared.services.session.frame_log import FrameLog

_WINDOW = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnRule:
    """One template in `every`, `most` in all; its picture needs `min_norm`."""

    match: MatchRule
    every: timedelta
    most: int
    min_norm: float


class Learning:
    def __init__(
        self,
        people: People,
        templates: Templates,
        feed: GalleryFeed,
        gallery: MutableGallery,
        engine: FaceEngine,
        analyses: Analyses,
        log: FrameLog,
        clock: Clock,
        rule: LearnRule,
    ) -> None:
        self._people = people
        self._templates = templates
        self._feed = feed
        self._gallery = gallery
        self._engine = engine
        self._analyses = analyses
        self._log = log
        self._clock = clock
        self._rule = rule

    def after(self, before: Session, after: Session) -> bool:
        """Learn from the visit if this step was its full grant and the rule allows. Never raises: nothing waits for it.

        Repeating it is harmless: the person's time of learning is taken first, by ETag, and a visit has one template.
        """
        if before.state is not State.VOICE or after.state is not State.GRANTED or after.assurance is not Assurance.FULL:
            return False
        try:
            return self._learn(after)
        except AtmError as failure:
            say(logging.WARNING, "nothing learned", session=after.id, error=failure.code)
            return False

    def _learn(self, session: Session) -> bool:
        person = self._people.require(str(session.person))
        now, last = self._clock.now(), person.learned_at
        if last is not None and now - last < self._rule.every:
            return False
        seen = self._picture(session)
        if seen is None or not self._allowed(person.id, seen[1]):
            return False
        try:
            self._people.save(replace(person, learned_at=now))
        except LostRace:
            return False
        source, embedding = seen
        model, place = self._engine.model, f"learned.{session.id}"
        try:
            self._templates.add(
                person.id, Kind.FACE, model, embedding, at=now, origin=Origin.LEARNED, source=source, id=place
            )
        except AlreadyExists:
            return False
        self._keep_few(person.id)
        self._feed.announce(person.id)
        say(logging.INFO, "face learned", session=session.id)
        return True

    def _picture(self, session: Session) -> tuple[str, Embedding] | None:
        """The newest frame of the visit that shows the person well: the recording's name and its embedding."""
        frames = self._log.latest(session.id, _WINDOW, after=session.since_seq)
        fit = [f for f in frames if self._fit(f, session.person)]
        if not fit:
            return None
        name = str(recording_name(session.id, RecordingKind.FRAME, fit[-1].seq))
        seen = self._analyses.of(name)
        return (name, seen.embedding) if seen is not None and seen.embedding is not None else None

    def _fit(self, frame: FrameFact, person: str | None) -> bool:
        shown = frame.person == person and frame.shows is Shows.PERSON
        return frame.good and shown and frame.norm is not None and frame.norm >= self._rule.min_norm

    def _allowed(self, person: str, embedding: Embedding) -> bool:
        self._feed.refresh(self._gallery)
        enrolled = [t.embedding for t in self._faces(person) if t.origin is Origin.ENROLMENT]
        scores = [self._engine.similarity(known, embedding) for known in enrolled]
        return may_learn(scores, person, self._gallery.match(embedding), self._gallery.people(), self._rule.match)

    def _keep_few(self, person: str) -> None:
        """The oldest learned ones go; what was enrolled stays."""
        learned = [t for t in self._faces(person) if t.origin is Origin.LEARNED]
        for old in learned[: max(0, len(learned) - self._rule.most)]:
            self._templates.remove(person, old.id)

    def _faces(self, person: str) -> list[Template]:
        return self._templates.of(person, Kind.FACE, self._engine.model)
