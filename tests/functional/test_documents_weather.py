"""Cosmos DB through a proxy that delays, cuts and throttles: what was acknowledged is there once, limits still hold."""

import secrets
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from bench.weather import CALM, Proxy, Weather
from shared.adapters.cosmos_documents import CosmosDocuments
from shared.adapters.cursors import Cursors
from shared.adapters.system import SystemClock
from shared.domain.errors import AtmError, LimitReached
from tests.functional.documents import CONTAINERS, THINGS, keyring
from tests.functional.storage import Cosmos

WEATHER = {
    "slow": Weather(delay_s=(0.01, 0.08)),
    "cuts": Weather(cut=0.25),
    "throttles": Weather(throttle=0.25, throttle_status=429),
}
TIMES = 16


@pytest.fixture
def proxy(cosmos: Cosmos) -> Iterator[Proxy]:
    address = urlsplit(cosmos.endpoint)
    if cosmos.process is None or address.port is None:
        pytest.skip("only the emulator of this machine is put behind a proxy")
    with Proxy(7) as proxy:
        proxy.upstream, proxy.upstream_tls = address.port, True
        yield proxy


def opened(endpoint: str, cosmos: Cosmos, database: str) -> CosmosDocuments:
    clock, cursors = SystemClock(), Cursors(keyring())
    return CosmosDocuments(endpoint, cosmos.key, clock, cursors, database=database, verify_tls=False)


@pytest.mark.parametrize("weather", WEATHER)
def test_acknowledged_writes_are_there_once_and_no_limit_is_passed(cosmos: Cosmos, proxy: Proxy, weather: str) -> None:
    database = f"weather-{secrets.token_hex(4)}"
    direct = opened(cosmos.endpoint, cosmos, database)
    direct.ensure_containers(CONTAINERS)
    shaken = opened(f"http://127.0.0.1:{proxy.port}/", cosmos, database)
    assert shaken.get(THINGS, "p", "none") is None
    proxy.weather = WEATHER[weather]
    created, counted, failed, refused = [], 0, 0, 0
    for number in range(TIMES):
        try:
            shaken.create(THINGS, "p", f"{number}", {"at": f"{number:04d}"})
            created.append(f"{number}")
        except AtmError:
            pass
        try:
            shaken.increment(THINGS, "p", "counter", "n", at_most=TIMES - 5)
            counted += 1
        except LimitReached:
            refused += 1
        except AtmError:
            failed += 1
    proxy.weather = CALM
    assert weather == "slow" or proxy.harm, "nothing happened: the test shows nothing"
    assert len(created) >= TIMES // 3, "the weather was so bad that it shows nothing"
    for id in created:
        assert direct.get(THINGS, "p", id) is not None
    counter = direct.get(THINGS, "p", "counter")
    assert counter is not None
    total = counter.body["n"]
    assert isinstance(total, int)
    assert counted <= total <= min(counted + failed, TIMES - 5)
    assert refused == 0 or total == TIMES - 5
    direct.close()
    shaken.close()
