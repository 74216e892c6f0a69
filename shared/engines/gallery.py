"""Face templates of all enrolled people in memory, searched exactly."""

from collections.abc import Collection, Sequence

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
    BadRequest("wrong_model"). `lift`: how far learned templates may raise a person's score above the enrolled ones'.
    """

    def __init__(self, model: str, lift: float = 0.0) -> None:
        self._model = model
        self._lift = lift
        self._lock = ReadWriteLock()
        self._matrix: TemplateMatrix | None = None
        self._owners: list[str] = []
        self._learned: list[bool] = []
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
            most = top * self._most_templates  # `top` persons are among these rows, whatever those before them have
            while True:
                slots, scores = self._matrix.best(vector, most)
                found = self._ranked(slots.tolist(), scores.tolist(), vector)[:top]
                beyond = float(scores[-1]) if most < len(self._owners) else -2.0  # nobody else has more than this
                if (len(found) == top and found[-1].score >= min(beyond, 1.0)) or most >= len(self._owners):
                    return tuple(found)
                most *= 4

    def verify(self, person: str, embedding: Embedding) -> float | None:
        vector = _vector(embedding)
        with self._lock.reading():
            if not self._slots.get(person) or self._matrix is None:
                return None
            self._check(vector)
            return min(self._score(person, vector), 1.0)

    def add(self, person: str, embedding: Embedding) -> None:
        """One enrolled template more."""
        vector = _vector(embedding)
        with self._lock.writing():
            self._append(person, vector, learned=False)

    def replace(self, person: str, embeddings: Sequence[Embedding], learned: Sequence[Embedding] = ()) -> None:
        vectors = [(_vector(embedding), False) for embedding in embeddings]
        vectors += [(_vector(embedding), True) for embedding in learned]
        with self._lock.writing():
            for vector, _ in vectors:
                self._check(vector)
            self._forget(person)
            for vector, is_learned in vectors:
                self._append(person, vector, learned=is_learned)

    def remove(self, person: str) -> None:
        with self._lock.writing():
            self._forget(person)

    def load(
        self, model: str, people: Sequence[str], vectors: bytes | Vectors, learned: Collection[int] = frozenset()
    ) -> None:
        """Replace everything by packed rows: the i-th vector is a template of the i-th person named.

        Bytes are float16, as a snapshot has them. `learned` names the rows that are learned ones. 100,000 take 0.1 s.
        Raises BadRequest("wrong_model") or BadRequest("bad_templates").
        """
        if model != self._model:
            raise BadRequest("wrong_model", f"templates of {model} in a gallery of {self._model}")
        rows = np.frombuffer(vectors, "<f2").astype(np.float32) if isinstance(vectors, bytes) else vectors
        slots: dict[str, list[int]] = {}
        for slot, person in enumerate(people):
            slots.setdefault(person, []).append(slot)
        matrix = _matrix(rows, len(people)) if people or rows.size else None
        flags = [False] * len(people)
        for row in learned:
            flags[row] = True
        with self._lock.writing():
            self._matrix, self._owners, self._learned, self._slots = matrix, list(people), flags, slots
            self._most_templates = max((len(own) for own in slots.values()), default=1)

    def names(self) -> frozenset[str]:
        """Everybody who has a template here."""
        with self._lock.reading():
            return frozenset(self._slots)

    def _ranked(self, slots: list[int], scores: list[float], vector: Vectors) -> list[Candidate]:
        """The persons of these rows (best first), each with the score that counts."""
        best: dict[str, float] = {}
        for slot, score in zip(slots, scores, strict=True):
            person = self._owners[slot]
            if person not in best:  # the first row is the person's best; one that was enrolled needs no second look
                best[person] = self._score(person, vector) if self._learned[slot] else score
        return sorted((Candidate(p, min(s, 1.0)) for p, s in best.items()), key=lambda c: -c.score)

    def _score(self, person: str, vector: Vectors) -> float:
        """The best enrolled template's, raised by the learned ones as far as `lift` lets them."""
        matrix = self._matrix
        assert matrix is not None  # noqa: S101 (a person with slots has a matrix)
        own = self._slots[person]
        scores = matrix.of(np.array(own), vector).tolist()
        enrolled = max((s for slot, s in zip(own, scores, strict=True) if not self._learned[slot]), default=-1.0)
        learned = max((s for slot, s in zip(own, scores, strict=True) if self._learned[slot]), default=-1.0)
        return max(enrolled, min(learned, enrolled + self._lift))

    def _append(self, person: str, vector: Vectors, *, learned: bool) -> None:
        if self._matrix is None:
            self._matrix = TemplateMatrix(len(vector))
        self._check(vector)
        own = self._slots.setdefault(person, [])
        own.append(self._matrix.append(vector))
        self._owners.append(person)
        self._learned.append(learned)
        self._most_templates = max(self._most_templates, len(own))

    def _forget(self, person: str) -> None:
        slots = self._slots.pop(person, [])
        for slot in sorted(slots, reverse=True):  # from the end: a vector that moves is never one to be removed
            assert self._matrix is not None  # noqa: S101 (a person with slots has a matrix)
            last = self._matrix.remove(slot)
            mover, flag = self._owners.pop(), self._learned.pop()
            if last != slot:
                self._owners[slot], self._learned[slot] = mover, flag
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
