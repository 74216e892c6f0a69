"""One Playwright for all browser tests, and the media that stand in for a customer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright, sync_playwright

from tests.browser.chromium import covered_lens, drawn_face, empty_scene, mjpeg, spoken


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a real Chromium."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver, once a session."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files for the fake camera and microphone: face, empty, covered, arriving (.mjpeg); voice, speech, silence (.wav).

    After a `voice` there is silence, `speech` never ends: what it is recorded by ends when the test says so.
    """
    folder = tmp_path_factory.mktemp("media")
    return {
        "face": mjpeg(folder / "face.mjpeg", [drawn_face()]),
        "empty": mjpeg(folder / "empty.mjpeg", [empty_scene()]),
        "covered": mjpeg(folder / "covered.mjpeg", [covered_lens()]),
        "arriving": mjpeg(folder / "arriving.mjpeg", [empty_scene(), drawn_face()], repeat=150),
        "voice": spoken(folder / "voice.wav", speech_seconds=2.5, silence_seconds=3),
        "speech": spoken(folder / "speech.wav", speech_seconds=4.5, silence_seconds=0),
        "silence": spoken(folder / "silence.wav", speech_seconds=0, silence_seconds=3),
    }
