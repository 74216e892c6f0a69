"""`atm.py bench voices [FOLDER]`: accuracy on labelled clips (WAV, one sub-folder a speaker), phrases, speed, memory.

Three clips of each speaker are enrolled and the rest compared with everybody. Without a folder: the demo's four
synthetic voices, far too few to say anything about accuracy. Phrase and repeat checks always read with those voices.
Beside the product Resemblyzer's encoder, where it is installed. `--memory N` analyses N clips of different lengths.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.phrases import SENTENCE, phrases, repeats
from bench.sounds import RATE, Condition, Sound, babble, from_wav, noise, telephone, to_wav
from bench.speakers import Clip, accuracy
from bench.stopwatch import Stopwatch, resident_mb, table
from bench.voice_peer import HOW_TO_GET, NAME, ResemblyzerPeer
from devhost import models
from devhost.speech import VOICES, say
from shared.engines import repeat
from shared.engines.fbank import log_mel
from shared.engines.moonshine import Moonshine
from shared.engines.phrase import PhraseScorer
from shared.engines.sessions import ModelSessions
from shared.engines.speaker import SpeakerEncoder
from shared.engines.vad import SpeechDetector
from shared.engines.voice import DECODER_FILE, DEPENDENCY, ENCODER_FILE, SPEAKER_FILE, TOKENS_FILE, VAD_FILE
from shared.engines.voice import EmbeddedVoiceEngine as Engine
from shared.engines.voice_settings import VoiceSettings
from shared.engines.wav import decode_wav

STAGE_ROUNDS = 12


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench voices", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="one sub-folder a speaker, WAV")
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    parser.add_argument("--seconds", type=float, default=0, help="cut each clip of FOLDER to so many seconds")
    parser.add_argument("--codes", type=int, default=5, metavar="N", help="codes read by each voice and condition")
    parser.add_argument("--memory", type=int, default=0, metavar="N", help="analyse N clips of different lengths")
    options = parser.parse_args(argv)
    settings = VoiceSettings()
    folder = models.ensure((lambda _line: None) if options.json else print)
    clips = list(labelled(options.folder, settings, options.seconds) if options.folder else readings())
    result = {"product": product(folder, settings, clips, options), "peers": peers(folder, settings, clips)}
    print(json.dumps(result) if options.json else report(result))
    return 0


def labelled(folder: Path, settings: VoiceSettings, seconds: float) -> Iterator[Clip]:
    """Speaker and clip, in the order of names."""
    for path in sorted(folder.glob("*/*.wav")):
        sound = decode_wav(path.read_bytes(), settings.limits).astype(np.float64)
        yield Clip(path.parent.name, sound[: round(seconds * RATE)] if seconds else sound)


def readings() -> Iterator[Clip]:
    for voice in VOICES:
        for seed in range(8):
            yield Clip(voice, from_wav(say(voice, f"{seed * 271_828 % 1_000_000:06d}", seed=seed)))


def conditions(clips: Sequence[Clip]) -> dict[str, Condition]:
    crowd = [clip.sound for clip in clips]
    return {"noise 15 dB": noise(15), "babble 15 dB": babble(crowd, 15), "telephone": telephone}


def product(
    folder: Path, settings: VoiceSettings, clips: Sequence[Clip], options: argparse.Namespace
) -> dict[str, Any]:
    before, begun = resident_mb(), time.perf_counter()
    engine = Engine(folder, settings)
    engine.warm()
    result: dict[str, Any] = {"model": engine.model}
    load = {"load_s": round(time.perf_counter() - begun, 2), "rss_mb": resident_mb(), "rss_before_mb": before}

    def embed(sound: Sound) -> Sound | None:
        found = engine.analyse(to_wav(sound)).embedding
        return None if found is None else np.frombuffer(found, "<f4").astype(np.float64)

    result |= accuracy(embed, clips, conditions(clips), settings.speaker)
    ways = {"clean": lambda sound, _dice: sound} | conditions(clips)
    if options.codes:
        free = [clip.sound for clip in clips] if options.folder else []
        result["phrase"] = phrases(engine, settings, ways, options.codes, free)
        others: defaultdict[str, list[Sound]] = defaultdict(list)
        for clip in clips if options.folder else ():
            others[clip.speaker].append(clip.sound)
        result["repeat"] = repeats(engine, settings, ways, options.codes, others)
    result |= load | {"stages_ms": stages(folder, settings)}
    if options.memory:
        result["memory"] = endurance(engine, settings, options.memory)
    return result


def stages(folder: Path, settings: VoiceSettings) -> dict[str, dict[str, float]]:
    """Medians of each step alone, on readings of the whole phrase."""
    sessions = ModelSessions(folder, settings.threads)
    vad, campplus, encoder, decoder = (
        sessions.get(file, DEPENDENCY) for file in (VAD_FILE, SPEAKER_FILE, ENCODER_FILE, DECODER_FILE)
    )
    detector, speaker = SpeechDetector(vad, settings.speech_probability), SpeakerEncoder(campplus)
    moonshine = Moonshine(encoder, decoder, folder / TOKENS_FILE)
    engine = Engine(folder, settings, sessions)
    engine.warm()
    watch = Stopwatch()
    for number in range(STAGE_ROUNDS):
        digits = f"{number * 77_377 % 1_000_000:06d}"
        wav = say(VOICES[number % len(VOICES)], digits, seed=number)
        samples = watch.time("decode", decode_wav, wav, settings.limits)
        speech = watch.time("speech", detector.find, samples)
        spoken = samples[speech.start : speech.end]
        mel = watch.time("log-mel", log_mel, spoken)
        watch.time("speaker", speaker.embed, mel)
        watch.time("phrase: encoder", moonshine.listen, spoken)
        watch.time("phrase: whole", PhraseScorer(moonshine).score, spoken, SENTENCE, digits)
        print_ = watch.time("fingerprint", repeat.fingerprint, mel)
        watch.time("repeat", repeat.likeness, print_, print_)
        watch.time("analyse, no text", engine.analyse, wav)
        watch.time("analyse with phrase", engine.analyse, wav, SENTENCE, digits)
    return watch.medians_ms()


def endurance(engine: Engine, settings: VoiceSettings, count: int) -> dict[str, Any]:
    """Resident memory along `count` analyses of clips of every length from two seconds to the limit."""
    dice = np.random.default_rng(5)
    speech = np.concatenate([from_wav(say(voice, "0123456789", seed=1)) for voice in VOICES] * 2)
    marks = {round(count * share) for share in (0.02, 0.1, 0.25, 0.5, 0.75, 1.0)}
    kept: dict[str, float] = {}
    for number in range(1, count + 1):
        length = round(float(np.exp(dice.uniform(np.log(2), np.log(settings.max_seconds)))) * RATE)
        start = int(dice.integers(len(speech) - length))
        engine.analyse(to_wav(speech[start : start + length]), SENTENCE, f"{dice.integers(1_000_000):06d}")
        if number in marks:
            kept[str(number)] = resident_mb()
    return {"clips": count, "rss_mb_after": kept}


def peers(folder: Path, settings: VoiceSettings, clips: Sequence[Clip]) -> dict[str, Any]:
    begun, before = time.perf_counter(), resident_mb()
    try:
        peer = ResemblyzerPeer()
    except ImportError:
        return {NAME: {"missing": HOW_TO_GET}}
    load = {"load_s": round(time.perf_counter() - begun, 2), "rss_added_mb": round(resident_mb() - before, 1)}
    detector = SpeechDetector(ModelSessions(folder).get(VAD_FILE, DEPENDENCY), settings.speech_probability)
    watch = Stopwatch()

    def embed(sound: Sound) -> Sound | None:
        speech = detector.find(sound.astype(np.float32))
        if speech.seconds < settings.min_speech_s:
            return None
        return watch.time("speaker", peer.embed, sound[speech.start : speech.end])

    rates = accuracy(
        embed, clips, conditions(clips), 0.75
    )  # no threshold is published; the package's demo shows .75 to 1
    return {NAME: rates | load | {"stages_ms": watch.medians_ms()}}


def report(result: dict[str, Any]) -> str:
    parts = [table(f"product ({result['product'].get('model')})", dict(_rows(result["product"])))]
    parts += [table(name, dict(_rows(values))) for name, values in result["peers"].items()]
    return "\n\n".join(parts)


def _rows(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested results line by line; a rate stands with its bound."""
    for name, value in values.items():
        if name == "thresholds":
            for at in value:
                yield (
                    f"{prefix}at {at['threshold']}",
                    f"FRR {at['frr']} {at['frr_bound']}, FAR {at['far']} {at['far_bound']}",
                )
        elif isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            yield from _rows(value, f"{prefix}{name}: ")
        elif not name.endswith("_bound"):
            yield prefix + name, f"{value}  {values.get(f'{name}_bound', '')}".rstrip()
