"""`atm.py bench load`: a branch full of kiosks: whole visits of two customers, and strangers at all other machines.

Only so many customers can be let in at once as there are people with photographs (two). Shows minute by minute what
gets slow: how many pictures are taken and analysed, how long polls, touches and codes take, processor and memory. Then
every recording that was acknowledged must be there, and in the index once: frames may be skipped, never recordings.
"""

import argparse
import json
import os
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import psutil
import requests

from bench.faults import Noting, SturdyKiosk
from devhost import speech
from devhost.demo.camera import Camera
from devhost.demo.client import Problem
from devhost.demo.people import ADA, BEN, STRANGER, Customer, enrol, open_app, pairing_code
from devhost.demo.plays import Stage, present
from devhost.stack import Stack, StackOptions
from shared.containers import MEDIA_INDEX
from shared.domain.recording import CONTAINER
from shared.ports import Query
from shared.wiring import App

KEYPAD_TARGET_S = 0.3
SETTINGS = {
    "LIMIT_SMS_PHONE_HOUR": "100",
    "LIMIT_SMS_PHONE_DAY": "200",
    "LIMIT_SMS_KIOSK_HOUR": "1000",
    "LIMIT_SESSIONS_KIOSK_MINUTE": "1000",
    "LIVENESS_POLICY": "passive",
}


class Book:
    """What was measured, by kind; taken out minute by minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: dict[str, list[float]] = {}
        self.counts: Counter[str] = Counter()
        self.kept: list[str] = []

    @contextmanager
    def timing(self, what: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        with self._lock:
            self._times.setdefault(what, []).append(time.perf_counter() - begun)

    def count(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def keep(self, names: Sequence[str]) -> None:
        with self._lock:
            self.kept += names

    def turn(self) -> tuple[dict[str, list[float]], Counter[str]]:
        with self._lock:
            times, counts = self._times, self.counts
            self._times, self.counts = {}, Counter()
        return times, counts


class Timed(Noting):
    """A visit whose requests are timed."""

    book: Book

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, **rest: Any) -> Any:
        what = {"": "poll", "/frames": "frame", "/pin": "pin", "/input": "touch"}.get(path, "other")
        with self.book.timing("leave" if method == "DELETE" else what):
            return super().call(method, path, headers=headers, **rest)

    def frame(self, image: bytes) -> int:
        seq = super().frame(image)
        self.book.count("frames")
        return seq

    def on_another_connection(self) -> "Timed":
        twin = timed(self, self._camera_kiosk, self.book)
        twin._kiosk = self._camera_kiosk.another()
        twin.kept = self.kept
        return twin


def timed(begun: Any, kiosk: SturdyKiosk, book: Book) -> Timed:
    visit = Timed(begun, kiosk)
    visit.book = book
    return visit


@dataclass(slots=True)
class Branch:
    stack: Stack
    book: Book
    over: threading.Event = field(default_factory=threading.Event)

    def customer(self, kiosk: SturdyKiosk, person: Customer, pause: float) -> None:
        """Comes, types, speaks, leaves, comes again."""
        stage = Stage(kiosk, self.stack.phone_url)
        while not self.over.is_set():
            with suppress(Problem, TimeoutError, requests.RequestException):
                self.book.count("customers came")
                if self._let_in(stage, kiosk, person):
                    self.book.count("customers granted")
            self.over.wait(pause)

    def _let_in(self, stage: Stage, kiosk: SturdyKiosk, person: Customer) -> bool:
        visit = timed(kiosk.start(), kiosk, self.book)
        try:
            with Camera(visit, person.frames()) as camera:
                if camera.wait_for("pin", "unknown", "ambiguous", seconds=60)["state"] != "pin":
                    return False
                code = stage.code_for(person.phone, 30)
                present(camera, lambda: visit.pin(code))
                phrase = camera.wait(lambda view: bool(view["voice"]), 30, "the phrase")["voice"]
                clip = speech.say(person.voice, phrase["digits"], seed=uuid.uuid4().int % 2**32)
                present(camera, lambda: visit.voice(phrase["attempt"], clip))
                attempt = phrase["attempt"]
                checked = camera.wait(
                    lambda v: v["state"] != "voice" or v["voice"]["attempt"] > attempt, 60, "the check"
                )
                return bool(checked["state"] == "granted")
        finally:
            self._done(visit)

    def stranger(self, kiosk: SturdyKiosk, pause: float, random: Random) -> None:
        """Tries, touches the screen, goes away."""
        self.over.wait(random.uniform(0, pause))
        while not self.over.is_set():
            with suppress(Problem, TimeoutError, requests.RequestException):
                visit = timed(kiosk.start(), kiosk, self.book)
                try:
                    with Camera(visit, STRANGER.frames()) as camera:
                        self.book.count("strangers came")
                        for _ in range(12):
                            if camera.view["state"] != "identifying" or self.over.wait(2):
                                break
                            visit.call("POST", "/input", json={})
                        self.book.count(
                            "strangers decided" if camera.view["state"] == "unknown" else "strangers gave up"
                        )
                finally:
                    self._done(visit)
            self.over.wait(random.expovariate(1 / pause))

    def _done(self, visit: Timed) -> None:
        self.book.keep(list(visit.kept))
        with suppress(Problem):
            visit.leave()


@dataclass(frozen=True, slots=True)
class Machine:
    """Processor and memory of the stack's processes, and of this one."""

    processes: dict[str, psutil.Process]

    def look(self) -> dict[str, float]:
        found = {}
        for name, process in self.processes.items():
            found[f"{name}_cpu"] = process.cpu_percent()
            found[f"{name}_mb"] = process.memory_info().rss / 2**20
        return found


