"""The phrase check and the repeat check, on the demo's four synthetic voices and on whatever speech there is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bench.rates import bound
from bench.sounds import Condition, Sound, from_wav, loudspeaker, to_wav
from devhost.speech import VOICES, say
from shared.domain.voice import PhraseScore
from shared.engines.voice import EmbeddedVoiceEngine
from shared.engines.voice_settings import VoiceSettings

SENTENCE = "My voice is my passport, verify me"


def phrases(
    engine: EmbeddedVoiceEngine,
    settings: VoiceSettings,
    conditions: Mapping[str, Condition],
    codes: int,
    unrelated: Sequence[Sound],
) -> dict[str, Any]:
    """By condition: the code that was read, another at random, one with a digit changed, and other speech."""
    result: dict[str, Any] = {}
    for name, condition in conditions.items():
        dice = np.random.default_rng(3)
        scores: dict[str, list[PhraseScore | None]] = {"right": [], "wrong": [], "one_digit_off": [], "unrelated": []}
        for number in range(codes * len(VOICES)):
            code, wrong = _code(dice), _code(dice)
            clip = from_wav(say(VOICES[number % len(VOICES)], code, seed=number))
            wav = to_wav(condition(clip, dice))
            for kind, expected in (("right", code), ("wrong", wrong), ("one_digit_off", _off(code, dice))):
                scores[kind].append(engine.analyse(wav, SENTENCE, expected).phrase)
        for sound in unrelated[: codes * len(VOICES)]:
            scores["unrelated"].append(engine.analyse(to_wav(condition(sound, dice)), SENTENCE, _code(dice)).phrase)
        result[name] = {kind: _passed(found, settings) for kind, found in scores.items() if found}
    return result


def repeats(
    engine: EmbeddedVoiceEngine,
    settings: VoiceSettings,
    conditions: Mapping[str, Condition],
    readings: int,
    others: Mapping[str, Sequence[Sound]],
) -> dict[str, Any]:
    """The same audio again under each condition, and spliced; other readings; other words of the same speaker."""
    dice = np.random.default_rng(5)
    again: dict[str, list[float]] = {}
    anew: list[float] = []
    for voice in VOICES:
        clips = [from_wav(say(voice, _code(dice), seed=seed)) for seed in range(readings)]
        prints = [_print(engine, clip) for clip in clips]
        anew += [engine.repeat(a, b) for i, a in enumerate(prints) for b in prints[:i]]
        for clip, before in zip(clips, prints, strict=True):
            ways = {name: condition(clip, dice) for name, condition in conditions.items()}
            ways["loudspeaker"] = loudspeaker(clip, dice)
            ways["sentence spliced"] = np.concatenate(
                [clip[: 16_000 * 4], from_wav(say(voice, _code(dice), sentence=False))]
            )
            for name, changed in ways.items():
                again.setdefault(name, []).append(engine.repeat(before, _print(engine, changed)))
    speech = [[_print(engine, sound) for sound in sounds] for sounds in others.values()]
    free = [engine.repeat(a, b) for prints in speech for i, a in enumerate(prints) for b in prints[:i]]
    groups = {"again": {name: _caught(found, settings.repeat) for name, found in again.items()}}
    groups["not_again"] = {"reading the phrase anew": _caught(anew, settings.repeat)}
    if free:
        groups["not_again"]["other words of the same speaker"] = _caught(free, settings.repeat)
    return groups


def _print(engine: EmbeddedVoiceEngine, sound: Sound) -> bytes:
    return engine.analyse(to_wav(sound)).fingerprint or bytes([1])


def _caught(found: Sequence[float], threshold: float) -> dict[str, Any]:
    hits = sum(score >= threshold for score in found)
    spread = {"min": min(found), "median": float(np.median(found)), "max": max(found)}
    rates = {"called_repeat": round(hits / len(found), 4), "bound": bound(hits, len(found)), "pairs": len(found)}
    return rates | {name: round(float(value), 3) for name, value in spread.items()}


def _passed(found: Sequence[PhraseScore | None], settings: VoiceSettings) -> dict[str, Any]:
    """`None`, too little speech, is a phrase not passed."""
    scored = [(s.sentence or -99.0, s.digits or -99.0) for s in found if s]
    hits = sum(sentence >= settings.sentence and digits >= settings.digits for sentence, digits in scored)
    result: dict[str, Any] = {
        "passed": round(hits / len(found), 4),
        "bound": bound(hits, len(found)),
        "clips": len(found),
    }
    if scored:
        for name, values in (("sentence", [s for s, _ in scored]), ("digits", [d for _, d in scored])):
            low, middle, high = np.min(values), np.median(values), np.max(values)
            result[name] = {
                "min": round(float(low), 2),
                "median": round(float(middle), 2),
                "max": round(float(high), 2),
            }
    return result


def _code(dice: np.random.Generator) -> str:
    return f"{dice.integers(1_000_000):06d}"


def _off(code: str, dice: np.random.Generator) -> str:
    """One digit changed."""
    place = int(dice.integers(len(code)))
    return code[:place] + str((int(code[place]) + int(dice.integers(1, 10))) % 10) + code[place + 1 :]
