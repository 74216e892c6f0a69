"""The repeat check on its own terms: the same sound is found wherever it lies, another sound is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.engines.repeat import VERSION, WIDTH, fingerprint, likeness

type Mel = NDArray[np.float32]


def murmur(seconds: float, seed: int) -> Mel:
    """Log-mel energies that move about as speech does: smooth over some 60 ms and four bands, 80 bands, 10 ms."""
    noise = np.random.default_rng(seed).standard_normal((round(seconds * 100) + 40, 100))
    smooth = np.apply_along_axis(np.convolve, 0, noise, np.hanning(12), "valid")
    smooth = np.apply_along_axis(np.convolve, 1, smooth, np.hanning(8), "valid")
    return (smooth[: round(seconds * 100), :80] * 1.2).astype(np.float32)


def test_the_same_sound_is_the_same() -> None:
    print_ = fingerprint(murmur(7, 1))
    assert likeness(print_, print_) == pytest.approx(1, abs=1e-3)


def test_another_sound_is_another() -> None:
    prints = [fingerprint(murmur(7, seed)) for seed in range(5)]
    assert max(likeness(a, b) for i, a in enumerate(prints) for b in prints[:i]) < 0.3


@pytest.mark.parametrize("cut_frames", [2, 4, 13, 50, 102, 150])
def test_a_repeat_that_begins_elsewhere_is_found(cut_frames: int) -> None:
    """Half a step off (2 frames of 4) in either direction, too: whichever of the two came first."""
    sound = murmur(8, 2)
    whole, cut = fingerprint(sound), fingerprint(sound[cut_frames:])
    assert likeness(whole, cut) > 0.75
    assert likeness(cut, whole) > 0.75


def test_a_reused_sentence_is_found_although_other_words_follow() -> None:
    before, now = np.concatenate([murmur(3.2, 3), murmur(3, 4)]), np.concatenate([murmur(3.2, 3), murmur(3, 5)])
    assert likeness(fingerprint(before), fingerprint(now)) > 0.55


def test_level_and_room_colour_do_not_hide_a_repeat() -> None:
    sound = murmur(7, 6)
    coloured = (sound - 2.5 + np.linspace(-1, 1, 80)).astype(np.float32)
    assert likeness(fingerprint(sound), fingerprint(coloured)) > 0.95


def test_it_does_not_matter_which_came_first() -> None:
    a, b = fingerprint(murmur(6, 7)), fingerprint(np.concatenate([murmur(1, 8), murmur(6, 7)[100:]]))
    assert likeness(a, b) == pytest.approx(likeness(b, a), abs=0.02)


def test_pauses_are_not_alike() -> None:
    still = np.full((600, 80), -15, np.float32)
    assert likeness(fingerprint(still), fingerprint(still)) == 0
    assert likeness(fingerprint(still), fingerprint(murmur(6, 9))) == 0


def test_a_fingerprint_is_small() -> None:
    assert len(fingerprint(murmur(20, 10))) < 7_100


@pytest.mark.parametrize("frames", [0, 1, 11, 12, 100])
def test_a_short_sound_has_a_fingerprint_that_is_like_nothing(frames: int) -> None:
    short = fingerprint(murmur(5, 11)[:frames])
    assert likeness(short, short) == 0


def test_fingerprints_of_another_version_are_not_compared() -> None:
    print_ = fingerprint(murmur(6, 12))
    assert likeness(print_, bytes([VERSION + 1]) + print_[1:]) == 0


@pytest.mark.parametrize("data", [b"", bytes([VERSION]) + b"\0" * (WIDTH + 1)])
def test_what_is_no_fingerprint_is_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="fingerprint"):
        likeness(data, fingerprint(murmur(6, 13)))


@given(st.binary(min_size=WIDTH * 60, max_size=WIDTH * 60), st.binary(min_size=WIDTH * 51, max_size=WIDTH * 51))
def test_any_two_fingerprints_compare_to_a_number_from_0_to_1(a: bytes, b: bytes) -> None:
    assert 0 <= likeness(bytes([VERSION]) + a, bytes([VERSION]) + b) <= 1.0001
