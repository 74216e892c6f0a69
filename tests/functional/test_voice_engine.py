"""The voice engine on the real models: who speaks, what is said, what was heard before, and what it refuses."""

import io
import shutil
import struct
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from devhost.speech import VOICES, say, small_talk
from shared.domain.errors import MediaRejected, Unavailable
from shared.domain.voice import VoiceAnalysis
from shared.engines.voice import EmbeddedVoiceEngine
from shared.engines.voice_settings import VoiceSettings
from tests.functional.engine_files import models_folder
from tests.wav_files import FLOAT, PCM, chunk, format_chunk, riff, tone, wav

SENTENCE = "My voice is my passport, verify me"
SETTINGS = VoiceSettings()
type Samples = NDArray[np.float64]


@pytest.fixture(scope="module")
def engine() -> EmbeddedVoiceEngine:
    return EmbeddedVoiceEngine(models_folder(), SETTINGS)


@pytest.fixture(scope="module")
def profiles(engine: EmbeddedVoiceEngine) -> dict[str, bytes]:
    """Three clips enrolled of each voice."""

    def embedding(voice: str, seed: int) -> bytes:
        found = engine.analyse(say(voice, f"{seed}48270", seed=seed)).embedding
        assert found
        return found

    return {voice: engine.profile([embedding(voice, seed) for seed in (1, 2, 3)]) for voice in VOICES}


def samples(data: bytes) -> Samples:
    with wave.open(io.BytesIO(data)) as clip:
        return np.frombuffer(clip.readframes(clip.getnframes()), "<i2") / 32768


def noisy(data: bytes, decibels: float) -> bytes:
    clip = samples(data)
    noise = np.random.default_rng(1).standard_normal(len(clip))
    return wav(clip + noise * np.sqrt((clip**2).mean()) * 10 ** (-decibels / 20))


def telephone(data: bytes) -> bytes:
    """8 kHz, µ-law: the quantisation of a telephone line."""
    clip = np.clip(soxr.resample(samples(data), 16_000, 8_000), -1, 1)
    steps = np.round(np.sign(clip) * np.log1p(255 * np.abs(clip)) / np.log(256) * 127) / 127
    return wav(np.sign(steps) * np.expm1(np.abs(steps) * np.log(256)) / 255, 8_000)


def passes(found: VoiceAnalysis) -> bool:
    """The phrase check as the services make it."""
    assert found.phrase
    assert found.phrase.sentence is not None
    assert found.phrase.digits is not None
    return found.phrase.sentence >= SETTINGS.sentence and found.phrase.digits >= SETTINGS.digits


# --- who speaks ---


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("change", [None, telephone, lambda clip: noisy(clip, 20)], ids=["clean", "telephone", "noise"])
def test_a_speaker_is_known_again(
    engine: EmbeddedVoiceEngine, profiles: dict[str, bytes], voice: str, change: object
) -> None:
    clip = say(voice, "905136", seed=8)
    found = engine.analyse(change(clip) if callable(change) else clip)
    assert found.embedding
    likeness = {other: engine.similarity(profile, found.embedding) for other, profile in profiles.items()}
    assert likeness[voice] >= SETTINGS.speaker
    assert max(score for other, score in likeness.items() if other != voice) < likeness[voice] - 0.1


@pytest.mark.parametrize("voice", VOICES)
def test_another_speaker_reading_the_same_words_is_not_taken_for_them(
    engine: EmbeddedVoiceEngine, profiles: dict[str, bytes], voice: str
) -> None:
    found = engine.analyse(say(voice, "148270", seed=5))
    assert found.embedding
    for other, profile in profiles.items():
        assert (engine.similarity(profile, found.embedding) >= SETTINGS.speaker) == (other == voice), other


