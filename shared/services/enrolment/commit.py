"""The end of a registration: the person is stored under the reservation of their number, and every gallery told.

Each write can be repeated: after a crash anywhere the next look at the session finishes the same person.
"""

import logging
from collections.abc import Callable
from dataclasses import replace

from shared.domain import events as e
from shared.domain.errors import AlreadyExists, MediaRejected, NotFound
from shared.domain.face import Embedding
from shared.domain.policy import EnrolmentPolicy
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.session import Session
from shared.domain.voice import VoiceAnalysis
from shared.logs import say
from shared.ports import Clock, FaceEngine, Media, MutableGallery, VoiceEngine
from shared.services.attention.items import Attention, Matter
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.recognition import Face, Recognition
from shared.services.messages.notices import Notices
from shared.services.messages.texts import text
from shared.services.people.authenticators import Authenticators
from shared.services.people.heard import Heard, clip_of
from shared.services.people.registry import People, Person, Status
from shared.services.people.templates import Kind, Templates
from shared.services.session.analysis import Analyses
from shared.services.session.enrolment_draft import Details, Draft


class EnrolmentCommit:
    """`bank_opens`: the demo bank gives a new person a customer reference at once; elsewhere staff add one."""

    def __init__(
        self,
        people: People,
        templates: Templates,
        feed: GalleryFeed,
        media: Media,
        analyses: Analyses,
        face: FaceEngine,
        voice: VoiceEngine,
        gallery: MutableGallery,
        heard: Heard,
        clock: Clock,
        recognition: Recognition,
        policy: EnrolmentPolicy,
        bank_opens: bool,
        attention: Attention,
        notices: Notices,
        authenticators: Authenticators,
    ) -> None:
        self._authenticators = authenticators
        self._notices = notices
        self._attention = attention
        self._people = people
        self._templates = templates
        self._feed = feed
        self._media = media
        self._analyses = analyses
        self._face = face
        self._voice = voice
        self._gallery = gallery
        self._heard = heard
        self._clock = clock
        self._recognition = recognition
        self._policy = policy
        self._bank_opens = bank_opens

    def commit(
        self, session: Session, draft: Draft, details: Details, learned: Callable[[int], object] = lambda _: None
    ) -> e.Event:
        """Raises Unavailable; nothing is half done that a repetition would not complete.

        `learned` is told after each picture and clip how many there were.
        """
        person = str(session.person)
        try:
            faces, clips = {}, {}
            for done, seq in enumerate(draft.taken, 1):
                faces[seq] = self.face_of(session, seq)
                learned(done)
            for done, attempt in enumerate(draft.clips, len(faces) + 1):
                clips[attempt] = self._analysed(session, attempt)
                learned(done)
            profile = self._voice.profile([_embedding(clip) for clip in clips.values()])
            pictures = {seq: self._picture(session, seq) for seq in faces}
            near = self._recognition.near(list(pictures.values())) - {person}
        except (NotFound, MediaRejected):
            return e.EnrolmentRefused(at=self._clock.now())
        open_now = self._policy is EnrolmentPolicy.OPEN and not near
        try:
            new = self._person(session, details, Status.ACTIVE if open_now else Status.PENDING)
        except AlreadyExists:
            say(logging.WARNING, "number registered meanwhile", session=session.id)
            return e.EnrolmentRefused(at=self._clock.now())
        for seq, vector in faces.items():
            source = str(recording_name(session.id, RecordingKind.FRAME, seq))
            self._keep(person, Kind.FACE, self._face.model, vector, _template(session, seq), source)
        self._keep(person, Kind.VOICE, self._voice.model, profile, f"voice.{session.id}", None)
        for attempt, clip in clips.items():
            self._heard.remember(person, clip, clip_of(session.id, attempt))
        self._recognition.enrol(person, {_template(session, seq): face.image for seq, face in pictures.items()})
        self._authenticators.keep(person)
        self._feed.announce(person)
        self._feed.refresh(self._gallery, now=True)
        if open_now:
            near, open_now = self._searched_again(person, list(pictures.values()))
        if not open_now:
            self._call_staff(session, person, near)
        say(logging.INFO, "enrolled", session=session.id, open=open_now, near=len(near))
        if new is not None:
            self._tell(new, session, open_now)
        return e.Enrolled(at=self._clock.now(), open=open_now)

    def _call_staff(self, session: Session, person: str, near: frozenset[str]) -> None:
        kind, other = Matter.ENROLMENT_DUPLICATE if near else Matter.APPROVAL, min(near, default=None)
        self._attention.call(kind, person, kiosk=session.kiosk, session=session.id, person=person, other=other)

    def _searched_again(self, person_id: str, pictures: list[Face]) -> tuple[frozenset[str], bool]:
        """Whom the face is near to now, and whether the person may go on.

        The same face may be registered elsewhere in this very moment: of the two who look now, the later one sees the
        other, and waits for staff.
        """
        near = self._recognition.near(pictures) - {person_id}
        person = self._people.require(person_id)
        if near and person.status is Status.ACTIVE:
            self._people.save(replace(person, status=Status.PENDING))
            self._feed.announce(person_id)
        return near, not near

    def _tell(self, person: Person, session: Session, open_now: bool) -> None:
        """Whoever owns the telephone learns of it, once: a message that was lost is not sent again."""
        words = text("registered", person.language) if open_now else text("awaiting_approval", person.language)
        self._notices.tell(person, words, f"{session.id}.registered")

    def face_of(self, session: Session, seq: int) -> Embedding:
        """Raises NotFound, MediaRejected."""
        seen = self._analyses.of(str(recording_name(session.id, RecordingKind.FRAME, seq)))
        if seen is None or seen.embedding is None:
            raise MediaRejected("not_usable")
        return seen.embedding

    def voice_of(self, session: Session, attempt: int) -> Embedding:
        """Computed from the recording each time: nothing of somebody who is not registered yet is kept."""
        return _embedding(self._analysed(session, attempt))

    def _analysed(self, session: Session, attempt: int) -> VoiceAnalysis:
        name = str(recording_name(session.id, RecordingKind.VOICE, attempt))
        return self._voice.analyse(self._media.read(CONTAINER, name))

    def _picture(self, session: Session, seq: int) -> Face:
        """Raises NotFound, MediaRejected."""
        name = str(recording_name(session.id, RecordingKind.FRAME, seq))
        seen = self._analyses.of(name)
        if seen is None:
            raise MediaRejected("not_usable")
        return Face(seen, lambda: self._media.read(CONTAINER, name))

    def _person(self, session: Session, details: Details, status: Status) -> Person | None:
        """None when it was stored before. Raises AlreadyExists when the number is somebody else's."""
        person = str(session.person)
        if self._people.get(person) is not None:
            return None
        try:
            return self._people.create(
                person,
                name=details.name,
                given_name=details.given_name,
                phone=details.phone,
                status=status,
                language=details.language,
                consent_version=details.consent_version,
                assurance="self-asserted",
                registered_by=session.kiosk,
                customer=f"S-{person[1:9].upper()}" if self._bank_opens else None,
            )
        except AlreadyExists:
            if self._people.get(person) is None:
                raise
            return None  # another worker was faster with the very same person

    def _keep(
        self, person: str, kind: Kind, model: str, vector: Embedding, template_id: str, source: str | None
    ) -> None:
        try:
            self._templates.add(person, kind, model, vector, at=self._clock.now(), id=template_id, source=source)
        except AlreadyExists:
            return


def _template(session: Session, seq: int) -> str:
    return f"face.{session.id}.{seq:06d}"


def _embedding(clip: VoiceAnalysis) -> Embedding:
    """Raises MediaRejected."""
    if clip.embedding is None:
        raise MediaRejected("not_usable")
    return clip.embedding
