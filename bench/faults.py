"""`atm.py bench faults`: whole visits while storage and messages misbehave, hosts die and events come twice and late.

After each kind of weather: no recording that was acknowledged is lost, none stands in the index twice, nobody is let in
as somebody else, no message was sent twice by the system itself, and every visit was granted or came to a clear end.
All events come by the `cloud` profile: late, out of order, one in five twice.

Azurite writes down every five seconds what it holds, and forgets the rest when it is killed: recordings of the last
seconds before such a death are counted as forgotten if they are gone, older ones as lost.
"""

import argparse
import json
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import psutil
import requests

from bench.weather import CALM, Proxy, Telephone, Weather
from devhost import speech
from devhost.demo.camera import Camera
from devhost.demo.client import KioskClient, Problem, VisitClient
from devhost.demo.people import ADA, BEN, STRANGER, Customer, enrol, open_app, pairing_code
from devhost.stack import Stack, StackOptions
from devhost.stack.child import Child
from devhost.stack.environment import Addresses, connection_string
from devhost.stack.processes import host_command
from devhost.stack.readiness import wait_for_answer, wait_for_ports
from shared.containers import MEDIA_INDEX
from shared.domain.errors import AtmError
from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.ports import Query
from shared.services.pages import every
from shared.wiring import App

VISIT_SECONDS = 75.0
FORGETS_SECONDS = 7.0  # Azurite's five, the write that was under way, the second until a death is told
SETTINGS = {
    "VISIT_MINUTES": "1",
    "LIMIT_SMS_PHONE_HOUR": "100",
    "LIMIT_SMS_PHONE_DAY": "200",
    "LIMIT_SMS_KIOSK_HOUR": "1000",
    "LIMIT_SESSIONS_KIOSK_MINUTE": "1000",
    "PRESENCE_SECONDS": "6",
    "FRAME_GAP_SECONDS": "5",
    "LIVENESS_POLICY": "passive",
}
STORAGE: dict[str, Weather] = {
    "events late, out of order, twice": CALM,
    "storage slow": Weather(delay_s=(0.1, 0.5)),
    "storage cuts 10 %": Weather(cut=0.10),
    "storage throttles 20 %": Weather(throttle=0.2),
    "storage corrupts 5 %": Weather(corrupt=0.05),
}
MESSAGES: dict[str, Weather] = {
    "messages slow": Weather(delay_s=(1.0, 4.0)),
    "messages cut 50 %": Weather(cut=0.5),
    "messages throttled 50 %": Weather(throttle=0.5, throttle_status=429),
}


class SturdyKiosk(KioskClient):
    """A page that goes on when nobody answers."""

    def another(self) -> "SturdyKiosk":
        return self.at(self._url)

    def at(self, url: str) -> "SturdyKiosk":
        twin = SturdyKiosk(url)
        twin._key, twin.kiosk = self._key, self.kiosk
        return twin

    def call(self, method: str, path: str, **rest: Any) -> Any:
        try:
            return super().call(method, path, **rest)
        except requests.RequestException:
            raise Problem(503, "unreachable", "nobody answered") from None


class Noting(VisitClient):
    """Remembers which frames were acknowledged. `camera_kiosk`: whom its second connection speaks to."""

    def __init__(self, begun: VisitClient, camera_kiosk: SturdyKiosk) -> None:
        super().__init__(begun._kiosk, begun.session, "")
        self.headers = begun.headers
        self.kept: dict[str, float] = {}  # name → when it was acknowledged
        self._camera_kiosk = camera_kiosk

    def on_another_connection(self) -> VisitClient:
        twin = Noting(self, self._camera_kiosk)
        twin._kiosk = self._camera_kiosk.another()
        twin.kept = self.kept
        return twin

    def frame(self, image: bytes) -> int:
        seq = super().frame(image)
        self.kept[str(recording_name(self.session, RecordingKind.FRAME, seq))] = time.monotonic()
        return seq

    def voice(self, attempt: int, clip: bytes) -> None:
        super().voice(attempt, clip)
        self.kept[str(recording_name(self.session, RecordingKind.VOICE, attempt))] = time.monotonic()


