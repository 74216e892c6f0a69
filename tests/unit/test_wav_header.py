"""WAV headers: every honest make is read, and every way to lie is refused before a sample is decoded."""

import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import MediaRejected
from shared.domain.wav_header import Encoding, WavLimits, read_wav_header
from tests.wav_files import EXTENSIBLE, FLOAT, PCM, chunk, format_chunk, riff, tone, wav

LIMITS = WavLimits(max_bytes=1_000_000, max_seconds=20, max_channels=8, rates=(8_000, 192_000))
GOOD = wav(tone(0.5))


def refused(data: bytes, limits: WavLimits = LIMITS) -> str:
    with pytest.raises(MediaRejected) as failure:
        read_wav_header(data, limits)
    return failure.value.code


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("kind", "bits"), [(PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)])
@pytest.mark.parametrize("rate", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_every_accepted_make_is_read(kind: int, bits: int, rate: int, channels: int, extensible: bool) -> None:
    data = wav(np.zeros((400, channels)), rate, bits, kind, extensible=extensible)
    header = read_wav_header(data, LIMITS)
    assert (header.bits, header.rate, header.channels, header.frames) == (bits, rate, channels, 400)
    assert header.encoding is (Encoding.PCM if kind == PCM else Encoding.FLOAT)
    assert header.seconds == pytest.approx(400 / rate)
    assert header.start + 400 * channels * bits // 8 == len(data)


def test_other_chunks_of_odd_and_even_length_are_passed_over() -> None:
    samples = chunk(b"data", b"\1\0\2\0")
    data = riff(chunk(b"LIST", b"odd"), format_chunk(PCM, 16, 16_000, 1), chunk(b"fact", b"even"), samples)
    header = read_wav_header(data, LIMITS)
    assert header.frames == 2
    assert data[header.start :] == b"\1\0\2\0"


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"\x89PNG\r\n\x1a\n" * 4, b"RIFF\x24\0\0\0AVI fmt ", b"RIFX" + GOOD[4:], b"\0" * 100]
)
def test_what_is_no_wav_is_called_so(data: bytes) -> None:
    assert refused(data) == "clip_not_wav"


