"""The peer: Resemblyzer's encoder (GE2E, Wan et al. 2018), from its own weights on ONNX Runtime.

The package itself wants torch, librosa and a compiler for webrtcvad; its network is three LSTM layers and its input a
plain mel spectrogram, so the weights are enough. It gets the same speech, with the same ends cut, as the product.
"""

import importlib.util
import os
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # as in shared/engines/__init__.py, which may be imported later

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from devhost.models.checkpoint import read_checkpoint
from devhost.models.graph import Graph

NAME = "Resemblyzer encoder"
HOW_TO_GET = "python -m pip install --no-deps Resemblyzer==0.1.4"

type Floats = NDArray[np.float64]

RATE, WINDOW, HOP, MELS = 16_000, 400, 160, 40
PART, STEP = 160, 77  # frames of a part; parts begin 1.3 times a second (resemblyzer/voice_encoder.py)
COVERAGE = 0.75
LOUDNESS = 10 ** (-30 / 20)
LAYERS, SIZE = 3, 256


class ResemblyzerPeer:
    """Raises ImportError when it is not installed."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("resemblyzer")  # found, not imported: that would want torch
        if found is None or not found.submodule_search_locations:
            raise ImportError("resemblyzer")
        checkpoint = (Path(found.submodule_search_locations[0]) / "pretrained.pt").read_bytes()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(_network(checkpoint), options, ["CPUExecutionProvider"])
        self._filters = _slaney_filters()

    def embed(self, samples: Floats) -> Floats:
        """Speech at 16 kHz to 256 numbers of unit length."""
        level = float(np.sqrt((samples**2).mean()))
        samples = samples * max(1.0, LOUDNESS / max(level, 1e-9))
        starts = _starts(len(samples))
        samples = np.pad(samples, (0, max(0, (starts[-1] + PART) * HOP - len(samples))))
        mel = self._mel(samples)
        parts = np.stack([mel[at : at + PART] for at in starts], 1).astype(np.float32)
        raw = self._session.run(None, {"mel": parts})[0].astype(np.float64)
        mean = (raw / np.linalg.norm(raw, axis=1, keepdims=True)).mean(0)
        unit: Floats = mean / np.linalg.norm(mean)
        return unit

    def _mel(self, samples: Floats) -> Floats:
        """Power, not its logarithm; frames are centred (librosa.feature.melspectrogram)."""
        padded = np.pad(samples, WINDOW // 2)
        frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP] * np.hanning(WINDOW + 1)[:WINDOW]
        return np.abs(np.fft.rfft(frames)) ** 2 @ self._filters


def _network(checkpoint: bytes) -> bytes:
    """(frames, parts, 40) through the layers, the last frame's state through a linear map and ReLU."""
    weights = {name.removeprefix("model_state."): value for name, value in read_checkpoint(checkpoint).items()}
    graph = Graph()
    x = "mel"
    for layer in range(LAYERS):
        enter, recurrent, *biases = (
            _gates(weights[f"lstm.{name}_l{layer}"]) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        constants = [graph.constant(value[np.newaxis]) for value in (enter, recurrent, np.concatenate(biases))]
        x = graph.node("Squeeze", graph.node("LSTM", x, *constants, hidden_size=SIZE), graph.integers(1))
    last = graph.node("Squeeze", graph.node("Gather", x, graph.integers(-1)), graph.integers(0))
    last = graph.node("MatMul", last, graph.constant(weights["linear.weight"].T))
    graph.node("Relu", graph.node("Add", last, graph.constant(weights["linear.bias"])), output="embedding")
    return graph.finish("ge2e", {"mel": (PART, "parts", MELS)}, {"embedding": ("parts", SIZE)}, opset=18)


def _gates(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """torch orders a layer's gates in, forget, cell, out; ONNX wants in, out, forget, cell."""
    enter, forget, cell, out = np.split(rows, 4)
    return np.concatenate([enter, out, forget, cell])


def _starts(samples: int) -> list[int]:
    """The first frame of each part; a last one less than three quarters full is left out."""
    frames = -(-(samples + 1) // HOP)
    starts = list(range(0, max(1, frames - PART + STEP + 1), STEP))
    if len(starts) > 1 and (samples - starts[-1] * HOP) / (PART * HOP) < COVERAGE:
        starts.pop()
    return starts


def _slaney_filters() -> Floats:
    """(201, 40): Slaney's mel scale (linear to 1 kHz, then logarithmic), each triangle of equal area."""
    top = 15 + 27 * np.log(8_000 / 1_000) / np.log(6.4)
    mels = np.linspace(0, top, MELS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1_000 * np.exp((mels - 15) * np.log(6.4) / 27))
    hertz = np.arange(WINDOW // 2 + 1)[:, np.newaxis] * RATE / WINDOW
    rising = (hertz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hertz) / (edges[2:] - edges[1:-1])
    area: Floats = np.maximum(0, np.minimum(rising, falling)) * 2 / (edges[2:] - edges[:-2])
    return area
