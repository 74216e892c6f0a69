"""Two instances of the app on one database, attacked through both at once: no limit is twice what it says."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from shared.domain.errors import LimitReached, NotAllowed
from shared.services.kiosks.pairing import SignedStart, signed_message
from shared.services.limits import Limit
from shared.settings import Settings
from shared.wiring import App

TRIES = 60


@pytest.fixture
def apps(tmp_path: Path) -> Iterator[tuple[App, App]]:
    keys = f"k1:{base64.b64encode(bytes(32)).decode()}"
    settings = Settings(
        ATM_KEYS=keys,
        AzureWebJobsStorage="UseDevelopmentStorage=true",
        sqlite_path=str(tmp_path / "documents.sqlite"),
        limit_wrong_pins_day=10,
    )
    pair = App(settings), App(settings)
    yield pair
    for app in pair:
        app.documents.close()  # type: ignore[attr-defined]


def attack(apps: tuple[App, App], act: Callable[[App], object]) -> int:
    """Let both instances do it from many threads at once; returns how often it worked."""

    def once(number: int) -> bool:
        try:
            return act(apps[number % 2]) is not False
        except (LimitReached, NotAllowed):
            return False

    with ThreadPoolExecutor(12) as pool:
        return sum(pool.map(once, range(TRIES)))


def test_a_limit_is_kept_by_both_together(apps: tuple[App, App]) -> None:
    limit = Limit("sms-hour", 5, timedelta(hours=1))
    assert attack(apps, lambda app: app.limits.take(limit, "phone")) == 5


def test_wrong_pins_of_one_person_are_judged_ten_times_a_day(apps: tuple[App, App]) -> None:
    assert attack(apps, lambda app: app.standing.try_pin("pada")) == 10
    assert apps[0].standing.failures("pada") == (10, 10)


def test_a_visits_frames_get_one_number_each_and_no_more_than_its_age_allows(apps: tuple[App, App]) -> None:
    now = apps[0].clock.now()
    numbers: list[int] = []
    taken = attack(apps, lambda app: numbers.append(app.log.next_seq("K7_20261122_x", now, now)))
    assert taken == 30
    assert sorted(numbers) == list(range(1, 31))


def test_a_kiosk_starts_no_more_visits_than_its_minute_allows(apps: tuple[App, App]) -> None:
    window = Limit("kiosk-sessions", 30, timedelta(minutes=1)).window.total_seconds()
    time.sleep(max(0.0, 3 - (window - time.time() % window)))  # not across the end of a window
    assert attack(apps, lambda app: app.kiosk_sessions.take("K7")) == 30


def test_a_signed_start_that_was_recorded_works_once(apps: tuple[App, App]) -> None:
    start = signed(apps[0])
    assert attack(apps, lambda app: app.kiosks.authenticate(start)) == 1


def test_a_pairing_code_pairs_one_page(apps: tuple[App, App]) -> None:
    apps[0].kiosks.create("K9", "Elsewhere", "UTC")
    code = apps[0].kiosks.pairing_code("K9")
    key = jwk(ec.generate_private_key(ec.SECP256R1()))
    assert attack(apps, lambda app: app.kiosks.pair(code, {**key}, "192.0.2.1")) == 1


def test_one_person_has_one_live_visit(apps: tuple[App, App]) -> None:
    sessions = [apps[0].sessions.start(f"K{n}", "en")[0] for n in range(TRIES)]
    numbers = iter(sessions)
    assert attack(apps, lambda app: app.standing.reserve("pada", next(numbers))) == 1


def test_orders_and_waits_survive_being_written_by_both(apps: tuple[App, App]) -> None:
    assert attack(apps, lambda app: app.waits.begin("pada", "K7")) == TRIES
    assert apps[1].waits.holds("pada", "K7")
    assert attack(apps, lambda app: app.challenges.orders("K7", "pada")) == TRIES


def signed(app: App) -> SignedStart:
    private = ec.generate_private_key(ec.SECP256R1())
    app.kiosks.create("K7", "Shibuya Station", "Asia/Tokyo")
    app.kiosks.pair(app.kiosks.pairing_code("K7"), {**jwk(private)}, "192.0.2.1")
    body = json.dumps({"language": "en"}).encode()
    time_ms, nonce = str(round(app.clock.now().timestamp() * 1000)), hashlib.sha256(b"once").hexdigest()[:32]
    r, s = decode_dss_signature(private.sign(signed_message("K7", time_ms, nonce, body), ec.ECDSA(hashes.SHA256())))
    signature = base64.urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).rstrip(b"=").decode()
    return SignedStart(kiosk="K7", time_ms=time_ms, nonce=nonce, signature=signature, body=body)


def jwk(private: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = private.public_key().public_numbers()
    x, y = (base64.urlsafe_b64encode(n.to_bytes(32)).rstrip(b"=").decode() for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