@pytest.mark.parametrize("kept", [13, 30, 44, len(GOOD) // 2, len(GOOD) - 2])
def test_a_cut_file_is_truncated_wherever_the_cut_is(kept: int) -> None:
    assert refused(GOOD[:kept]) == "clip_truncated"


def test_a_cut_file_whose_outer_size_was_mended_is_still_truncated() -> None:
    cut = GOOD[: len(GOOD) // 2]
    assert refused(cut[:4] + struct.pack("<I", len(cut) - 8) + cut[8:]) == "clip_truncated"


def test_no_samples_at_all() -> None:
    assert refused(wav(np.zeros(0))) == "clip_empty"
    assert refused(riff(format_chunk(PCM, 16, 16_000, 1))) == "clip_truncated"


@pytest.mark.parametrize("claimed", [0xFFFF_FFFF, 0x7FFF_FFFF, len(GOOD)])
def test_samples_that_are_only_claimed_are_not_believed(claimed: int) -> None:
    data = riff(format_chunk(PCM, 16, 16_000, 1), chunk(b"data", b"\0\0" * 100, claimed))
    assert refused(data) == "clip_truncated"


def test_a_second_file_hidden_behind_the_first_is_refused() -> None:
    assert refused(GOOD + GOOD) == "clip_contradictory"


@pytest.mark.parametrize(
    ("offset", "layout", "value"),
    [(28, "<I", 12_345), (28, "<I", 0), (32, "<H", 4), (32, "<H", 0)],
    ids=["byte rate wrong", "byte rate 0", "block too wide", "block 0"],
)
def test_numbers_that_do_not_follow_from_each_other_are_refused(offset: int, layout: str, value: int) -> None:
    data = bytearray(GOOD)
    struct.pack_into(layout, data, offset, value)
    assert refused(bytes(data)) == "clip_contradictory"


def test_two_formats_or_samples_before_their_format_are_refused() -> None:
    form, samples = format_chunk(PCM, 16, 16_000, 1), chunk(b"data", b"\0\0")
    assert refused(riff(form, form, samples)) == "clip_contradictory"
    assert refused(riff(samples, form)) == "clip_contradictory"


def test_samples_that_end_in_the_middle_of_one_are_refused() -> None:
    assert refused(riff(format_chunk(PCM, 16, 16_000, 2), chunk(b"data", b"\0" * 6))) == "clip_contradictory"


@pytest.mark.parametrize(("kind", "bits"), [(PCM, 8), (PCM, 20), (FLOAT, 16), (6, 8), (7, 8), (2, 4), (85, 16)])
def test_other_encodings_are_refused_by_name(kind: int, bits: int) -> None:
    assert refused(riff(format_chunk(kind, bits, 16_000, 1), chunk(b"data", b"\0" * 8))) == "clip_encoding"


def test_an_extensible_format_of_unknown_kind_is_refused() -> None:
    honest = format_chunk(PCM, 16, 16_000, 1, extensible=True)
    for broken in (honest[:-4] + b"\0\0\0\0", chunk(b"fmt ", honest[8:26])):
        assert refused(riff(broken, chunk(b"data", b"\0\0"))) == "clip_encoding"
    assert struct.unpack_from("<H", honest, 8)[0] == EXTENSIBLE


@pytest.mark.parametrize("rate", [0, 1, 7_999, 192_001, 4_000_000_000])
def test_rates_no_device_records_are_refused(rate: int) -> None:
    block = struct.pack("<HHIIHH", PCM, 1, rate, rate * 2 % 2**32, 2, 16)
    assert refused(riff(chunk(b"fmt ", block), chunk(b"data", b"\0\0"))) == "clip_rate"


@pytest.mark.parametrize("channels", [0, 9, 65_535])
def test_too_many_channels_or_none_are_refused(channels: int) -> None:
    block = struct.pack("<HHIIHH", PCM, channels, 16_000, 32_000, 2, 16)
    assert refused(riff(chunk(b"fmt ", block), chunk(b"data", b"\0\0"))) == "clip_channels"


def test_the_longest_clip_passes_and_one_sample_more_does_not() -> None:
    limits = WavLimits(max_bytes=10**7, max_seconds=20, max_channels=8, rates=(8_000, 192_000))
    assert read_wav_header(wav(np.zeros(320_000)), limits).seconds == 20
    assert refused(wav(np.zeros(320_001)), limits) == "clip_too_long"


def test_a_sixty_second_clip_is_too_long_even_when_it_is_small() -> None:
    limits = WavLimits(max_bytes=10**7, max_seconds=20, max_channels=8, rates=(8_000, 192_000))
    assert refused(wav(np.zeros(8_000 * 60), 8_000), limits) == "clip_too_long"


def test_a_big_file_is_refused_without_being_looked_at() -> None:
    assert refused(b"\0" * 1_000_001) == "clip_too_big"


def test_a_file_of_nothing_but_tiny_chunks_ends_soon() -> None:
    assert refused(riff(*[chunk(b"junk", b"")] * 100_000)) == "clip_contradictory"


def test_reading_a_header_takes_no_memory_to_speak_of() -> None:
    data = wav(np.zeros(400_000), 44_100)
    tracemalloc.start()
    try:
        read_wav_header(data, LIMITS)
        assert tracemalloc.get_traced_memory()[1] < 20_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=200))
def test_any_bytes_give_a_header_or_a_refusal(data: bytes) -> None:
    for candidate in (data, b"RIFF" + data[:4] + b"WAVE" + data, riff(chunk(b"fmt ", data), chunk(b"data", data))):
        try:
            header = read_wav_header(candidate, LIMITS)
        except MediaRejected as failure:
            assert failure.code.startswith("clip_")
        else:
            assert header.start + header.frames * header.channels * header.bits // 8 <= len(candidate)


@given(st.integers(0, 43), st.integers(0, 255))
def test_a_header_with_any_one_byte_changed_never_promises_more_than_is_there(at: int, value: int) -> None:
    data = GOOD[:at] + bytes([value]) + GOOD[at + 1 :]
    try:
        header = read_wav_header(data, LIMITS)
    except MediaRejected:
        return
    assert header.start + header.frames * header.channels * header.bits // 8 <= len(data)
    assert header.seconds <= LIMITS.max_seconds
