"""Template vectors in one contiguous float32 array, cut into blocks of columns, that grows and shrinks in place.

Shape (blocks, dimensions, BLOCK): a vector is a column. So one matrix product streams through memory once, in order
(1.0 times the time of a plain read, where vectors as rows take 1.5), and a new vector is written without moving any
other. Removal moves the last vector into the gap. Not thread-safe by itself.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK = 4096
"""Vectors a block: its scores (16 kB) stay in the first-level cache while they are summed up."""
GROUP = 64
"""Scores whose maximum is looked at first: the best rows lie in the best groups."""
GROWTH = 8
"""A full array grows by an eighth (one copy); one that is filled has an eighth to spare."""

type Vectors = NDArray[np.float32]
type Slots = NDArray[np.intp]


class TemplateMatrix:
    def __init__(self, dimensions: int) -> None:
        self._blocks = np.zeros((1, dimensions, BLOCK), np.float32)
        self._count = 0

    @property
    def dimensions(self) -> int:
        return int(self._blocks.shape[1])

    def __len__(self) -> int:
        return self._count

    def append(self, vector: Vectors) -> int:
        """Returns the slot."""
        if self._count == len(self._blocks) * BLOCK:
            more = np.zeros((_spare(len(self._blocks)), self.dimensions, BLOCK), np.float32)
            self._blocks = np.concatenate([self._blocks, more])
        slot = self._count
        self._blocks[slot // BLOCK, :, slot % BLOCK] = vector
        self._count += 1
        return slot

    def remove(self, slot: int) -> int:
        """Fill the gap with the last vector; returns the slot it had (`slot` itself when that was the last)."""
        last = self._count - 1
        self._blocks[slot // BLOCK, :, slot % BLOCK] = self._blocks[last // BLOCK, :, last % BLOCK]
        self._blocks[last // BLOCK, :, last % BLOCK] = 0
        self._count = last
        return last

    def fill(self, vectors: Vectors) -> None:
        """Replace everything: row i of (n, dimensions) gets slot i."""
        count = len(vectors)
        used = -(-count // BLOCK)
        blocks = np.zeros((used + _spare(used), vectors.shape[1], BLOCK), np.float32)
        for index in range(0, count, BLOCK):
            part = vectors[index : index + BLOCK]
            blocks[index // BLOCK, :, : len(part)] = cv2.transpose(part)  # twice as fast as assigning part.T
        self._blocks, self._count = blocks, count

    def scores(self, vector: Vectors) -> Vectors:
        """The product with every vector; unused places of the last block hold -2, below any cosine."""
        used = -(-self._count // BLOCK)
        products: Vectors = np.matmul(vector, self._blocks[:used]).reshape(-1)
        products[self._count :] = -2
        return products

    def best(self, vector: Vectors, most: int) -> tuple[Slots, Vectors]:
        """The `most` best slots and their scores, best first. Exact: no row of the best is outside the best groups."""
        if not self._count:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        scores = self.scores(vector)
        peaks = scores.reshape(-1, GROUP).max(axis=1)
        groups = _largest(peaks, most)
        near = (groups[:, None] * GROUP + np.arange(GROUP)).reshape(-1)
        near = near[near < self._count]
        slots = near[_largest(scores[near], most)]
        slots = slots[np.argsort(-scores[slots], kind="stable")]
        return slots, scores[slots]

    def of(self, slots: Slots, vector: Vectors) -> Vectors:
        """Scores of some slots alone."""
        products: Vectors = vector @ self._blocks[slots // BLOCK, :, slots % BLOCK].T
        return products


def _spare(blocks: int) -> int:
    return 1 + blocks // GROWTH


def _largest(values: Vectors, most: int) -> Slots:
    if len(values) <= most:
        return np.arange(len(values))
    return np.argpartition(values, -most)[-most:]