@dataclass(slots=True)
class Row:
    """What came of one kind of weather."""

    weather: str
    visits: int = 0
    granted: int = 0
    ended: int = 0
    stuck: int = 0
    kept: int = 0
    lost: int = 0
    forgotten: int = 0
    indexed_twice: int = 0
    not_indexed: int = 0
    wrong_grants: int = 0
    messages: int = 0
    sent_twice: int = 0
    harm: dict[str, int] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not any(
            (self.stuck, self.lost, self.indexed_twice, self.not_indexed, self.wrong_grants, self.sent_twice)
        )


class ShakenStack(Stack):
    """The stack with its app behind the proxy and with a telephone of its own."""

    def __init__(self, folder: Path, storage: Proxy, phone: Telephone) -> None:
        self.settings = {**SETTINGS, "DEVPHONE_URL": phone.url}
        super().__init__(
            StackOptions(state=folder, usual_ports=False, quiet=True, profile="cloud", settings=self.settings)
        )
        self._storage = storage

    def _choose_ports(self) -> Addresses:
        chosen = super()._choose_ports()
        self._storage.upstream = chosen.blobs
        self.settings["AzureWebJobsStorage"] = connection_string(self._storage.port, chosen.queues)
        return chosen

    def kill_storage(self) -> None:
        """End the emulator as a power cut would, and start it again."""
        storage = next(child for child in self._children if child.name == "Storage")
        for azurite in psutil.Process(storage.process_id).children(recursive=True):
            azurite.kill()  # before its parent: seeing that gone, it would save
        self.storage_died = time.monotonic() + 1  # what it had answered by then reaches the customer a little later
        storage.kill()
        storage.start()
        wait_for_ports(storage, [self._addresses.blobs, self._addresses.queues], 60)

    def second_host(self) -> tuple[Child, str]:
        """One more host on the same stores; it takes no events."""
        where = replace(self._addresses, app=super()._choose_ports().app)
        child = self._child("Second", host_command(self.options, where), folder=self.options.app)
        child.start()
        wait_for_answer(child, where.url + self.options.ready_path, 90)
        return child, where.url


