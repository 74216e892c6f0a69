"""The voice engine's settings: bounded, explained, and the source of the header's limits."""

import pytest
from pydantic import ValidationError

from shared.domain.wav_header import WavLimits
from shared.engines.voice_settings import VoiceSettings


def test_every_number_has_a_sentence_and_bounds() -> None:
    for name, field in VoiceSettings.model_fields.items():
        assert field.description, name
        assert {type(bound).__name__ for bound in field.metadata} >= {"Ge", "Le"}, name


def test_unknown_names_and_values_out_of_bounds_are_refused() -> None:
    for wrong in ({"speakers": 0.5}, {"speaker": 0.1}, {"digits": -40}, {"repeat": 1.0}, {"min_speech_s": 0}):
        with pytest.raises(ValidationError):
            VoiceSettings.model_validate(wrong)


def test_the_header_is_held_to_the_settings() -> None:
    settings = VoiceSettings(max_bytes=200_000, max_seconds=9, max_channels=2, min_rate=16_000, max_rate=48_000)
    assert settings.limits == WavLimits(200_000, 9, 2, (16_000, 48_000))
