"""Whose voice it is: CAM++ embeddings (3D-Speaker, Apache-2.0), compared by their cosine."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.domain.face import Embedding
from shared.engines.sessions import ModelSession

type Floats = NDArray[np.float32]

MODEL = "campplus-cn-en-1"
"""The published checkpoint `campplus_cn_en_common` with this module's front end: raise the number if either changes."""


class SpeakerEncoder:
    def __init__(self, session: ModelSession) -> None:
        self._session = session

    def embed(self, mel: Floats) -> Embedding:
        """From `log_mel` energies (frames, 80) of half a second or more, pauses kept. Raises Unavailable."""
        feats = (mel - mel.mean(0))[np.newaxis]
        return _unit(self._session.run({"feats": feats}, ["embedding"])[0][0])


def profile(embeddings: Sequence[Embedding]) -> Embedding:
    """The normalised mean. Raises ValueError for none."""
    if not embeddings:
        raise ValueError("a profile needs at least one clip")
    return _unit(np.mean([np.frombuffer(embedding, "<f4") for embedding in embeddings], axis=0))


def similarity(a: Embedding, b: Embedding) -> float:
    """Cosine of two unit vectors, in [-1, 1]. Raises ValueError when they are not of one model."""
    left, right = np.frombuffer(a, "<f4").astype(np.float64), np.frombuffer(b, "<f4").astype(np.float64)
    return float(np.clip(left @ right, -1.0, 1.0))


def _unit(vector: NDArray[np.floating]) -> Embedding:
    """Raises ArithmeticError for a vector without a direction: it would be like anybody's."""
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or length < 1e-6:
        raise ArithmeticError("an embedding without a direction")
    return (vector / length).astype("<f4").tobytes()
