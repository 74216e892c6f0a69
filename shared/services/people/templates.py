"""Face and voice templates: sealed, bound to their person and model, one document each."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.containers import TEMPLATES
from shared.domain.face import Embedding
from shared.domain.stamp import stamp
from shared.ports import Body, Documents, Keys, Query, Randomness
from shared.services.pages import every


class Kind(StrEnum):
    FACE = "face"
    VOICE = "voice"
    FINGERPRINT = "fingerprint"  # of an earlier clip, so that it is not taken twice


class Origin(StrEnum):
    ENROLMENT = "enrolment"  # never evicted
    LEARNED = "learned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """`source` names the recording it was made from, so that another model can make it anew."""

    id: str
    person: str
    kind: Kind
    model: str
    origin: Origin
    created_at: str
    source: str | None
    embedding: Embedding


class Templates:
    def __init__(self, documents: Documents, keys: Keys, randomness: Randomness) -> None:
        self._documents = documents
        self._keys = keys
        self._randomness = randomness

    def add(
        self,
        person: str,
        kind: Kind,
        model: str,
        embedding: Embedding,
        *,
        at: datetime,
        origin: Origin = Origin.ENROLMENT,
        source: str | None = None,
        id: str | None = None,
    ) -> str:
        """Seal and keep one template; returns its id. `id` makes it repeatable (AlreadyExists)."""
        template_id = id or f"{kind}.{self._randomness.bytes(9).hex()}"
        sealed = self._keys.seal("template", embedding, _context(person, template_id, model))
        self._documents.create(
            TEMPLATES,
            person,
            template_id,
            {
                "kind": kind,
                "model": model,
                "origin": origin,
                "createdAt": stamp(at),
                "source": source,
                "sealed": base64.b64encode(sealed).decode(),
            },
        )
        return template_id

    def of(self, person: str, kind: Kind, model: str | None = None) -> list[Template]:
        """A person's templates, oldest first; of one model only where named."""
        where: dict[str, str | int | float | bool] = {"kind": kind}
        if model is not None:
            where["model"] = model
        page = self._documents.query(Query(TEMPLATES, person, where, order_by="createdAt", limit=100))
        return [self._opened(person, d.id, d.body) for d in page.items]

    def all(self, kind: Kind, model: str) -> Iterator[Template]:
        """Everybody's, in no order that matters."""
        found = every(self._documents, Query(TEMPLATES, where={"kind": kind, "model": model}, limit=1_000))
        return (self._opened(d.partition, d.id, d.body) for d in found)

    def remove(self, person: str, template_id: str) -> bool:
        return self._documents.delete(TEMPLATES, person, template_id)

    def _opened(self, person: str, template_id: str, body: Body) -> Template:
        model, sealed, source = str(body["model"]), base64.b64decode(str(body["sealed"])), body.get("source")
        return Template(
            id=template_id,
            person=person,
            kind=Kind(str(body["kind"])),
            model=model,
            origin=Origin(str(body["origin"])),
            created_at=str(body["createdAt"]),
            source=source if isinstance(source, str) else None,
            embedding=self._keys.open("template", sealed, _context(person, template_id, model)),
        )


def _context(person: str, template_id: str, model: str) -> str:
    return f"{person}/{template_id}/{model}"
