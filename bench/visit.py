"""How long a customer waits: first good frame → PIN screen, voice upload → granted, as a polling page sees it.

One kiosk after another plays whole visits while further kiosks identify strangers without a pause: the load of a busy
branch, since only as many customers can be let in at once as there are people with photographs (two). Then every
recording written must be in the index, exactly once.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devhost import speech
from devhost.demo.camera import Camera
from devhost.demo.client import KioskClient, Problem, VisitClient
from devhost.demo.people import ADA, BEN, STRANGER, Customer, enrol, open_app, pairing_code
from devhost.demo.plays import Stage, present
from devhost.stack import Stack, StackOptions
from shared.containers import MEDIA_INDEX
from shared.domain.recording import CONTAINER
from shared.ports import Query
from shared.wiring import App

TARGETS = {"pin_s": 0.8, "granted_s": 1.0}
_SETTINGS = dict.fromkeys(("LIMIT_SMS_KIOSK_HOUR", "LIMIT_SESSIONS_KIOSK_MINUTE"), "1000") | {
    "LIMIT_SMS_PHONE_HOUR": "100",
    "LIMIT_SMS_PHONE_DAY": "200",
}


@dataclass(slots=True)
class Waits:
    """Seconds, one entry a visit."""

    pin: list[float] = field(default_factory=list)
    granted: list[float] = field(default_factory=list)
    failed: int = 0


def one_visit(stage: Stage, person: Customer, waits: Waits) -> None:
    visit = stage.kiosk.start()
    with Camera(visit, person.frames()) as camera:
        camera.wait_for("pin", seconds=60)
        waits.pin.append(time.monotonic() - camera.uploads[0])
        code = stage.code_for(person.phone)
        present(camera, lambda: visit.pin(code))
        phrase = camera.wait(lambda view: bool(view["voice"]), 30, "the phrase")["voice"]
        clip = speech.say(person.voice, phrase["digits"], seed=uuid.uuid4().int % 2**32)
        begun = present(camera, lambda: _upload(visit, phrase["attempt"], clip))
        attempt = phrase["attempt"]
        checked = camera.wait(lambda v: v["state"] != "voice" or v["voice"]["attempt"] > attempt, 60, "the check")
        state = checked["state"]
        if state == "granted":
            waits.granted.append(time.monotonic() - begun)
        else:
            waits.failed += 1
        visit.leave()


def _upload(visit: VisitClient, attempt: int, clip: bytes) -> float:
    """When the upload that was taken began."""
    begun = time.monotonic()
    visit.voice(attempt, clip)
    return begun


def strangers(kiosk: KioskClient, over: threading.Event) -> None:
    """A kiosk at which one unknown person after another tries."""
    while not over.is_set():
        try:
            visit = kiosk.start()
            with Camera(visit, STRANGER.frames()) as camera:
                camera.wait(lambda view: view["state"] != "identifying" or over.is_set(), 60, "a decision")
            visit.leave()
        except (Problem, TimeoutError):
            continue


def measure(stack: Stack, app: App, kiosks: int, visits: int) -> dict[str, float]:
    clients = [KioskClient(stack.url) for _ in range(kiosks)]
    for number, client in enumerate(clients):
        client.pair(pairing_code(app, f"V{kiosks}X{number}", "Bench", "UTC"))
    waits, over = Waits(), threading.Event()
    crowd = [threading.Thread(target=strangers, args=(client, over), daemon=True) for client in clients[1:]]
    for thread in crowd:
        thread.start()
    stage = Stage(clients[0], stack.phone_url)
    for number in range(visits):
        one_visit(stage, (ADA, BEN)[number % 2], waits)
    over.set()
    for thread in crowd:
        thread.join(60)
    return {
        "kiosks": kiosks,
        "visits": visits,
        "pin_s": _median(waits.pin),
        "pin_p95_s": _p95(waits.pin),
        "granted_s": _median(waits.granted),
        "granted_p95_s": _p95(waits.granted),
        "not_granted": waits.failed,
    }


def recordings(app: App) -> tuple[int, int]:
    """Blobs written, and entries of the index."""
    written = sum(1 for _ in app.media.list(CONTAINER))
    return written, app.documents.count(Query(MEDIA_INDEX))


def settle(app: App, seconds: float = 30) -> tuple[int, int]:
    """Until the last events are through."""
    deadline = time.monotonic() + seconds
    while (found := recordings(app))[0] != found[1] and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench visit", description=__doc__)
    parser.add_argument("--kiosks", type=int, nargs="+", default=[1, 5, 10])
    parser.add_argument("--visits", type=int, default=8, help="customers measured for each number of kiosks")
    parser.add_argument("--profile", choices=["fast", "cloud"], nargs="+", default=["fast", "cloud"])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(argv)
    results: dict[str, object] = {}
    missed = False
    for profile in given.profile:
        with tempfile.TemporaryDirectory() as folder:
            options = StackOptions(
                state=Path(folder), usual_ports=False, quiet=True, profile=profile, settings=_SETTINGS
            )
            with Stack(options) as stack:
                app = open_app(stack.environment)
                for person in (ADA, BEN):
                    enrol(app, person)
                rows = [measure(stack, app, kiosks, given.visits) for kiosks in given.kiosks]
                written, indexed = settle(app)
        results[profile] = {"rows": rows, "recordings": written, "indexed": indexed}
        missed |= written != indexed
        if not given.json:
            _print(profile, rows, written, indexed)
    first = results.get("fast")
    if isinstance(first, dict) and first["rows"][0]["kiosks"] == 1:
        missed |= any(first["rows"][0][name] > target for name, target in TARGETS.items())
    if given.json:
        print(json.dumps(results))
    return 1 if missed else 0


def _print(profile: str, rows: list[dict[str, float]], written: int, indexed: int) -> None:
    print(f"\n  profile {profile}: first good frame to PIN shown, voice upload to granted shown (median, p95)")
    for row in rows:
        print(
            f"    {row['kiosks']:>3.0f} kiosks  PIN {row['pin_s']:.2f} s ({row['pin_p95_s']:.2f})"
            f"  granted {row['granted_s']:.2f} s ({row['granted_p95_s']:.2f})"
            f"  not granted {row['not_granted']:.0f} of {row['visits']:.0f}"
        )
    print(f"    recordings written {written}, indexed {indexed}")


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3) if values else float("nan")


def _p95(values: list[float]) -> float:
    return round(sorted(values)[max(0, -(-95 * len(values) // 100) - 1)], 3) if values else float("nan")
