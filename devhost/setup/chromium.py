"""A Chromium for the browser tests: the browser's own download works only where more than registries is reached."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

_SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
HOW_TO_GET = {
    "darwin": "brew install --cask chromium",
    "win32": "winget install Google.Chrome",
    "linux": "apt-get install chromium",
}


def find_chromium(shell: bool = False) -> Path | None:
    """CHROMIUM_PATH if it is set, then a browser on PATH, in its usual place, or in Playwright's cache.

    `shell` prefers Chromium without its own windows, which takes a quarter less of the processor.
    """
    chosen = os.environ.get("CHROMIUM_PATH")
    if chosen:
        return Path(chosen) if Path(chosen).is_file() else None
    return next((path for path in _candidates(_SHELLS if shell else ()) if path.is_file()), None)


def how_to_get_chromium() -> str:
    command = HOW_TO_GET.get(sys.platform, HOW_TO_GET["linux"])
    return f"{command}, or `.atm/venv/bin/playwright install chromium`, or set CHROMIUM_PATH"


def _candidates(first: Sequence[str]) -> Iterator[Path]:
    yield from (Path(found) for found in map(shutil.which, (*first, *_NAMES)) if found)
    if sys.platform == "darwin":
        for name in ("Chromium", "Google Chrome", "Microsoft Edge"):
            yield Path("/Applications") / f"{name}.app" / "Contents" / "MacOS" / name
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        if os.environ.get(variable):
            yield Path(os.environ[variable]) / "Google" / "Chrome" / "Application" / "chrome.exe"
    for pattern in ("chrome-linux*/chrome", "chrome-mac*/*.app/Contents/MacOS/*", "chrome-win*/chrome.exe"):
        yield from sorted(_playwright_cache().glob(f"chromium-*/{pattern}"), reverse=True)


def _playwright_cache() -> Path:
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen:
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "ms-playwright"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ms-playwright"
