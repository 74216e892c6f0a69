"""host.json, local.settings.json and the environment, read as the real host reads them."""

from pathlib import Path

import pytest

from devhost.configuration import DEVELOPMENT_STORAGE, Configuration, ConfigurationError, seconds


def configuration(host: dict[str, object] | None = None, **environment: str) -> Configuration:
    return Configuration(Path("/app"), host or {}, environment)


def test_a_setting_in_percent_signs_is_replaced_and_a_missing_one_is_named() -> None:
    assert configuration(QUEUE="work").resolve("%QUEUE%-1") == "work-1"
    with pytest.raises(ConfigurationError, match="NOT_THERE"):
        configuration().resolve("%NOT_THERE%")


def test_the_route_prefix_is_api_unless_said_otherwise() -> None:
    assert configuration().route_prefix == "api"
    assert configuration({"extensions": {"http": {"routePrefix": "/v1/"}}}).route_prefix == "v1"


@pytest.mark.parametrize(
    ("text", "value"), [("00:05:00", 300), ("1.00:00:01", 86401), ("00:00:00.5", 0.5), ("-1", None), (None, None)]
)
def test_time_spans(text: str | None, value: float | None) -> None:
    assert seconds(text) == value


def test_a_malformed_time_span_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="5 minutes"):
        seconds("5 minutes")


def test_a_connection_is_looked_up_with_and_without_its_prefix() -> None:
    assert configuration(AzureWebJobsMedia="a=b").connection("Media") == "a=b"
    assert configuration(Media="a=b").connection("Media") == "a=b"
    assert configuration(Media="UseDevelopmentStorage=true").connection("Media") == DEVELOPMENT_STORAGE
    with pytest.raises(ConfigurationError, match="Media"):
        configuration().connection("Media")


def test_a_function_is_disabled_by_either_form_of_its_setting() -> None:
    assert Configuration(Path("/app"), {}, {"AzureWebJobs.tick.Disabled": "true"}).disabled("tick")
    assert configuration(AzureWebJobs__tick__Disabled="1").disabled("tick")
    assert not configuration(AzureWebJobs__tick__Disabled="false").disabled("tick")
    assert not configuration().disabled("tick")


def test_the_host_id_is_stable_short_and_settable() -> None:
    assert configuration().host_id == configuration().host_id
    given = configuration(AzureFunctionsWebHost__hostid="Kiosk-Host-Number-One-And-Only-One").host_id
    assert given == "kiosk-host-number-one-and-only-o"
