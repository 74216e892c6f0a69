"""A real Chromium with a camera and a microphone made of files, for every test that needs a browser.

Playwright's own browser is used only when nothing else is installed: its download needs a host that many networks
block.
"""

import io
import math
import os
import struct
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from playwright.sync_api import Browser, BrowserContext, Playwright

from devhost.setup.chromium import find_chromium

QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-dev-shm-usage",
    "--mute-audio",
)
# The address bar's popups are pages of their own and take more of the processor than the page under test. The switch
# replaces Playwright's list, so what matters here of that is named again.
WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "Translate",
)
FAKE_MEDIA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def arguments(camera: Path | None = None, microphone: Path | None = None) -> list[str]:
    """Arguments for a browser whose camera shows `camera` (.mjpeg) and whose microphone plays `microphone` (.wav)."""
    chosen = [*QUIET, f"--disable-features={','.join(WITHOUT)}", *FAKE_MEDIA]
    if camera:
        chosen.append(f"--use-file-for-fake-video-capture={camera}")
    if microphone:
        chosen.append(f"--use-file-for-fake-audio-capture={microphone}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        chosen.append("--no-sandbox")
    return chosen


@contextmanager
def launched(
    playwright: Playwright, camera: Path | None = None, microphone: Path | None = None, extra: Sequence[str] = ()
) -> Iterator[Browser]:
    """A headless browser, closed at the end."""
    path = find_chromium()
    browser = playwright.chromium.launch(
        executable_path=str(path) if path else None, args=[*arguments(camera, microphone), *extra], headless=True
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def visitor(
    browser: Browser, width: int = 1280, height: int = 720, language: str = "en-US", calm: bool = False
) -> Iterator[BrowserContext]:
    """A fresh profile (nothing paired, nothing stored) whose camera and microphone are allowed.

    `calm` asks pages not to move: what pulsates is drawn all the time, and what changes colour has none at rest.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=language,
        permissions=["camera", "microphone"],
        reduced_motion="reduce" if calm else None,
    )
    context.set_default_timeout(10_000)
    try:
        yield context
    finally:
        context.close()


def mjpeg(path: Path, pictures: Sequence[Image.Image], repeat: int = 20) -> Path:
    """A motion JPEG that the fake camera loops: each picture `repeat` times."""
    with path.open("wb") as file:
        for picture in pictures:
            jpeg = io.BytesIO()
            picture.convert("RGB").resize((640, 480)).save(jpeg, "JPEG", quality=85, subsampling=2)
            file.write(jpeg.getvalue() * repeat)
    return path


def drawn_face(skin: tuple[int, int, int] = (224, 172, 138)) -> Image.Image:
    """Somebody in front of a wall: enough for the page, which looks for no features."""
    picture = Image.new("RGB", (640, 480), (92, 116, 140))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 330, 640, 480), fill=(70, 88, 106))
    draw.ellipse((150, 390, 490, 640), fill=(38, 58, 84))
    draw.rectangle((282, 340, 358, 420), fill=skin)
    draw.ellipse((222, 70, 418, 380), fill=(52, 38, 30))
    draw.ellipse((236, 100, 404, 372), fill=skin)
    for x in (284, 356):
        draw.ellipse((x - 16, 205, x + 16, 225), fill=(250, 250, 250))
        draw.ellipse((x - 8, 206, x + 8, 224), fill=(48, 34, 26))
    draw.line((320, 215, 312, 268, 326, 270), fill=(160, 112, 88), width=4)
    draw.arc((286, 280, 354, 328), 20, 160, fill=(150, 70, 66), width=5)
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def empty_scene() -> Image.Image:
    """The wall alone."""
    picture = Image.new("RGB", (640, 480), (92, 116, 140))
    ImageDraw.Draw(picture).rectangle((0, 330, 640, 480), fill=(70, 88, 106))
    return picture


def covered_lens() -> Image.Image:
    """A thumb on the lens."""
    return Image.new("RGB", (640, 480), (3, 2, 2))


def spoken(path: Path, speech_seconds: float, silence_seconds: float, rate: int = 16_000) -> Path:
    """A voice-like buzz followed by silence, as 16-bit mono: what the fake microphone loops."""
    samples = []
    for index in range(int((speech_seconds + silence_seconds) * rate)):
        at = index / rate
        voiced = at < speech_seconds and (at % 0.45) < 0.33
        wavelet = sum(math.sin(2 * math.pi * 140 * harmonic * at) / harmonic for harmonic in range(1, 9))
        samples.append(int(9000 * wavelet / 2) if voiced else 0)
    with wave.open(str(path), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(rate)
        clip.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return path
