"""`Recognition` by a face service outside: it says who a face is; everything else stays with the embedded engine.

Only a face that the embedded engine finds live, alone and fit is ever sent there, so a visitor's picture leaves no
sooner and no more often than it must. Persons whom the service knows and who are not active here are nobody.
"""

from collections.abc import Callable, Mapping, Sequence

from shared.domain.confidence import ConfidenceRule, decide_by_confidence
from shared.domain.errors import MediaRejected
from shared.domain.match import Candidate, MatchDecision
from shared.ports import DetectedFace, FaceQuality, FaceService
from shared.services.gallery.recognition import Face
from shared.services.gallery.remote_catch_up import RemoteCatchUp
from shared.services.gallery.remote_copies import RemoteCopies
from shared.services.gallery.remote_training import RemoteTraining
from shared.services.people.registry import People, Status


class RemoteRecognition:
    def __init__(
        self,
        service: FaceService,
        copies: RemoteCopies,
        training: RemoteTraining,
        people: People,
        rule: ConfidenceRule,
        catch_up: RemoteCatchUp,
    ) -> None:
        self._catch_up = catch_up
        self._service = service
        self._copies = copies
        self._training = training
        self._people = people
        self._rule = rule

    def identify(self, face: Face) -> MatchDecision | None:
        seen = self._seen(face)
        if seen is None:
            return None
        return decide_by_confidence(self._active(self._service.identify(seen.id, self._rule.least)), self._rule)

    def verify(self, person: str, face: Face) -> bool | None:
        seen = self._seen(face)
        if seen is None:
            return None
        remote = self._copies.remote_of(person)
        confidence = self._service.verify(seen.id, remote) if remote is not None and self._is_active(person) else None
        return confidence is not None and confidence >= self._rule.verify

    def near(self, faces: Sequence[Face]) -> frozenset[str]:
        """Of everybody the service knows, active or not. Raises MediaRejected if it can use none of these faces."""
        self._service.prepare()
        seen = [s for face in faces if (s := self._service.detect(face.image())) and s.quality is not FaceQuality.LOW]
        if not seen:
            raise MediaRejected("not_usable", "the face service does not see these faces well enough")
        candidates = [c for s in seen for c in self._service.identify(s.id, self._rule.duplicate)]
        return frozenset(p for c in candidates if (p := self._copies.person_of(c.person)) is not None)

    def enrol(self, person: str, pictures: Mapping[str, Callable[[], bytes]]) -> None:
        self._copies.keep(person, pictures)
        self._training.want()

    def forget(self, person: str) -> None:
        if self._copies.forget(person):
            self._training.want()

    def prepare(self) -> None:
        self._service.prepare()

    def follow(self) -> None:
        self._catch_up.run()
        self._training.follow()

    def _seen(self, face: Face) -> DetectedFace | None:
        seen = face.seen
        if seen.embedding is None or seen.hint is not None or seen.near_faces != 1 or seen.live is not True:
            return None
        self._service.prepare()
        found = self._service.detect(face.image())
        return None if found is None or found.quality is FaceQuality.LOW else found

    def _active(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        named = ((self._copies.person_of(c.person), c.score) for c in candidates)
        return [Candidate(person, score) for person, score in named if person is not None and self._is_active(person)]

    def _is_active(self, person: str) -> bool:
        found = self._people.get(person)
        return found is not None and found.status is Status.ACTIVE
