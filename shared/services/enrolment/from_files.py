"""Making a person known: photographs to face templates, clips to a voice profile, and every gallery told.

The photographs are kept, for templates of another model are computed from them.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from shared.domain.errors import AlreadyExists, MediaRejected
from shared.domain.face import FaceAnalysis
from shared.ports import Clock, FaceEngine, Media, VoiceEngine
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.recognition import Recognition
from shared.services.people.heard import Heard
from shared.services.people.registry import People, Person, Status
from shared.services.people.sources import PHOTOS, photo_blob, photo_source
from shared.services.people.templates import Kind, Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """`phone` is E.164. `customer` is the bank's reference, if there is one."""

    name: str
    given_name: str
    phone: str
    language: str
    consent_version: str
    assurance: str
    customer: str | None = None
    registered_by: str | None = None


class Enrol:
    def __init__(
        self,
        media: Media,
        people: People,
        templates: Templates,
        feed: GalleryFeed,
        face: FaceEngine,
        voice: VoiceEngine,
        heard: Heard,
        clock: Clock,
        min_norm: float,
        recognition: Recognition,
    ) -> None:
        self._media = media
        self._recognition = recognition
        self._people = people
        self._templates = templates
        self._feed = feed
        self._face = face
        self._voice = voice
        self._heard = heard
        self._clock = clock
        self._min_norm = min_norm

    def by_staff(self, applicant: Applicant, photos: Sequence[bytes], clips: Sequence[bytes]) -> Person:
        """Enrol from photographs (JPEG) and clips staff vouch for. Raises MediaRejected, AlreadyExists, Unavailable.

        Until all is done the person is pending and without templates; the same again goes on from there.
        """
        faces = [self._usable(photo) for photo in photos]
        spoken = [self._voice.analyse(clip) for clip in clips]
        voices = [heard.embedding for heard in spoken if heard.embedding is not None]
        if not faces or len(voices) != len(clips):
            raise MediaRejected("not_usable", "a photograph or clip is not good enough for a template")
        person = self._begun(applicant) or self._create(applicant)
        self._recognition.enrol(person.id, {f"photo.{n:02d}": partial(bytes, p) for n, p in enumerate(photos)})
        now = self._clock.now()
        for number, (face, photo) in enumerate(zip(faces, photos, strict=True)):
            source = self._kept(person.id, number, photo)
            if face.embedding is not None:
                self._templates.add(person.id, Kind.FACE, face.model, face.embedding, at=now, source=source)
        if voices:
            profile = self._voice.profile(voices)
            self._templates.add(person.id, Kind.VOICE, self._voice.model, profile, at=now)
            for number, heard in enumerate(spoken):
                self._heard.remember(person.id, heard, f"enrolment.{number:02d}")
        person = self._people.save(replace(person, status=Status.ACTIVE))
        self._feed.announce(person.id)
        return person

    def _kept(self, person: str, number: int, photo: bytes) -> str:
        """Where the photograph lies, for a template to say so."""
        name = f"enrolment.{number:02d}"
        with suppress(AlreadyExists):  # begun before
            self._media.put(PHOTOS, photo_blob(person, name), photo, content_type="image/jpeg")
        return photo_source(person, name)

    def _begun(self, applicant: Applicant) -> Person | None:
        """Whoever was begun with and left. Raises AlreadyExists when the number is somebody else's."""
        owner = self._people.by_phone(applicant.phone)
        if owner is None:
            return None
        person = self._people.get(owner)
        begun = person is not None and person.status is Status.PENDING and person.name == applicant.name
        if not begun or self._templates.of(owner, Kind.FACE):
            raise AlreadyExists("the number is registered")
        return person

    def _create(self, applicant: Applicant) -> Person:
        return self._people.create(
            self._people.new_id(),
            name=applicant.name,
            given_name=applicant.given_name,
            phone=applicant.phone,
            status=Status.PENDING,
            language=applicant.language,
            consent_version=applicant.consent_version,
            assurance=applicant.assurance,
            registered_by=applicant.registered_by,
            customer=applicant.customer,
        )

    def _usable(self, photo: bytes) -> FaceAnalysis:
        seen = self._face.analyse(photo)
        norm = seen.quality.embedding_norm if seen.quality else 0.0
        if seen.embedding is None or seen.near_faces != 1 or norm < self._min_norm:
            raise MediaRejected("not_usable", "the photograph does not show one face well enough")
        return seen
