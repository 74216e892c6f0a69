"""Which one thing the customer is told, from what was measured."""

from dataclasses import replace

import pytest

from shared.domain.face import Box, Guidance, Pose
from shared.engines.face_settings import FaceSettings
from shared.engines.hints import Frame, for_faint_face, for_place, for_view, without_face
from shared.engines.quality import Measures

SETTINGS = FaceSettings()
FRAME = Frame(640, 480, luminance=120, spread=50)
FACE = Box(240, 140, 160, 200, 0.94)
GOOD = Measures(
    pose=Pose(0, 0, 0),
    eye_distance=80,
    luminance=130,
    highlight=190,
    bright_share=0.0,
    sharpness=300,
    eye_light=0.8,
    cover=4,
)


def hint(box: Box = FACE, seen: Measures = GOOD, frame: Frame = FRAME) -> Guidance | None:
    return for_place(frame, box, seen, SETTINGS) or for_view(seen, SETTINGS)


def test_a_good_face_needs_no_advice() -> None:
    assert hint() is None


@pytest.mark.parametrize(
    ("seen", "advice"),
    [
        (replace(GOOD, eye_distance=31.9), Guidance.COME_CLOSER),
        (replace(GOOD, highlight=69), Guidance.MORE_LIGHT),
        (replace(GOOD, bright_share=0.56), Guidance.LESS_LIGHT),
        (replace(GOOD, pose=Pose(26, 0, 0)), Guidance.FACE_CAMERA),
        (replace(GOOD, pose=Pose(-26, 0, 0)), Guidance.FACE_CAMERA),
        (replace(GOOD, pose=Pose(0, -26, 0)), Guidance.FACE_CAMERA),
        (replace(GOOD, pose=Pose(0, 0, 31)), Guidance.FACE_CAMERA),
        (replace(GOOD, eye_light=0.41), Guidance.TAKE_OFF_SUNGLASSES),
        (replace(GOOD, cover=13.1), Guidance.UNCOVER_FACE),
        (replace(GOOD, sharpness=29), Guidance.HOLD_STILL),
    ],
)
def test_each_fault_has_its_advice(seen: Measures, advice: Guidance) -> None:
    assert hint(seen=seen) is advice


@pytest.mark.parametrize(
    ("box", "advice"),
    [
        (Box(185, 80, 270, 330, 0.9), Guidance.MOVE_BACK),
        (Box(20, 140, 160, 200, 0.9), Guidance.CENTRE_FACE),
        (Box(460, 140, 160, 200, 0.9), Guidance.CENTRE_FACE),
        (Box(240, 278, 160, 200, 0.9), Guidance.CENTRE_FACE),
        (Box(240, 0, 160, 200, 0.9), Guidance.CENTRE_FACE),
    ],
)
def test_each_wrong_place_has_its_advice(box: Box, advice: Guidance) -> None:
    assert hint(box=box) is advice


def test_too_far_away_comes_before_everything_that_cannot_be_judged_from_there() -> None:
    seen = replace(GOOD, eye_distance=20, sharpness=1, eye_light=0.1, highlight=10)
    assert hint(box=Box(20, 140, 40, 50, 0.9), seen=seen) is Guidance.COME_CLOSER


def test_in_the_dark_nothing_is_said_of_glasses_and_masks() -> None:
    assert hint(seen=replace(GOOD, highlight=20, eye_light=0.1, cover=50, sharpness=0)) is Guidance.MORE_LIGHT


@pytest.mark.parametrize(
    ("luminance", "spread", "advice"),
    [
        (8, 2, Guidance.CAMERA_COVERED),
        (15, 20, Guidance.MORE_LIGHT),
        (120, 2, Guidance.LOOK_AT_CAMERA),
        (120, 50, Guidance.LOOK_AT_CAMERA),
    ],
)
def test_without_a_face_the_picture_itself_says_why(luminance: float, spread: float, advice: Guidance) -> None:
    assert without_face(Frame(640, 480, luminance, spread), SETTINGS) is advice


def test_a_face_seen_only_faintly_gets_the_advice_that_may_make_it_clear() -> None:
    assert for_faint_face(FRAME, FACE, replace(GOOD, bright_share=0.9), SETTINGS) is Guidance.LESS_LIGHT
    assert for_faint_face(FRAME, FACE, GOOD, SETTINGS) is Guidance.LOOK_AT_CAMERA
