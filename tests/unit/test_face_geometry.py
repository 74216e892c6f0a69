"""Where a face stands and which way it looks, from its five points."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shared.domain.face import Box
from shared.engines.alignment import SIZE, TEMPLATE, align, similarity_transform
from shared.engines.antispoof import crop
from shared.engines.detector import overlap
from shared.engines.quality import pose

angles = st.floats(-60, 60)


def turned_head(yaw: float, pitch: float, roll: float) -> NDArray[np.float32]:
    """Five points of an ordinary head (eye distance 63 mm, nose tip 31 mm before the eyes), seen from afar."""
    points = np.array([[-31.5, 0, 0], [31.5, 0, 0], [0, 41, 31], [-25, 72, 0], [25, 72, 0]], float)
    y, p, r = (math.radians(angle) for angle in (yaw, pitch, roll))
    about_y = np.array([[math.cos(y), 0, math.sin(y)], [0, 1, 0], [-math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), -math.sin(p)], [0, math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    seen: NDArray[np.float32] = (about_z @ about_x @ about_y @ points.T).T[:, :2].astype(np.float32) + np.float32(300)
    return seen


@given(angle=st.floats(-40, 40))
def test_the_nose_to_the_images_right_is_positive_yaw(angle: float) -> None:
    assert pose(turned_head(angle, 0, 0)).yaw == pytest.approx(angle, abs=6)


@given(angle=st.floats(-25, 25))
def test_looking_up_is_positive_pitch(angle: float) -> None:
    assert pose(turned_head(0, angle, 0)).pitch == pytest.approx(angle, abs=8)


@given(angle=angles, yaw=st.floats(-20, 20))
def test_a_tilted_head_is_roll_and_nothing_else(angle: float, yaw: float) -> None:
    seen = pose(turned_head(yaw, 0, angle))
    assert seen.roll == pytest.approx(angle, abs=1)
    assert seen.yaw == pytest.approx(pose(turned_head(yaw, 0, 0)).yaw, abs=0.1)


@given(scale=st.floats(0.2, 20), x=st.floats(-100, 2000), y=st.floats(-100, 2000))
def test_pose_does_not_depend_on_size_or_place(scale: float, x: float, y: float) -> None:
    here, there = pose(turned_head(15, 5, 10)), pose((turned_head(15, 5, 10) * scale + (x, y)).astype(np.float32))
    assert (here.yaw, here.pitch, here.roll) == pytest.approx((there.yaw, there.pitch, there.roll), abs=0.3)


def test_points_that_fall_together_still_give_numbers() -> None:
    seen = pose(np.zeros((5, 2), np.float32))
    assert all(map(math.isfinite, (seen.yaw, seen.pitch, seen.roll)))
    assert np.isfinite(similarity_transform(np.zeros((5, 2)))).all()


@given(scale=st.floats(0.1, 10), angle=st.floats(-180, 180), x=st.floats(-500, 500), y=st.floats(-500, 500))
def test_alignment_undoes_any_scaling_turning_and_moving(scale: float, angle: float, x: float, y: float) -> None:
    turn = math.radians(angle)
    rotation = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    moved = TEMPLATE @ rotation.T + (x, y)
    matrix = similarity_transform(moved)
    np.testing.assert_allclose(moved @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-3)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    matrix = similarity_transform(TEMPLATE * (-1, 1))
    assert np.linalg.det(matrix[:, :2]) > 0


@pytest.mark.parametrize("scale", [1.0, 1.9, 2.0, 5.0, 9.0])
def test_a_face_of_any_size_comes_out_in_the_same_place(scale: float) -> None:
    side = int(SIZE * scale)
    picture = np.zeros((side, side, 3), np.uint8)
    x, y = np.rint(TEMPLATE[2] * scale).astype(int)
    radius = int(6 * scale)
    picture[y - radius : y + radius, x - radius : x + radius] = 255
    ys, xs = np.nonzero(align(picture, TEMPLATE * scale)[:, :, 0] > 127)
    assert (xs.mean(), ys.mean()) == pytest.approx(tuple(TEMPLATE[2]), abs=1.0)


sides = st.floats(10, 300)
places = st.floats(-50, 600)


@given(x=places, y=places, width=sides, height=sides, scale=st.floats(1, 6))
def test_a_presentation_crop_never_leaves_the_picture(
    x: float, y: float, width: float, height: float, scale: float
) -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    part = crop(picture, Box(x, y, width, height, 0.9), scale)
    assert 0 < part.shape[0] <= 480
    assert 0 < part.shape[1] <= 640


def test_overlap_is_one_for_the_same_box_and_none_for_boxes_apart() -> None:
    box = Box(10, 10, 50, 60, 0.9)
    assert overlap(box, box) == pytest.approx(1)
    assert overlap(box, Box(60, 10, 50, 60, 0.9)) == 0
    assert overlap(box, Box(35, 10, 50, 60, 0.9)) == pytest.approx(1 / 3)