def measure(
    stack: Stack, app: App, kiosks: int, minutes: float, pause: float, own_pause: float, say: Any
) -> dict[str, Any]:
    book, random = Book(), Random(1)
    branch = Branch(stack, book)
    clients = [SturdyKiosk(stack.url) for _ in range(kiosks)]
    for number, client in enumerate(clients):
        client.pair(pairing_code(app, f"L{number}", "Load", "UTC"))
    crowd = [
        threading.Thread(target=branch.customer, args=(client, person, own_pause), daemon=True)
        for client, person in zip(clients, (ADA, BEN), strict=False)
    ]
    crowd += [
        threading.Thread(target=branch.stranger, args=(client, pause, Random(number)), daemon=True)
        for number, client in enumerate(clients[2:])
    ]
    machine = Machine({"host": psutil.Process(stack._host.process_id), "bench": psutil.Process(os.getpid())})
    machine.look()
    random.shuffle(crowd)
    for thread in crowd:
        thread.start()
    rows, begun = [], time.monotonic()
    while (left := minutes * 60 - (time.monotonic() - begun)) > 1:
        length = min(60.0, left)
        time.sleep(length)
        times, counts = book.turn()
        row = {"minute": round((time.monotonic() - begun) / 60, 1), **_row(times, counts, length), **machine.look()}
        rows.append(row)
        say(row)
    branch.over.set()
    for thread in crowd:
        thread.join(20)
    return {"rows": rows, **_recordings(app, book.kept)}


def _row(times: dict[str, list[float]], counts: Counter[str], seconds: float) -> dict[str, Any]:
    row: dict[str, Any] = {"frames_a_second": round(counts["frames"] / seconds, 1), **dict(counts)}
    for what in ("poll", "touch", "pin", "frame"):
        values = sorted(times.get(what, []))
        row[f"{what}s"] = len(values)
        if values:
            row[f"{what}_p50"] = round(values[len(values) // 2], 3)
            row[f"{what}_p95"] = round(values[max(0, -(-95 * len(values) // 100) - 1)], 3)
    return row


def _recordings(app: App, kept: Sequence[str]) -> dict[str, int]:
    """Once the last events are through."""
    deadline = time.monotonic() + 90
    while True:
        there = {info.name for info in app.media.list(CONTAINER)}
        indexed = app.documents.count(Query(MEDIA_INDEX))
        if len(there) == indexed or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    return {"acknowledged": len(kept), "lost": len(set(kept) - there), "written": len(there), "indexed": indexed}


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench load", description=__doc__)
    parser.add_argument("--kiosks", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pause", type=float, default=20, help="seconds between two strangers at a kiosk, on average")
    parser.add_argument(
        "--customer-pause",
        type=float,
        default=5,
        help="seconds until a customer comes again; over seven minutes take 31: a number gets 100 messages an hour",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    given = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        options = StackOptions(state=Path(folder), usual_ports=False, quiet=True, settings=SETTINGS)
        with Stack(options) as stack:
            app = open_app(stack.environment)
            for person in (ADA, BEN):
                enrol(app, person)
            say = (lambda _row: None) if given.json else _print
            result = measure(stack, app, given.kiosks, given.minutes, given.pause, given.customer_pause, say)
    if given.json:
        print(json.dumps(result))
    else:
        print(
            f"  recordings: {result['acknowledged']} acknowledged, {result['lost']} lost,"
            f" {result['written']} written, {result['indexed']} indexed"
        )
    good = result["lost"] == 0 and result["written"] == result["indexed"]
    slow = [row for row in result["rows"] if row.get("touch_p95", 0) > KEYPAD_TARGET_S]
    return 0 if good and not slow else 1


def _print(row: dict[str, Any]) -> None:
    def ms(what: str) -> str:
        return f"{1000 * row[what]:.0f}" if what in row else "-"

    print(
        f"  minute {row['minute']:>4}: {row['frames_a_second']:>5} frames/s;"
        f" poll {ms('poll_p50')}/{ms('poll_p95')} ms, touch {ms('touch_p50')}/{ms('touch_p95')} ms,"
        f" code {ms('pin_p50')}/{ms('pin_p95')} ms, frame {ms('frame_p50')}/{ms('frame_p95')} ms (p50/p95);"
        f" customers {row.get('customers granted', 0)} of {row.get('customers came', 0)},"
        f" strangers decided {row.get('strangers decided', 0)}, gave up {row.get('strangers gave up', 0)};"
        f" host {row['host_cpu']:.0f} % {row['host_mb']:.0f} MB, bench {row['bench_cpu']:.0f} %",
        flush=True,
    )
