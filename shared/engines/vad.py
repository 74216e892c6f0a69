"""Where in a clip somebody speaks: Silero VAD (MIT), the whole clip in one run.

Input rows are 64 samples of context and 512 new ones (32 ms); the model's state passes along the rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.engines.fbank import SAMPLE_RATE
from shared.engines.sessions import ModelSession

type Floats = NDArray[np.float32]

WINDOW, CONTEXT, STATE = 512, 64, 128
MARGIN_WINDOWS = 2  # kept on both sides of the speech, so that soft beginnings and ends stay


@dataclass(frozen=True, slots=True)
class Speech:
    """From the first to the last window with speech, margins included: samples `start` to `end` of the clip.

    `seconds` counts the windows with speech only. All are 0 when nobody speaks.
    """

    start: int
    end: int
    seconds: float


class SpeechDetector:
    def __init__(self, session: ModelSession, probability: float) -> None:
        self._session, self._probability = session, probability

    def find(self, samples: Floats) -> Speech:
        """16 kHz mono in [-1, 1], at least one sample. Raises Unavailable."""
        spoken = np.flatnonzero(self._probabilities(samples) >= self._probability)
        if not len(spoken):
            return Speech(0, 0, 0.0)
        start = max(0, int(spoken[0]) - MARGIN_WINDOWS) * WINDOW
        end = min(len(samples), (int(spoken[-1]) + 1 + MARGIN_WINDOWS) * WINDOW)
        return Speech(start, end, len(spoken) * WINDOW / SAMPLE_RATE)

    def _probabilities(self, samples: Floats) -> Floats:
        padded = np.pad(samples, (CONTEXT, -len(samples) % WINDOW))
        rows = np.lib.stride_tricks.sliding_window_view(padded, CONTEXT + WINDOW)[::WINDOW]
        state = np.zeros((1, 1, STATE), np.float32)
        inputs = {"input": np.ascontiguousarray(rows, np.float32), "h": state, "c": state}
        probabilities: Floats = self._session.run(inputs, ["speech_probs"])[0].reshape(-1)
        return probabilities