def test_an_embedding_is_a_unit_vector_of_the_named_model(engine: EmbeddedVoiceEngine) -> None:
    found = engine.analyse(say("slt", "1"))
    assert found.embedding
    assert found.model == engine.model == "campplus-cn-en-1"
    vector = np.frombuffer(found.embedding, "<f4")
    assert vector.shape == (192,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


# --- what is said ---


@pytest.mark.parametrize("voice", VOICES)
def test_the_right_phrase_passes_and_another_code_does_not(engine: EmbeddedVoiceEngine, voice: str) -> None:
    clip = say(voice, "382916", seed=4)
    assert passes(engine.analyse(clip, SENTENCE, "382916"))
    assert passes(engine.analyse(telephone(clip), SENTENCE, "382916"))
    assert passes(engine.analyse(noisy(clip, 20), SENTENCE, "382916"))
    for wrong in ("057483", "619283", "000000"):
        assert not passes(engine.analyse(clip, SENTENCE, wrong))


@pytest.mark.parametrize("voice", VOICES)
def test_something_else_said_does_not_pass(engine: EmbeddedVoiceEngine, voice: str) -> None:
    found = engine.analyse(small_talk(voice), SENTENCE, "382916")
    assert found.phrase
    assert found.phrase.sentence is not None
    assert found.phrase.sentence < SETTINGS.sentence - 1
    assert not passes(found)


def test_the_digits_without_their_sentence_do_not_pass_as_both(engine: EmbeddedVoiceEngine) -> None:
    assert not passes(engine.analyse(say("rms", "382916", sentence=False, seed=2), SENTENCE, "382916"))


def test_the_sentence_without_its_digits_does_not_pass_as_both(engine: EmbeddedVoiceEngine) -> None:
    assert not passes(engine.analyse(say("rms", seed=2), SENTENCE, "382916"))


def test_the_sentence_alone_can_be_checked(engine: EmbeddedVoiceEngine) -> None:
    right, wrong = (engine.analyse(clip, SENTENCE).phrase for clip in (say("awb", seed=3), small_talk("awb")))
    assert right
    assert wrong
    assert right.digits is wrong.digits is None
    assert right.sentence is not None
    assert wrong.sentence is not None
    assert right.sentence >= SETTINGS.sentence > wrong.sentence


def test_the_digits_alone_can_be_checked(engine: EmbeddedVoiceEngine) -> None:
    clip = say("slt", "709251", sentence=False, seed=6)
    right, wrong = (engine.analyse(clip, "", digits).phrase for digits in ("709251", "134680"))
    assert right
    assert wrong
    assert right.sentence is wrong.sentence is None
    assert right.digits is not None
    assert wrong.digits is not None
    assert right.digits >= SETTINGS.digits > wrong.digits


def test_a_slow_reading_of_more_than_ten_seconds_is_heard_to_its_end(engine: EmbeddedVoiceEngine) -> None:
    """The recogniser's decoder once failed from 385 frames on."""
    parts = [say("kal16", seed=1), *(say("kal16", digit, sentence=False, seed=1) for digit in "382916")]
    clip = np.concatenate([samples(part) for part in parts])
    found = engine.analyse(wav(clip), SENTENCE, "382916")
    assert found.duration_s > 10
    assert passes(found)


def test_no_text_expected_no_score(engine: EmbeddedVoiceEngine) -> None:
    assert engine.analyse(say("slt", "1")).phrase is None


def test_what_is_no_digit_is_the_callers_mistake(engine: EmbeddedVoiceEngine) -> None:
    with pytest.raises(ValueError, match="digits"):
        engine.analyse(say("slt", "1"), SENTENCE, "12a456")


# --- what was heard before ---


@pytest.mark.parametrize("voice", VOICES)
def test_the_same_audio_again_is_a_repeat_however_it_comes(engine: EmbeddedVoiceEngine, voice: str) -> None:
    clip = say(voice, "382916", seed=7)
    before = engine.analyse(clip).fingerprint
    later = samples(clip)[7_000:] * 0.3
    for again in (clip, wav(later), noisy(clip, 15), telephone(clip)):
        assert engine.repeat(before, engine.analyse(again).fingerprint) >= SETTINGS.repeat


def test_an_old_sentence_with_new_digits_is_a_repeat(engine: EmbeddedVoiceEngine) -> None:
    before = samples(say("rms", "382916", seed=7))
    spliced = np.concatenate([before[: 16_000 * 4], samples(say("rms", "407153", sentence=False, seed=8))])
    prints = [engine.analyse(wav(clip)).fingerprint for clip in (before, spliced)]
    assert engine.repeat(*prints) >= SETTINGS.repeat


@pytest.mark.parametrize("voice", VOICES)
def test_reading_the_phrase_again_is_no_repeat(engine: EmbeddedVoiceEngine, voice: str) -> None:
    readings = [(seed, f"{seed * 271_828 % 1_000_000:06d}") for seed in range(1, 6)]
    prints = [engine.analyse(say(voice, digits, seed=seed)).fingerprint for seed, digits in readings]
    for number, later in enumerate(prints):
        assert all(engine.repeat(earlier, later) < SETTINGS.repeat for earlier in prints[:number])


def test_a_fingerprint_fits_a_document(engine: EmbeddedVoiceEngine) -> None:
    assert 1_000 < len(engine.analyse(say("slt", "382916", seed=7)).fingerprint) < 8_000


# --- what is no speech ---


def music() -> Samples:
    """Chords over a bass, with decaying notes and a beat of noise: eight seconds."""
    dice, out = np.random.default_rng(4), np.zeros(16_000 * 8)
    for beat in range(16):
        at = np.arange(8_000) / 16_000
        root = (220, 174.6, 196, 261.6)[beat // 4 % 4]
        for ratio in (0.5, 1, 1.25, 1.5, 2):
            out[beat * 8_000 :][:8_000] += 0.08 * np.sin(2 * np.pi * root * ratio * at) * np.exp(-3 * at)
        out[beat * 8_000 :][:800] += 0.05 * dice.standard_normal(800) * np.exp(-np.arange(800) / 200)
    return out


@pytest.mark.parametrize(
    "clip",
    [
        np.zeros(16_000 * 5),
        np.random.default_rng(2).standard_normal(16_000 * 5) * 0.05,
        tone(5),
        np.sign(tone(5, hertz=120)) * 0.3,
        music(),
        np.full(16_000 * 5, 0.7),
        np.array([0.5]),
    ],
    ids=["silence", "noise", "tone", "buzz", "music", "direct current", "one sample"],
)
def test_what_is_no_speech_has_no_speaker_and_says_nothing(engine: EmbeddedVoiceEngine, clip: Samples) -> None:
    found = engine.analyse(wav(clip), SENTENCE, "382916")
    assert found.speech_s < SETTINGS.min_speech_s
    assert (found.embedding, found.phrase, found.fingerprint) == (None, None, b"")
    assert found.duration_s == pytest.approx(len(clip) / 16_000)


def test_a_word_is_too_little_to_tell_a_speaker(engine: EmbeddedVoiceEngine) -> None:
    found = engine.analyse(say("slt", "7", sentence=False), "", "7")
    assert 0 < found.speech_s < SETTINGS.min_speech_s
    assert (found.embedding, found.phrase) == (None, None)


# --- every make of clip ---


def test_eight_kilohertz_stereo_and_deep_samples_are_the_same_clip(
    engine: EmbeddedVoiceEngine, profiles: dict[str, bytes]
) -> None:
    sound = samples(say("awb", "382916", seed=4))
    stereo = np.stack([sound, sound], axis=1)
    makes = {
        "8 kHz": wav(soxr.resample(sound, 16_000, 8_000), 8_000),
        "48 kHz stereo": wav(soxr.resample(stereo, 16_000, 48_000), 48_000),
        "24 bit": wav(sound, 16_000, 24),
        "float": wav(sound, 16_000, 32, FLOAT, extensible=True),
        "double": wav(stereo, 16_000, 64, FLOAT),
    }
    for name, clip in makes.items():
        found = engine.analyse(clip, SENTENCE, "382916")
        assert found.embedding, name
        assert engine.similarity(profiles["awb"], found.embedding) >= SETTINGS.speaker, name
        assert passes(found), name


def test_clips_that_are_none_are_refused_by_name(engine: EmbeddedVoiceEngine) -> None:
    good = say("slt", "382916")
    lying = bytearray(good)
    struct.pack_into("<I", lying, 40, 0x7FFF_FFFF)
    broken = samples(good)
    broken[9_000] = np.nan
    refused = {
        b"": "clip_not_wav",
        b"GIF89a" * 50: "clip_not_wav",
        np.random.default_rng(3).bytes(5_000): "clip_not_wav",
        good[: len(good) // 2]: "clip_truncated",
        bytes(lying): "clip_truncated",
        riff(format_chunk(PCM, 16, 16_000, 1), chunk(b"data", b"")): "clip_empty",
        wav(np.zeros(8_000 * 60), 8_000): "clip_too_long",
        b"RIFF" + bytes(SETTINGS.max_bytes): "clip_too_big",
        wav(broken, 16_000, 32, FLOAT): "clip_not_finite",
    }
    for data, code in refused.items():
        with pytest.raises(MediaRejected) as failure:
            engine.analyse(data, SENTENCE, "382916")
        assert failure.value.code == code


# --- how it breaks, and how it is shared ---


def lend(file: Path, to: Path) -> None:
    try:
        to.symlink_to(file)
    except OSError:  # Windows without the right to make links
        shutil.copyfile(file, to)


@pytest.mark.parametrize(
    "file", ["silero_vad.onnx", "campplus.onnx", "moonshine_decoder.ort", "moonshine_tokenizer.bin"]
)
@pytest.mark.parametrize("how", ["missing", "damaged"])
def test_a_model_that_is_missing_or_damaged_is_a_check_not_made(tmp_path: Path, file: str, how: str) -> None:
    for model in models_folder().iterdir():
        if model.name != file:
            lend(model, tmp_path / model.name)
        elif how == "damaged":
            (tmp_path / model.name).write_bytes(model.read_bytes()[: model.stat().st_size // 3])
    with pytest.raises(Unavailable):
        EmbeddedVoiceEngine(tmp_path, SETTINGS).analyse(say("slt", "382916"), SENTENCE, "382916")


def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    engine = EmbeddedVoiceEngine(tmp_path, SETTINGS)
    assert engine.model
    with pytest.raises(MediaRejected):
        engine.analyse(b"no clip")
    with pytest.raises(Unavailable):
        engine.warm()


def test_many_threads_get_the_answers_one_would() -> None:
    engine = EmbeddedVoiceEngine(models_folder(), SETTINGS)  # not warmed: they race to load it
    clips = [(say(voice, digits, seed=2), digits) for voice in VOICES for digits in ("382916", "057483")]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda clip: engine.analyse(clip[0], SENTENCE, clip[1]), clips))
    assert together == [engine.analyse(clip, SENTENCE, digits) for clip, digits in clips]