class Playground:
    """Two customers and a stranger in front of machines that may fail."""

    def __init__(self, stack: ShakenStack, storage: Proxy, phone: Telephone, seed: int) -> None:
        self.stack, self.storage, self.phone = stack, storage, phone
        direct = {**stack.environment, "AzureWebJobsStorage": stack.storage_connection}
        self.app: App = open_app(direct)
        self.people = {person.name: self._id(person) for person in (ADA, BEN)}
        self.kiosks = [SturdyKiosk(stack.url) for _ in range(2)]
        for number, kiosk in enumerate(self.kiosks):
            kiosk.pair(pairing_code(self.app, f"W{number}", "Weather", "UTC"))
        self.random = Random(seed)
        self.second: str | None = None
        self.deaths: list[float] = []  # of the emulator

    def _id(self, person: Customer) -> str:
        enrol(self.app, person)
        return str(self.app.people.by_phone(person.phone))

    def row(
        self, name: str, visits: int, storage: Weather, phone: Weather, kill: Callable[[], None] | None = None
    ) -> Row:
        """`kill` is done once somewhere in every visit."""
        row = Row(name, visits)
        self.deaths.clear()
        before = Counter(self.phone.asked)
        started: list[tuple[Noting, Customer]] = []
        self.storage.harm.clear()
        self.phone.harm.clear()
        self.storage.weather, self.phone.weather = storage, phone
        beside = threading.Thread(target=self._stranger, args=(started,), daemon=True)
        beside.start()
        for number in range(visits):
            with self._killing(kill) if kill else nullcontext():
                outcome = self._customer((ADA, BEN)[number % 2], started)
            setattr(row, outcome, getattr(row, outcome) + 1)
        beside.join(VISIT_SECONDS + 30)
        self.storage.weather, self.phone.weather = CALM, CALM
        row.harm = dict(self.storage.harm + self.phone.harm)
        asked = self.phone.asked - before
        row.messages, row.sent_twice = len(asked), sum(count > 1 for count in asked.values())
        self._look(row, started)
        return row

    def _look(self, row: Row, started: Sequence[tuple[Noting, Customer]]) -> None:
        """Compare what was acknowledged with what is there."""
        kept = {name: at for visit, _ in started for name, at in dict(visit.kept).items()}  # a camera may still be on
        ids = {visit.session for visit, _ in started}
        deadline = time.monotonic() + 45
        while True:
            there = {info.name for info in self.app.media.list(CONTAINER) if info.name.split("/")[2] in ids}
            index = Counter(name for name in self._index() if name.split("/")[2] in ids)
            if there <= set(index) or time.monotonic() > deadline:
                break
            time.sleep(0.5)
        gone = [at for name, at in kept.items() if name not in there]
        row.kept, row.forgotten = len(kept), sum(self._forgotten(at) for at in gone)
        row.lost = len(gone) - row.forgotten
        row.indexed_twice = sum(count > 1 for count in index.values())
        row.not_indexed = len(there - set(index))
        for visit, person in started:
            session = self.app.sessions.load(visit.session).session
            owners = {factor.person for factor in session.factors}
            if session.assurance is not None and owners != {self.people.get(person.name)}:
                row.wrong_grants += 1

    def _forgotten(self, at: float) -> bool:
        return any(0 <= death - at < FORGETS_SECONDS for death in self.deaths)

    def _index(self) -> Iterator[str]:
        return (str(d.body["name"]) for d in every(self.app.documents, Query(MEDIA_INDEX, order_by="at", limit=500)))

    def _begin(self, kiosk: SturdyKiosk, person: Customer, started: list[tuple[Noting, Customer]]) -> Noting:
        deadline = time.monotonic() + 60
        while True:
            try:
                visit = Noting(kiosk.start(), kiosk.at(self.second) if self.second else kiosk)
            except Problem:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)
                continue
            started.append((visit, person))
            return visit

    def _stranger(self, started: list[tuple[Noting, Customer]]) -> None:
        with suppress(Problem):
            self._play(self._begin(self.kiosks[1], STRANGER, started), STRANGER)

    def _customer(self, person: Customer, started: list[tuple[Noting, Customer]]) -> str:
        return self._play(self._begin(self.kiosks[0], person, started), person)

    def _play(self, visit: Noting, person: Customer) -> str:
        """Do what a customer does until the visit is granted or over; `granted`, `ended` or `stuck`."""
        messages, deadline = self.phone.count(person.phone), time.monotonic() + VISIT_SECONDS
        typed: set[str] = set()
        spoken: set[int] = set()
        camera = self._camera(visit, person, deadline)
        if camera is None:
            return self._end_of(visit)
        with camera:
            while time.monotonic() < deadline and camera.view["end"] is None:
                with suppress(Problem):
                    if camera.view["state"] == "granted":
                        visit.leave()
                        return "granted"
                    self._act(visit, camera.view, person, messages, typed, spoken)
                time.sleep(0.1)
        return self._end_of(visit)

    def _camera(self, visit: Noting, person: Customer, deadline: float) -> Camera | None:
        while time.monotonic() < deadline:
            with suppress(Problem):
                return Camera(visit, person.frames())
            time.sleep(0.3)
        return None

    def _act(
        self, visit: Noting, view: dict[str, Any], person: Customer, messages: int, typed: set[str], spoken: set[int]
    ) -> None:
        state, ready = view["state"], view["presence"] == "ok"
        if state in {"unknown", "ambiguous"}:
            if "retry" not in view["options"] or person is STRANGER:
                visit.leave()
            else:
                visit.step("retry")
        elif state == "challenge":
            visit.leave()
        elif state == "pin" and ready:
            code = self.phone.code(person.phone) if self.phone.count(person.phone) > messages else None
            if code is not None and code not in typed:
                if visit.pin(code)["accepted"]:
                    typed.add(code)
            elif view["pin"]["sms"] in {"unknown", "failed"}:
                visit.step("pin/resend")
        elif state == "voice" and ready and view["voice"] and not view["voice"]["checking"]:
            attempt = view["voice"]["attempt"]
            if attempt not in spoken:
                clip = speech.say(person.voice, view["voice"]["digits"], seed=uuid.uuid4().int % 2**32)
                visit.voice(attempt, clip)
                spoken.add(attempt)

    def _end_of(self, visit: Noting) -> str:
        """Whatever the page could see, the visit is over by the store, at the latest by its own clock."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with suppress(AtmError):
                if self.app.watch.tick(visit.session).over:
                    return "ended"
            time.sleep(0.5)
        return "stuck"

    @contextmanager
    def _killing(self, kill: Callable[[], None]) -> Iterator[None]:
        """Somewhere in the visit a process is killed, and started again as the platform would."""

        def later() -> None:
            time.sleep(self.random.uniform(0.2, 9))
            kill()

        killer = threading.Thread(target=later, daemon=True)
        killer.start()
        yield
        killer.join(120)

    def kill_host(self) -> None:
        self.stack.kill_host()
        self.stack.start_host()

    def kill_storage(self) -> None:
        self.stack.kill_storage()
        self.deaths.append(self.stack.storage_died)


def rows(play: Playground, weather_visits: int, kills: int, storage_kills: int, only: str | None) -> Iterator[Row]:
    chosen: list[tuple[str, Callable[[str], Row]]] = [
        *((name, lambda n, w=w: play.row(n, weather_visits, w, CALM)) for name, w in STORAGE.items()),
        *((name, lambda n, w=w: play.row(n, weather_visits, CALM, w)) for name, w in MESSAGES.items()),
        ("host killed in every visit", lambda n: play.row(n, kills, CALM, CALM, play.kill_host)),
        ("storage killed in every visit", lambda n: play.row(n, storage_kills, CALM, CALM, play.kill_storage)),
        ("two hosts on the same stores", lambda n: _two_hosts(play, n, weather_visits)),
    ]
    for name, run in chosen:
        if only is None or only in name:
            yield run(name)


def _two_hosts(play: Playground, name: str, visits: int) -> Row:
    child, play.second = play.stack.second_host()
    try:
        return play.row(name, visits, CALM, CALM)
    finally:
        play.second = None
        child.stop(3)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="atm.py bench faults", description=__doc__)
    parser.add_argument("--visits", type=int, default=100, help="visits in each of which the host is killed")
    parser.add_argument("--storage-kills", type=int, default=10, help="visits in each of which the emulator is killed")
    parser.add_argument("--weather-visits", type=int, default=4, help="visits in every other kind of weather")
    parser.add_argument("--only", help="kinds of weather whose name has this in it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
    given = parser.parse_args(argv)
    found: list[Row] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Proxy(given.seed) as storage,
        Telephone(given.seed) as phone,
        ShakenStack(Path(folder), storage, phone) as stack,
    ):
        if not given.json:
            _head()
        play = Playground(stack, storage, phone, given.seed)
        for row in rows(play, given.weather_visits, given.visits, given.storage_kills, given.only):
            found.append(row)
            if not given.json:
                _print(row)
    if given.json:
        print(json.dumps([asdict(row) for row in found]))
    return 0 if all(row.good for row in found) else 1


def _head() -> None:
    print(
        "\n  weather                           visits granted ended stuck | kept lost forgotten twice unindexed"
        " | wrong grants | messages twice | harm done",
        flush=True,
    )


def _print(row: Row) -> None:
    harm = ", ".join(f"{count} {how}" for how, count in row.harm.items())
    print(
        f"  {row.weather:33} {row.visits:>6} {row.granted:>7} {row.ended:>5} {row.stuck:>5}"
        f" | {row.kept:>4} {row.lost:>4} {row.forgotten:>9}"
        f" {row.indexed_twice:>5} {row.not_indexed:>9} | {row.wrong_grants:>12} | {row.messages:>8} {row.sent_twice:>5}"
        f" | {harm}",
        flush=True,
    )
