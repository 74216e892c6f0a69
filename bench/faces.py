"""`atm.py bench faces [FOLDER]`: accuracy on labelled photographs (one sub-folder a person), speed, memory.

Without a folder: the frames of the tests, three persons, which is far too few to say anything about accuracy. Every
image is compared with every other. Beside the product, dlib's face_recognition where it is installed
(requirements-bench.txt). `--memory N` analyses N different images and shows what the process keeps.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.face_peer import HOW_TO_GET, NAME, DlibPeer
from bench.rates import Scores, bound, pairs, rank_one, verification
from bench.stopwatch import Stopwatch, resident_mb, table
from devhost import models, portraits
from shared.domain.errors import MediaRejected
from shared.engines.alignment import align
from shared.engines.antispoof import AntiSpoof
from shared.engines.detector import Detector
from shared.engines.face import ANTISPOOF, YUNET_FILE, EmbeddedFaceEngine
from shared.engines.face_settings import FaceSettings
from shared.engines.image_decoder import decode
from shared.engines.quality import measure
from shared.engines.recogniser import DEPENDENCY, make_recogniser
from shared.engines.sessions import ModelSessions

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
STAGE_ROUNDS = 3
GALLERY_SIZES = (1, 100, 1000, 10_000, 100_000)


@dataclass
class Measured:
    """Vectors of the images in which a face was found, and the others' count."""

    people: list[str] = field(default_factory=list)
    vectors: list[Scores] = field(default_factory=list)
    no_face: int = 0
    not_live: int = 0
    watch: Stopwatch = field(default_factory=Stopwatch)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench faces", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="one sub-folder a person")
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    parser.add_argument("--memory", type=int, default=0, metavar="N", help="analyse N different images")
    options = parser.parse_args(argv)
    say = (lambda _line: None) if options.json else print
    images = list(labelled(options.folder or portraits.ensure(say) / "people"))
    result: dict[str, Any] = {"product": product(models.ensure(say), images, options.memory), "peers": peers(images)}
    print(json.dumps(result) if options.json else report(result))
    return 0


