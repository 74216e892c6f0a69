"""`atm.py bench scenes`: what the face engine measures and advises as a frame gets worse step by step.

This is what the face engine's thresholds were read off: frames of three public persons (devhost/portraits.py), darker,
blurrer, farther, turned, masked, or held up on a screen. Likeness is the cosine to the same person's good frame.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from devhost import models, portraits
from devhost.scenes import Colour, Picture, Placing, held_up, slightly_different
from shared.domain.face import FaceAnalysis
from shared.engines.face import EmbeddedFaceEngine
from shared.engines.face_settings import FaceSettings

PHOTOS = ("a1", "a2", "b1", "c1")
SWEEPS: dict[str, tuple[float, ...]] = {
    "light": (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.3, 1.6, 2, 2.5),
    "blur": (0, 1, 2, 2.5, 3, 4, 6),
    "eye_distance": (12, 16, 20, 26, 32, 40, 60, 84, 120, 160, 200),
    "turn": (-45, -35, -25, -15, -8, 0, 8, 15, 25, 35, 45),
    "tilt": (-40, -30, -20, 0, 20, 30, 40),
}
MASKS: dict[str, Colour] = {
    "white": (235, 235, 235),
    "blue": (196, 178, 150),
    "black": (30, 30, 30),
    "pink": (180, 170, 230),
    "beige": (150, 170, 200),
}
BORDERS: tuple[Colour, ...] = ((15, 15, 15), (245, 245, 245))


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench scenes", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    options = parser.parse_args(argv)
    say = (lambda _line: None) if options.json else print
    studio = Studio(EmbeddedFaceEngine(models.ensure(say), FaceSettings()), portraits.originals(portraits.ensure(say)))
    rows = list(studio.sweeps()) + list(studio.masks())
    live = {"photographs": studio.genuine(), "held up on screens and paper": studio.held_up()}
    if options.json:
        print(json.dumps({"frames": rows, "live": live}))
        return 0
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    for name, facts in live.items():
        print(f"live, {name}: {facts}")
    return 0


class Studio:
    def __init__(self, engine: EmbeddedFaceEngine, pictures: portraits.Originals) -> None:
        self._engine = engine
        self._pictures = pictures
        self._good = {name: self._see(portraits.shot(pictures, name, Placing())) for name in PHOTOS}

    def sweeps(self) -> Iterator[dict[str, Any]]:
        for what, values in SWEEPS.items():
            for value in values:
                for name in PHOTOS:
                    yield {what: value} | self._row(name, replace(Placing(), **{what: value}))  # type: ignore[arg-type]

    def masks(self) -> Iterator[dict[str, Any]]:
        for label, colour in MASKS.items():
            for name in PHOTOS:
                yield {"mask": label} | self._row(name, Placing(wearing="mask", mask=colour))

    def genuine(self) -> dict[str, Any]:
        """The presentation check on ordinary frames of photographs."""
        rng, scores = np.random.default_rng(3), []
        for name in PHOTOS:
            for placing in slightly_different(Placing(), 25):
                placing = replace(placing, eye_distance=float(rng.uniform(45, 110)), blur=float(rng.uniform(0, 1.5)))
                scores.append(self._see(portraits.shot(self._pictures, name, placing)).live_score)
        return _passed(scores)

    def held_up(self) -> dict[str, Any]:
        """The presentation check on frames in which a picture is held up, from small to filling the frame."""
        rng, scores = np.random.default_rng(3), []
        for name in PHOTOS:
            for eyes in (45, 60, 80, 100):
                for border in BORDERS:
                    for light in (0.8, 1.0, 1.3):
                        width, height = int(eyes * 4.2), min(440, int(eyes * 6.4))
                        shown = portraits.shot(
                            self._pictures, name, Placing(eyes, (width / 2, height * 0.37)), (width, height)
                        )
                        frame = held_up(shown, border, float(rng.uniform(-12, 12)), light)
                        scores.append(self._see(frame).live_score)
        return _passed(scores)

    def _see(self, picture: Picture) -> FaceAnalysis:
        return self._engine.analyse(portraits.jpeg(picture))

    def _row(self, name: str, placing: Placing) -> dict[str, Any]:
        seen, good = self._see(portraits.shot(self._pictures, name, placing)), self._good[name]
        row: dict[str, Any] = {"photo": name, "advice": seen.hint.value if seen.hint else "none"}
        if seen.quality and seen.pose:
            row |= {key: round(getattr(seen.quality, key), 1) for key in ("sharpness", "luminance", "eye_distance")}
            row |= {"norm": round(seen.quality.embedding_norm, 1), "yaw": round(seen.pose.yaw)}
        if seen.embedding and good.embedding:
            row["likeness"] = round(self._engine.similarity(seen.embedding, good.embedding), 2)
        if seen.live_score is not None:
            row["live"] = round(seen.live_score, 2)
        return row


def _passed(scores: Sequence[float | None]) -> dict[str, Any]:
    assessed = np.array([score for score in scores if score is not None])
    passed = {f"passed at {limit}": int((assessed >= limit).sum()) for limit in (0.5, 0.6, 0.7, 0.8, 0.9)}
    return {"frames": len(scores), "assessed": len(assessed)} | passed
