"""Face templates of all enrolled people in memory, searched exactly."""

from collections.abc import Sequence

import numpy as np

from shared.domain.errors import BadRequest
from shared.domain.face import Embedding
from shared.domain.match import Candidate
from shared.engines.read_write_lock import ReadWriteLock
from shared.engines.template_matrix import TemplateMatrix, Vectors

UNIT_TOLERANCE = 1e-3
"""How far a template's length may be from 1."""


class MatrixGallery:
    """A MutableGallery. Searches run beside each other; a change waits for them and takes some 0.1 ms.

    `model` names the recogniser. Its templates have one dimension, set by the first; others raise
    BadRequest("wrong_model").
    """

    def __init__(self, model: str) -> None:
        self._model = model
        self._lock = ReadWriteLock()
        self._matrix: TemplateMatrix | None = None
        self._owners: list[str] = []
        self._slots: dict[str, list[int]] = {}
        self._most_templates = 1

    @property
    def model(self) -> str:
        return self._model

    def people(self) -> int:
        return len(self._slots)

    def templates(self) -> int:
        return len(self._owners)

    def match(self, embedding: Embedding, top: int = 5) -> tuple[Candidate, ...]:
        vector = _vector(embedding)
        with self._lock.reading():
            if self._matrix is None:
                return ()
            self._check(vector)
            # `top` persons are among the best rows however many templates those before them have.
            slots, scores = self._matrix.best(vector, top * self._most_templates)
            best: dict[str, float] = {}
            for slot, score in zip(slots.tolist(), scores.tolist(), strict=True):
                best.setdefault(self._owners[slot], score)
        return tuple(Candidate(person, min(score, 1.0)) for person, score in list(best.items())[:top])

    def verify(self, person: str, embedding: Embedding) -> float | None:
        vector = _vector(embedding)
        with self._lock.reading():
            slots = self._slots.get(person)
            if not slots or self._matrix is None:
                return None
            self._check(vector)
            return min(float(self._matrix.of(np.array(slots), vector).max()), 1.0)

    def add(self, person: str, embedding: Embedding) -> None:
        """One template more."""
        vector = _vector(embedding)
        with self._lock.writing():
            self._append(person, vector)

    def replace(self, person: str, embeddings: Sequence[Embedding]) -> None:
        vectors = [_vector(embedding) for embedding in embeddings]
        with self._lock.writing():
            for vector in vectors:
                self._check(vector)
            self._forget(person)
            for vector in vectors:
                self._append(person, vector)

    def remove(self, person: str) -> None:
        with self._lock.writing():
            self._forget(person)

    def load(self, model: str, people: Sequence[str], vectors: bytes | Vectors) -> None:
        """Replace everything by packed rows: the i-th vector is a template of the i-th person named.

        100,000 take 0.1 s. Raises BadRequest("wrong_model") or BadRequest("bad_templates").
        """
        if model != self._model:
            raise BadRequest("wrong_model", f"templates of {model} in a gallery of {self._model}")
        rows = np.frombuffer(vectors, "<f4") if isinstance(vectors, bytes) else vectors
        slots: dict[str, list[int]] = {}
        for slot, person in enumerate(people):
            slots.setdefault(person, []).append(slot)
        matrix = _matrix(rows, len(people)) if people or rows.size else None
        with self._lock.writing():
            self._matrix, self._owners, self._slots = matrix, list(people), slots
            self._most_templates = max((len(own) for own in slots.values()), default=1)

    def _append(self, person: str, vector: Vectors) -> None:
        if self._matrix is None:
            self._matrix = TemplateMatrix(len(vector))
        self._check(vector)
        own = self._slots.setdefault(person, [])
        own.append(self._matrix.append(vector))
        self._owners.append(person)
        self._most_templates = max(self._most_templates, len(own))

    def _forget(self, person: str) -> None:
        slots = self._slots.pop(person, [])
        for slot in sorted(slots, reverse=True):  # from the end: a vector that moves is never one to be removed
            assert self._matrix is not None  # noqa: S101 (a person with slots has a matrix)
            last = self._matrix.remove(slot)
            mover = self._owners.pop()
            if last != slot:
                self._owners[slot] = mover
                own = self._slots[mover]
                own[own.index(last)] = slot

    def _check(self, vector: Vectors) -> None:
        if self._matrix is not None and len(vector) != self._matrix.dimensions:
            raise BadRequest("wrong_model", f"{len(vector)} dimensions instead of {self._matrix.dimensions}")


def _matrix(rows: Vectors, count: int) -> TemplateMatrix:
    if not count or rows.size % count:
        raise BadRequest("bad_templates", "as many vectors as names are needed")
    rows = rows.reshape(count, -1)
    squares = np.einsum("ij,ij->i", rows, rows)  # forty times as fast as linalg.norm
    if not np.all(np.abs(squares - 1) < 2 * UNIT_TOLERANCE):
        raise BadRequest("bad_templates", "a template is not of unit length")
    matrix = TemplateMatrix(rows.shape[1])
    matrix.fill(rows)
    return matrix


def _vector(embedding: Embedding) -> Vectors:
    """Raises BadRequest("bad_templates") unless the bytes are a vector of unit length."""
    if not embedding or len(embedding) % 4:
        raise BadRequest("bad_templates", "not float32")
    vector = np.frombuffer(embedding, "<f4").astype(np.float32)
    if not abs(float(np.linalg.norm(vector)) - 1) < UNIT_TOLERANCE:
        raise BadRequest("bad_templates", "not of unit length")
    return vector
