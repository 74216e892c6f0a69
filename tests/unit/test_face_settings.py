"""The face engine's settings: bounded, explained, and no recogniser without a threshold of its own."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.domain.match import Candidate, MatchKind
from shared.engines.face_settings import FaceSettings


def test_every_number_has_a_sentence_and_bounds() -> None:
    for name, field in FaceSettings.model_fields.items():
        assert field.description, name
        if isinstance(field.default, int | float) and not isinstance(field.default, bool):
            assert {type(bound).__name__ for bound in field.metadata} >= {"Ge", "Le"}, name


def test_unknown_names_are_refused() -> None:
    with pytest.raises(ValidationError):
        FaceSettings.model_validate({"detector_scores": 0.9})


def test_a_recogniser_of_the_banks_own_needs_its_own_threshold() -> None:
    with pytest.raises(ValidationError, match="arcface_threshold"):
        FaceSettings(arcface_file=Path("own.onnx"))


def test_a_recogniser_of_the_banks_own_is_judged_on_its_own_scale() -> None:
    own = FaceSettings(arcface_file=Path("own.onnx"), arcface_threshold=0.30, arcface_rate=1e-5)
    rule = own.match_rule()
    assert (own.same, rule.mean) == (0.30, 0.0)
    assert rule.rate(0.30) == pytest.approx(1e-5)
    assert 0 < rule.other < rule.duplicate < rule.base < rule.threshold(10_000) < 0.6
    assert own.decide([Candidate("anna", 0.37)], 3).kind is MatchKind.ACCEPTED
    assert FaceSettings().decide([Candidate("anna", 0.37)], 3).kind is MatchKind.UNKNOWN


def test_sameness_and_otherness_leave_a_gap_to_be_unsure_in() -> None:
    settings = FaceSettings()
    assert settings.other < settings.same
