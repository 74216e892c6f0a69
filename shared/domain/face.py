"""What is seen in one frame, as the engine reports it: facts only."""

from dataclasses import dataclass
from enum import StrEnum

type Embedding = bytes
"""A unit-length vector as little-endian float32 bytes; only meaningful together with its model's name."""


class Guidance(StrEnum):
    """The one thing a customer should do next, worded by the page."""

    LOOK_AT_CAMERA = "look_at_camera"  # no face found
    COME_CLOSER = "come_closer"
    MOVE_BACK = "move_back"
    CENTRE_FACE = "centre_face"
    ONE_PERSON = "one_person"  # a second near face
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
    HOLD_STILL = "hold_still"  # blur
    FACE_CAMERA = "face_camera"  # turned or tilted away
    UNCOVER_FACE = "uncover_face"  # mask, hand, scarf
    TAKE_OFF_SUNGLASSES = "take_off_sunglasses"
    CAMERA_COVERED = "camera_covered"


@dataclass(frozen=True, slots=True)
class Box:
    """Pixels in the upright image; `score` is the detector's confidence in [0, 1]."""

    x: float
    y: float
    width: float
    height: float
    score: float


@dataclass(frozen=True, slots=True)
class Pose:
    """Head pose from the five landmarks: degrees, approximate. Positive yaw: nose towards the image's right edge.

    Positive pitch: looking up. Positive roll: head tilted clockwise in the image. `breadth`: between the eyes, by the
    distance from eyes to mouth; some 1.0 to 1.25 looking straight, less when turned aside, more when up or down.
    """

    yaw: float
    pitch: float
    roll: float
    breadth: float | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """Numbers behind `hint`, kept with the recording's index entry. Units: see `shared/engines/quality.py`."""

    sharpness: float
    luminance: float
    eye_distance: float
    embedding_norm: float


@dataclass(frozen=True, slots=True)
class FaceAnalysis:
    """One image, analysed. `faces` are near-to-far (largest first); the rest is about `faces[0]`.

    `hint` is None when the frame is good enough to identify. `live` is the passive presentation check:
    True passed, False failed, None not assessed. `embedding` is None when there is no usable face.
    """

    width: int
    height: int
    faces: tuple[Box, ...]
    hint: Guidance | None
    quality: Quality | None
    pose: Pose | None
    live: bool | None
    live_score: float | None
    embedding: Embedding | None
    model: str

    @property
    def near_faces(self) -> int:
        """Faces at least half as wide as the first: a child or helper behind does not count (DESIGN.md)."""
        if not self.faces:
            return 0
        return sum(1 for f in self.faces if f.width >= 0.5 * self.faces[0].width)
