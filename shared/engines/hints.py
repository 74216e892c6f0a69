"""The one thing the customer should do, from what was measured; None when the face can be identified."""

from dataclasses import dataclass

from shared.domain.face import Box, Guidance
from shared.engines.face_settings import FaceSettings
from shared.engines.quality import Measures


@dataclass(frozen=True, slots=True)
class Frame:
    """The whole upright picture: size in pixels, luminance (0-255) and its standard deviation."""

    width: int
    height: int
    luminance: float
    spread: float


def without_face(frame: Frame, settings: FaceSettings) -> Guidance:
    """For a picture in which nobody is seen."""
    if frame.luminance < settings.covered_luminance:
        return Guidance.CAMERA_COVERED if frame.spread < settings.covered_spread else Guidance.MORE_LIGHT
    return Guidance.LOOK_AT_CAMERA


def for_faint_face(frame: Frame, box: Box, seen: Measures, settings: FaceSettings) -> Guidance:
    """For something that is a face only perhaps: what may have spoiled it."""
    return for_place(frame, box, seen, settings) or for_view(seen, settings) or Guidance.LOOK_AT_CAMERA


def for_place(frame: Frame, box: Box, seen: Measures, settings: FaceSettings) -> Guidance | None:
    """Too far, too near, or at the edge."""
    if seen.eye_distance < settings.min_eye_distance:
        return Guidance.COME_CLOSER
    if box.width > settings.max_face_width * frame.width:
        return Guidance.MOVE_BACK
    if _margin(frame, box) < settings.min_margin:
        return Guidance.CENTRE_FACE
    aside = abs(box.x + box.width / 2 - frame.width / 2) / frame.width
    above = abs(box.y + box.height / 2 - frame.height / 2) / frame.height
    if aside > settings.max_off_centre or above > settings.max_off_centre_vertical:
        return Guidance.CENTRE_FACE
    return None


def _margin(frame: Frame, box: Box) -> float:
    """The least space between face and edge, as a share of its width or height; the box of a cut face ends there."""
    across = min(box.x, frame.width - box.x - box.width) / box.width
    down = min(box.y, frame.height - box.y - box.height) / box.height
    return min(across, down)


def for_view(seen: Measures, settings: FaceSettings) -> Guidance | None:
    """Light first: in the dark nothing else can be judged. Blur last: a covered or turned face is not sharp either."""
    if seen.highlight < settings.min_highlight:
        return Guidance.MORE_LIGHT
    if seen.bright_share > settings.max_bright_share:
        return Guidance.LESS_LIGHT
    turned = (
        abs(seen.pose.yaw) > settings.max_yaw
        or abs(seen.pose.pitch) > settings.max_pitch
        or abs(seen.pose.roll) > settings.max_roll
    )
    if turned:
        return Guidance.FACE_CAMERA
    if seen.eye_light < settings.sunglasses_ratio:
        return Guidance.TAKE_OFF_SUNGLASSES
    if seen.cover > settings.cover_distance:
        return Guidance.UNCOVER_FACE
    if seen.sharpness < settings.min_sharpness:
        return Guidance.HOLD_STILL
    return None
