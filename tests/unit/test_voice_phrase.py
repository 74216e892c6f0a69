"""What the phrase score is made of: tokens, spellings, and which probabilities are added up."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from shared.engines.moonshine import END, Floats, Moonshine, Vocabulary
from shared.engines.phrase import PhraseScorer
from shared.engines.sessions import ModelSession

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "oh", "Zero", "Four", "my"]
PIECES = [
    *(b"<s>", b"</s>", b"<pad>"),
    *(f"<0x{byte:02X}>".encode() for byte in range(256)),
    *(piece for digit in "0123456789" for piece in (digit.encode(), f"\u2581{digit}".encode())),
    *(b"a", b",", b".", b"\xe2\x96\x81"),
    *(f"\u2581{word}".encode() for word in WORDS),
    b"a",
]
VOCABULARY = Vocabulary(b"".join(bytes([len(piece)]) + piece for piece in PIECES))
SOUND = np.zeros(16_000, np.float32)


class Told(Moonshine):
    """A recogniser that finds every token as likely as `log_probability` says, and remembers what it was asked."""

    def __init__(self, log_probability: dict[str, float]) -> None:
        nowhere = ModelSession(Path("nowhere"), "voice engine")
        super().__init__(nowhere, nowhere, Path("nowhere"))
        self.log_probability = log_probability
        self.opening: list[str] = []
        self.endings: list[list[str]] = []

    @property
    def vocabulary(self) -> Vocabulary:
        return VOCABULARY

    def listen(self, samples: Floats) -> Floats:
        return np.zeros((1, 1, 1), np.float32)

    def score(
        self, states: Floats, opening: Sequence[int], endings: Sequence[Sequence[int]]
    ) -> tuple[Floats, list[Floats]]:
        self.opening = [text(i) for i in opening]
        self.endings = [[text(i) for i in ending] for ending in endings]
        return self._logs(self.opening), [self._logs(ending) for ending in self.endings]

    def _logs(self, tokens: list[str]) -> Floats:
        return np.array([self.log_probability.get(token, -1.0) for token in tokens], np.float32)


def text(token: int) -> str:
    return "END" if token == END else PIECES[token].decode().replace("\u2581", "_")


def test_words_are_tokens_and_of_duplicates_the_last_counts() -> None:
    assert [text(i) for i in VOCABULARY.encode("four, my")] == ["_four", ",", "_my"]
    assert VOCABULARY.encode("a")[-1] == len(PIECES) - 1


def test_a_byte_without_a_token_falls_back_to_its_number() -> None:
    assert [text(i) for i in VOCABULARY.encode("é")] == ["_", "<0xC3>", "<0xA9>"]


def test_long_tokens_have_two_bytes_of_length() -> None:
    before, long, after = b"a", b"b" * 300, b"c"
    lengths = (bytes([1]), bytes([128 + 300 % 128, 300 // 128]), bytes([1]))
    vocabulary = Vocabulary(b"".join(size + piece for size, piece in zip(lengths, (before, long, after), strict=True)))
    assert (vocabulary.piece("b" * 300), vocabulary.piece("c")) == ([1], [2])


def test_the_digits_score_is_their_own_tokens_and_the_end() -> None:
    told = Told(
        {",": -0.25, ".": -0.5, "END": -0.125, "_four": -1.0, "_two": -2.0, "_my": -7.0, "_4": -50.0, "_2": -50.0}
    )
    score = PhraseScorer(told).score(SOUND, "my my!", "42")
    assert score.sentence == -7.0
    assert score.digits == -1.0 - 0.25 - 2.0 - 0.5 - 0.125  # the comma after the sentence is not among them


def test_the_best_spelling_counts() -> None:
    told = Told({"_four": -9.0, "_Four": -9.0, "2": -9.0, "_4": -0.5, "_2": -0.5})
    assert PhraseScorer(told).score(SOUND, "my", "42").digits == -0.5 - 1.0 - 0.5 - 1.0 - 1.0  # "4, 2."


def test_a_zero_may_be_read_as_oh() -> None:
    told = Told({})
    PhraseScorer(told).score(SOUND, "my", "40")
    assert [",", "_four", ",", "_oh", ".", "END"] in told.endings
    PhraseScorer(told).score(SOUND, "my", "42")
    assert not any("_oh" in ending for ending in told.endings)


def test_the_sentence_alone_and_the_digits_alone() -> None:
    told = Told({"_my": -0.5})
    alone = PhraseScorer(told).score(SOUND, "my.", "")
    assert (alone.sentence, alone.digits, told.endings) == (-0.5, None, [])
    digits = PhraseScorer(told).score(SOUND, "", "4")
    assert (digits.sentence, told.opening) == (None, [])
    assert digits.digits == pytest.approx(-3.0)
    assert ["_four", ".", "END"] in told.endings
