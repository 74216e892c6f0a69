"""The files that the local host and local Event Grid read and write: settings, keys, the position."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devhost.configuration import ConfigurationError, read_configuration
from devhost.cursor import Cursor, Position, read_position
from devhost.keys import WEBHOOK_KEY, load_keys, read_webhook_key

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_local_settings_never_override_the_environment(tmp_path: Path) -> None:
    values = {"Values": {"A": "file", "B": "file"}}
    (tmp_path / "local.settings.json").write_text(json.dumps(values), encoding="utf-8-sig")
    environment = {"A": "environment"}
    read_configuration(tmp_path, environment)
    assert environment == {"A": "environment", "B": "file"}


def test_an_override_from_the_environment_beats_host_json_whatever_its_case(tmp_path: Path) -> None:
    host = {"extensions": {"http": {"routePrefix": "api"}}}
    (tmp_path / "host.json").write_text(json.dumps(host), encoding="utf-8")
    environment = {"AzureFunctionsJobHost__extensions__HTTP__routeprefix": ""}
    assert read_configuration(tmp_path, environment).route_prefix == ""
    assert read_configuration(tmp_path, {}).route_prefix == "api"


def test_broken_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "host.json").write_text("{", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"host\.json"):
        read_configuration(tmp_path, {})


def test_an_unreadable_position_means_everything_again_and_none_means_nothing_yet(tmp_path: Path) -> None:
    assert read_position(tmp_path / "events.json") is None
    (tmp_path / "events.json").write_text("{", encoding="utf-8")
    unreadable = read_position(tmp_path / "events.json")
    assert unreadable is not None
    assert unreadable.since.year == 1970
    assert not unreadable.clean


def test_closing_is_clean_only_with_everything_delivered(tmp_path: Path) -> None:
    file = tmp_path / "events.json"
    cursor = Cursor(file, START)
    cursor.opened("a", after(1))
    cursor.close(after(2))
    assert read_position(file) == Position(after(1), clean=False)
    cursor.delivered("a", after(3))
    cursor.close(after(4))
    assert read_position(file) == Position(after(4), clean=True)


def test_keys_are_made_once_and_kept_for_their_owner_alone(tmp_path: Path) -> None:
    first = load_keys(tmp_path, ["identify_face"], enforced=True)
    again = load_keys(tmp_path, ["identify_face", "verify_voice"], enforced=True)
    assert (again.master, again.host, again.system) == (first.master, first.host, first.system)
    assert again.functions["identify_face"] == first.functions["identify_face"]
    assert again.functions["verify_voice"]["default"] != again.functions["identify_face"]["default"]
    assert read_webhook_key(tmp_path / "keys.json") == first.system[WEBHOOK_KEY]
    if os.name != "nt":
        assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_without_a_key_file_there_is_no_webhook_key(tmp_path: Path) -> None:
    assert read_webhook_key(tmp_path / "keys.json") is None


def test_each_level_of_key_opens_what_it_should(tmp_path: Path) -> None:
    keys = load_keys(tmp_path, ["a", "b"], enforced=True)
    own, other, system = keys.functions["a"]["default"], keys.functions["b"]["default"], keys.system[WEBHOOK_KEY]
    host = keys.host["default"]
    assert [keys.allow_function(key, "a", "function") for key in (own, host, keys.master)] == [True] * 3
    assert [keys.allow_function(key, "a", "function") for key in (other, system, "", None)] == [False] * 4
    assert [keys.allow_function(key, "a", "admin") for key in (own, host, None)] == [False] * 3
    assert keys.allow_function(None, "a", "anonymous")
    assert [keys.allow_webhook(key) for key in (system, keys.master, host, None)] == [True, True, False, False]
    assert [keys.allow_admin(key) for key in (keys.master, host, system)] == [True, False, False]
