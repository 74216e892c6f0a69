"""host.json, local.settings.json and the environment, read as the Azure Functions host reads them."""

import json
import os
import re
import zlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

type JsonObject = dict[str, Any]

# Azurite's published development account; `UseDevelopmentStorage=true` stands for it.
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
DEVELOPMENT_ACCOUNT = "devstoreaccount1"
DEVELOPMENT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
DEVELOPMENT_STORAGE = (
    f"DefaultEndpointsProtocol=http;AccountName={DEVELOPMENT_ACCOUNT};AccountKey={DEVELOPMENT_KEY};"
    f"BlobEndpoint=http://127.0.0.1:10000/{DEVELOPMENT_ACCOUNT};"
    f"QueueEndpoint=http://127.0.0.1:10001/{DEVELOPMENT_ACCOUNT};"
)
# The real host's default on the plans that have none of their own (host.json, functionTimeout).
DEFAULT_FUNCTION_TIMEOUT = "00:30:00"
_HOST_OVERRIDE = "azurefunctionsjobhost__"


class ConfigurationError(Exception):
    """A setting or file that the host cannot start with; the message names it."""


@dataclass(frozen=True, slots=True)
class Configuration:
    app: Path
    host: JsonObject
    environment: MutableMapping[str, str]

    @property
    def host_id(self) -> str:
        """At most 32 characters of a-z, 0-9 and '-'; it names the blob trigger's queue."""
        given = self.environment.get("AzureFunctionsWebHost__hostid")
        return (given or f"local-{zlib.crc32(str(self.app).encode()):08x}").lower()[:32]

    @property
    def route_prefix(self) -> str:
        return str(self.extension("http").get("routeprefix", "api")).strip("/")

    @property
    def function_timeout(self) -> float | None:
        """Seconds; None is no limit."""
        return seconds(self.host.get("functionTimeout", DEFAULT_FUNCTION_TIMEOUT))

    def extension(self, name: str) -> JsonObject:
        """The section of an extension with its names in lower case, since the host ignores their case."""
        section = self.host.get("extensions", {}).get(name, {})
        return {key.lower(): value for key, value in section.items()}

    def resolve(self, text: str) -> str:
        """Replace each %SETTING% by its value. Raises ConfigurationError for a missing one."""

        def value(match: re.Match[str]) -> str:
            if match[1] not in self.environment:
                raise ConfigurationError(f"The setting {match[1]} is not set, but a binding names it as {match[0]}.")
            return self.environment[match[1]]

        return re.sub(r"%([^%]+)%", value, text)

    def connection(self, name: str) -> str:
        """The storage connection string behind a binding's `connection`."""
        value = self.environment.get(f"AzureWebJobs{name}") or self.environment.get(name)
        if not value:
            raise ConfigurationError(f"The storage connection {name} is not set (a connection string is needed).")
        return DEVELOPMENT_STORAGE if value.strip().lower().startswith("usedevelopmentstorage=true") else value

    def disabled(self, function: str) -> bool:
        return self.flag(f"AzureWebJobs.{function}.Disabled") or self.flag(f"AzureWebJobs__{function}__Disabled")

    def flag(self, name: str) -> bool:
        return self.environment.get(name, "").lower() in ("1", "true")


def read_configuration(app: Path, environment: MutableMapping[str, str]) -> Configuration:
    """Read the app's files; `Values` of local.settings.json go into `environment`, but never over what is there."""
    local = _read_json(app / "local.settings.json")
    for name, value in local.get("Values", {}).items():
        environment.setdefault(name, str(value))
    host = _read_json(app / "host.json")
    for name, value in environment.items():
        if name.lower().startswith(_HOST_OVERRIDE):
            _override(host, name.split("__")[1:], value)
    return Configuration(app, host, environment)


def seconds(text: Any) -> float | None:
    """'[d.]hh:mm:ss[.f]' in seconds; '-1' is None, no limit. Raises ConfigurationError."""
    if text in (None, -1, "-1"):
        return None
    match = re.fullmatch(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d(?:\.\d+)?)", str(text))
    if not match:
        raise ConfigurationError(f"Not a time span of the form hh:mm:ss: {text!r}")
    days, hours, minutes, rest = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(rest)


def _override(host: JsonObject, path: list[str], value: str) -> None:
    node = host
    for part in path[:-1]:
        node = node.setdefault(_existing(node, part), {})
    node[_existing(node, path[-1])] = value


def _existing(node: JsonObject, name: str) -> str:
    return next((key for key in node if key.lower() == name.lower()), name)


def _read_json(path: Path) -> JsonObject:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ConfigurationError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path.name} must hold a JSON object.")
    return content


def process_environment() -> MutableMapping[str, str]:
    return os.environ
