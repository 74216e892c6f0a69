"""Which vectors belong into a gallery: the face templates, of one model, of everybody who is active."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.containers import PEOPLE
from shared.domain.face import Embedding
from shared.ports import Documents, Query
from shared.services.pages import every
from shared.services.people.registry import KIND, People, Status
from shared.services.people.templates import Kind, Origin, Template, Templates

_PAGE = 1_000


@dataclass(slots=True)
class Faces:
    """One person's face templates of one model."""

    enrolled: list[Embedding] = field(default_factory=list)
    learned: list[Embedding] = field(default_factory=list)

    def add(self, template: Template) -> None:
        (self.learned if template.origin is Origin.LEARNED else self.enrolled).append(template.embedding)

    def __bool__(self) -> bool:
        return bool(self.enrolled)


class GallerySource:
    def __init__(self, documents: Documents, people: People, templates: Templates) -> None:
        self._documents = documents
        self._people = people
        self._templates = templates

    def of(self, person_id: str, model: str) -> Faces:
        """Empty for anybody who is not active: pending, suspended, erased."""
        faces = Faces()
        found = self._people.get(person_id)
        if found is not None and found.status is Status.ACTIVE:
            for template in self._templates.of(person_id, Kind.FACE, model):
                faces.add(template)
        return faces

    def everybody(self, model: str) -> dict[str, Faces]:
        """By reading all people and templates there are: for a start without a snapshot."""
        found: dict[str, Faces] = {person: Faces() for person in self._active()}
        for template in self._templates.all(Kind.FACE, model):
            if template.person in found:
                found[template.person].add(template)
        return {person: faces for person, faces in found.items() if faces}

    def _active(self) -> Iterator[str]:
        active = Query(PEOPLE, where={"kind": KIND, "status": Status.ACTIVE}, limit=_PAGE)
        return (document.id for document in every(self._documents, active))