def labelled(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Person and image, in the order of names."""
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() in SUFFIXES:
            yield path.parent.name, path.read_bytes()


def product(folder: Path, images: list[tuple[str, bytes]], memory: int) -> dict[str, Any]:
    settings = FaceSettings()
    before, begun = resident_mb(), time.perf_counter()
    engine = EmbeddedFaceEngine(folder, settings)
    engine.warm()
    load = {"load_s": round(time.perf_counter() - begun, 2), "rss_mb": resident_mb(), "rss_before_mb": before}
    found = Measured()
    for person, image in images:
        try:
            seen = found.watch.time("total", engine.analyse, image)
        except MediaRejected:
            found.no_face += 1
            continue
        if seen.embedding is None:
            found.no_face += 1
            continue
        found.not_live += seen.live is False
        found.people.append(person)
        found.vectors.append(np.frombuffer(seen.embedding, "<f4").astype(np.float64))
    rule = settings.match_rule()
    thresholds = [rule.threshold(size) for size in GALLERY_SIZES]
    vectors = np.array(found.vectors)
    result = {"model": engine.model} | accuracy(vectors @ vectors.T if len(vectors) else vectors, found, thresholds)
    result |= {"not_live": found.not_live, "gallery_sizes": list(GALLERY_SIZES)} | load
    result["stages_ms"] = stages(folder, settings, images) | found.watch.medians_ms()
    if memory:
        result["memory"] = endurance(engine, images, memory)
    return result


def accuracy(similar: Scores, found: Measured, thresholds: Sequence[float]) -> dict[str, Any]:
    """`similar`: every image's score with every other, higher is more alike."""
    facts: dict[str, Any] = {"people": len(set(found.people)), "images": len(found.people), "no_face": found.no_face}
    if len(found.people) < 2:
        return facts
    genuine, impostor = pairs(similar, found.people)
    facts |= verification(genuine, impostor, thresholds)
    hits, tried = rank_one(similar, found.people)
    return facts | {"rank1": round(hits / tried, 6) if tried else None, "rank1_bound": bound(hits, tried)}


def stages(folder: Path, settings: FaceSettings, images: list[tuple[str, bytes]]) -> dict[str, dict[str, float]]:
    """Medians of each step alone, on images with a face."""
    sessions = ModelSessions(folder, settings.threads)
    detector = Detector(
        sessions.get(YUNET_FILE, DEPENDENCY), settings.detector_long_side, settings.faint_score, settings.overlap
    )
    antispoof = AntiSpoof([(sessions.get(file, DEPENDENCY), scale) for file, scale in ANTISPOOF])
    recogniser = make_recogniser(sessions, settings)
    watch = Stopwatch()
    for warming in (True, False):
        chosen = images[:1] if warming else images[:60] * STAGE_ROUNDS
        watch = Stopwatch()
        for _, image in chosen:
            decoded = watch.time("decode", decode, image, settings.max_bytes, settings.max_pixels)
            faces = watch.time("detect", detector.find, decoded.picture, settings.detector_score)
            if not faces:
                continue
            face = faces[0]
            aligned = watch.time("align", align, decoded.picture, face.points)
            watch.time("quality", measure, aligned, face.points, 80.0)
            watch.time("embed", recogniser.embed, aligned)
            watch.time("live", antispoof.live, decoded.picture, face.box)
    return watch.medians_ms()


def endurance(engine: EmbeddedFaceEngine, images: list[tuple[str, bytes]], count: int) -> dict[str, Any]:
    """Resident memory along `count` analyses of images that all differ in size, crop and format."""
    rng = np.random.default_rng(5)
    pictures = [cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR) for _, image in images]
    marks = {round(count * share): share for share in (0.1, 0.25, 0.5, 0.75, 1.0)}
    kept: dict[str, float] = {}
    for number in range(1, count + 1):
        picture = pictures[number % len(pictures)]
        if picture is None:
            continue
        height, width = (int(side * rng.uniform(0.4, 1.6)) for side in picture.shape[:2])
        left, top = (int(rng.uniform(0, 0.2) * side) for side in (width, height))
        resized = cv2.resize(picture, (max(width, 8), max(height, 8)))[top:, left:]
        suffix = (".jpg", ".png", ".webp")[number % 3]
        engine.analyse(cv2.imencode(suffix, resized)[1].tobytes())
        if number in marks:
            kept[str(number)] = resident_mb()
    return {"images": count, "rss_mb_after": kept}


def peers(images: list[tuple[str, bytes]]) -> dict[str, Any]:
    begun, before = time.perf_counter(), resident_mb()
    try:
        peer = DlibPeer()
    except ImportError:
        return {NAME: {"missing": HOW_TO_GET}}
    load = {"load_s": round(time.perf_counter() - begun, 2), "rss_added_mb": round(resident_mb() - before, 1)}
    found = Measured()
    for person, image in images:
        vector = peer.embed(image, found.watch)
        if vector is None:
            found.no_face += 1
            continue
        found.people.append(person)
        found.vectors.append(vector)
    vectors = np.array(found.vectors)
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2) if len(vectors) else vectors
    result = accuracy(-distances, found, [-0.6])  # -0.6: the package's own tolerance
    return {NAME: result | load | {"stages_ms": found.watch.medians_ms()}}


def report(result: dict[str, Any]) -> str:
    parts = [table(f"product ({result['product'].get('model')})", _flat(result["product"]))]
    parts += [table(name, _flat(values)) for name, values in result["peers"].items()]
    return "\n\n".join(parts)


def _flat(values: dict[str, Any]) -> dict[str, Any]:
    """Rates with their bounds on one line."""
    rows: dict[str, Any] = {}
    for name, value in values.items():
        if name.endswith("_bound"):
            rate = name.removesuffix("_bound")
            rows[rate] = f"{values[rate]}  (95 %: {value[0]} to {value[1]})"
        elif name == "thresholds":
            rows |= {f"at {at['threshold']}": _errors(at) for at in value}
        elif name == "stages_ms":
            rows |= {f"{stage} ms": f"{ms['wall']} wall, {ms['cpu']} processor" for stage, ms in value.items()}
        else:
            rows[name] = value
    return rows


def _errors(at: dict[str, Any]) -> str:
    return f"FRR {at['frr']} (≤ {at['frr_bound'][1]}), FAR {at['far']} (≤ {at['far_bound'][1]})"
