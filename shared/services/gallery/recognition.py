"""Who a face is, among all enrolled people: by the embedded gallery here, by a service outside in its own module.

Whether a face is live, fit to be used, and the same as in the frame before is the embedded engine's to say under
either, and so is whether the accepted person still stands in front.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.domain.face import FaceAnalysis
from shared.domain.frames import Likeness, Shows
from shared.domain.match import MatchDecision, MatchRule, decide, duplicates
from shared.ports import MutableGallery
from shared.services.gallery.feed import GalleryFeed


@dataclass(frozen=True, slots=True)
class Face:
    """A face to be recognised: what the embedded engine saw of it, and the picture for who needs it."""

    seen: FaceAnalysis
    image: Callable[[], bytes]


class Recognition(Protocol):
    """Raises Unavailable when a gallery or service does not answer: the check counts as not passed."""

    def identify(self, face: Face) -> MatchDecision | None:
        """1:N. None when this face is not fit to be compared, which counts neither way."""

    def verify(self, person: str, face: Face) -> bool | None:
        """1:1, for a claimed identity. None when this face is not fit to be compared."""

    def near(self, faces: Sequence[Face]) -> frozenset[str]:
        """Enrolled people whom somebody who registers may be, by the looser search."""

    def enrol(self, person: str, pictures: Mapping[str, Callable[[], bytes]]) -> None:
        """Make a person known, by pictures under random names. Repeatable; raises MediaRejected."""

    def forget(self, person: str) -> None:
        """Remove every copy that is not in our own stores. Repeatable."""

    def prepare(self) -> None:
        """Whatever can be done before the first face comes."""

    def follow(self) -> None:
        """Whatever has to go on in the background, from time to time."""


class GalleryRecognition:
    """The embedded one: people are known by their templates, which the gallery's feed follows."""

    def __init__(self, gallery: MutableGallery, feed: GalleryFeed, rule: MatchRule, likeness: Likeness) -> None:
        self._gallery = gallery
        self._feed = feed
        self._rule = rule
        self._likeness = likeness

    def identify(self, face: Face) -> MatchDecision | None:
        if face.seen.embedding is None:
            return None
        self._feed.refresh(self._gallery)
        return decide(self._gallery.match(face.seen.embedding), self._gallery.people(), self._rule)

    def verify(self, person: str, face: Face) -> bool | None:
        if face.seen.embedding is None:
            return None
        self._feed.refresh(self._gallery)
        score = self._gallery.verify(person, face.seen.embedding)
        return score is not None and self._likeness.shows(score) is Shows.PERSON

    def near(self, faces: Sequence[Face]) -> frozenset[str]:
        self._feed.refresh(self._gallery, now=True)
        people = self._gallery.people()
        vectors = [face.seen.embedding for face in faces if face.seen.embedding is not None]
        return frozenset(c.person for v in vectors for c in duplicates(self._gallery.match(v), people, self._rule))

    def enrol(self, person: str, pictures: Mapping[str, Callable[[], bytes]]) -> None:
        """Nothing beyond the templates."""

    def forget(self, person: str) -> None:
        """Nothing beyond the templates."""

    def prepare(self) -> None:
        self._feed.refresh(self._gallery)

    def follow(self) -> None:
        """Every instance's gallery follows by itself."""
