"""What films come to, case by case."""

import pytest

from tests.unit.frame_cases import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.story)
def test_in_front_of_the_camera(case: Case) -> None:
    assert case.holds(), case.story
