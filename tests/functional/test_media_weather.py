"""Blob storage through a proxy that delays, cuts, throttles and corrupts: what was acknowledged is there, as it was."""

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import suppress

import pytest

from bench.weather import CALM, Proxy, Weather
from shared.adapters.azure_media import AzureMedia
from shared.domain.errors import AtmError
from tests.functional.storage import Azurite

WEATHER = {
    "slow": Weather(delay_s=(0.01, 0.1)),
    "cuts": Weather(cut=0.3),
    "throttles": Weather(throttle=0.3),
    "corrupts": Weather(corrupt=0.5),
}


@pytest.fixture
def proxy(azurite: Azurite) -> Iterator[Proxy]:
    with Proxy(5) as proxy:
        proxy.upstream = azurite.port
        yield proxy


@pytest.mark.parametrize("weather", WEATHER)
def test_whatever_the_weather_an_acknowledged_blob_is_there_and_errors_are_named(
    azurite: Azurite, proxy: Proxy, weather: str
) -> None:
    shaken = AzureMedia.with_connection_string(azurite.connection_string.replace(str(azurite.port), str(proxy.port)))
    direct = AzureMedia.with_connection_string(azurite.connection_string)
    folder, kept = secrets.token_hex(4), dict[str, str]()
    shaken.put("weather", f"{folder}/first", b"first", content_type="image/jpeg")
    proxy.weather = WEATHER[weather]
    for number in range(12):
        data = secrets.token_bytes(3000)
        try:
            shaken.put("weather", f"{folder}/{number}", data, content_type="image/jpeg", metadata={"n": f"{number}"})
        except AtmError:
            continue
        kept[f"{folder}/{number}"] = hashlib.sha256(data).hexdigest()
        with suppress(AtmError):
            shaken.read("weather", f"{folder}/{number}")
            list(shaken.list("weather", folder))
    proxy.weather = CALM
    assert len(kept) >= 4, "the weather was so bad that it shows nothing"
    assert weather == "slow" or proxy.harm, "nothing happened: the test shows nothing"
    for name, digest in kept.items():
        assert hashlib.sha256(direct.read("weather", name)).hexdigest() == digest
        assert shaken.info("weather", name) is not None
