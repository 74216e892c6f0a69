"""How likely a text is, given a clip: teacher forcing on the Moonshine tiny-en recogniser.

Nothing is transcribed: the expected text's tokens are fed to the decoder and their probabilities read off, which takes
one pass however the text is worded and leaves no transcript to compare. Model: Useful Sensors, MIT, arXiv 2410.15608;
six decoder layers of eight heads × 36, keys and values cached between the passes.
"""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.engines.sessions import Array, ModelSession

type Floats = NDArray[np.float32]

BEGIN, END = 1, 2
"""Token ids of the start and the end of a text."""

_LAYERS, _HEADS, _WIDTH, _TOKENS = 6, 8, 36, 32_768
_CACHE = {
    f"present.{layer}.{side}.{kind}": f"past_key_values.{layer}.{side}.{kind}"
    for layer in range(_LAYERS)
    for side in ("decoder", "encoder")
    for kind in ("key", "value")
}
"""The cached keys and values: name as an output, name as an input."""
_LONGEST_TOKEN = 48  # bytes; the vocabulary's longest is shorter


class Vocabulary:
    """SentencePiece tokens, from `tokenizer.bin`: each a length (seven bits a byte, low ones first) and its bytes."""

    def __init__(self, data: bytes) -> None:
        self._ids: dict[bytes, int] = {}
        at = count = 0
        while at < len(data):
            size, at = data[at], at + 1
            if size >= 128:
                size, at = data[at] * 128 + size - 128, at + 1
            self._ids[data[at : at + size]] = count  # of duplicates the highest id is the one in use
            at, count = at + size, count + 1
        self.size = count

    def encode(self, text: str) -> list[int]:
        """Longest match first; a byte without a token of its own becomes its fallback `<0xNN>`."""
        rest = ("\u2581" + text.replace(" ", "\u2581")).encode()
        ids: list[int] = []
        while rest:
            size = next((n for n in range(min(_LONGEST_TOKEN, len(rest)), 0, -1) if rest[:n] in self._ids), 0)
            ids.append(self._ids[rest[:size]] if size else self._ids[f"<0x{rest[0]:02X}>".encode()])
            rest = rest[max(1, size) :]
        return ids

    def piece(self, text: str) -> list[int]:
        """The one token that continues a word with exactly this text, such as a comma. Raises KeyError."""
        return [self._ids[text.encode()]]


class Moonshine:
    """Thread-safe: no state between calls but the sessions and the vocabulary, read when first needed."""

    def __init__(self, encoder: ModelSession, decoder: ModelSession, tokens: Path) -> None:
        self._encoder, self._decoder, self._tokens = encoder, decoder, tokens

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Raises OSError when the file is missing, ValueError when it is not the model's."""
        vocabulary = Vocabulary(self._tokens.read_bytes())
        if vocabulary.size != _TOKENS:
            raise ValueError(f"{vocabulary.size} tokens, not {_TOKENS}")
        return vocabulary

    def listen(self, samples: Floats) -> Floats:
        """16 kHz mono in [-1, 1] to hidden states (1, frames, 288), about 42 frames a second. Raises Unavailable."""
        clip = samples[np.newaxis].astype(np.float32, copy=False)
        inputs: dict[str, Array] = {"input_values": clip, "attention_mask": np.ones(clip.shape, np.int64)}
        states: Floats = self._encoder.run(inputs, ["last_hidden_state"])[0]
        return states

    def score(
        self, states: Floats, opening: Sequence[int], endings: Sequence[Sequence[int]]
    ) -> tuple[Floats, list[Floats]]:
        """Log-probability of each token of the opening, and of each ending after it, given all before.

        The opening is run once, the endings together on its cached keys and values. Raises Unavailable.
        """
        logits, cache = self._open(states, [BEGIN, *opening])
        heard = _log_probs(logits[:-1], opening)
        if not endings:
            return heard, []
        following = self._continue(states, cache, endings)
        scored = [
            _log_probs(np.vstack([logits[-1:], row[: len(ending) - 1]]), ending)
            for ending, row in zip(endings, following, strict=True)
        ]
        return heard, scored

    def _open(self, states: Floats, ids: list[int]) -> tuple[Floats, dict[str, Floats]]:
        empty = {
            name: np.zeros((1, _HEADS, 0 if ".decoder." in name else 1, _WIDTH), np.float32) for name in _CACHE.values()
        }
        logits, *cache = self._decoder.run(_feed(states, [ids], empty, cached=False), ["logits", *_CACHE])
        return logits[0], dict(zip(_CACHE.values(), cache, strict=True))

    def _continue(self, states: Floats, cache: dict[str, Floats], rows: Sequence[Sequence[int]]) -> Floats:
        """Logits (rows, longest, vocabulary). Rows are padded at their end, which a causal decoder never looks at."""
        longest = max(map(len, rows))
        padded = [[*row, *[END] * (longest - len(row))] for row in rows]
        shared = {name: np.repeat(value, len(rows), 0) for name, value in cache.items()}
        states = np.repeat(states, len(rows), 0)
        logits: Floats = self._decoder.run(_feed(states, padded, shared, cached=True), ["logits"])[0]
        return logits


def _feed(states: Floats, ids: Sequence[Sequence[int]], cache: dict[str, Floats], *, cached: bool) -> dict[str, Array]:
    # The decoder takes every 384th value of the mask, one a frame, since its mask is by samples; nothing is masked
    # here, and one value, spread over all frames, says so at any length. (A value a frame fails from 385 frames on.)
    return {
        "encoder_attention_mask": np.ones((len(states), 1), np.int64),
        "encoder_hidden_states": states,
        "input_ids": np.array(ids, np.int64),
        "use_cache_branch": np.array([cached]),
        **cache,
    }


def _log_probs(logits: Floats, ids: Sequence[int]) -> Floats:
    """Log-softmax of each row of logits, at that row's id."""
    top = logits.max(1, keepdims=True)
    total = np.log(np.exp(logits - top).sum(1))
    chosen: Floats = logits[np.arange(len(ids)), list(ids)] - top[:, 0] - total
    return chosen
