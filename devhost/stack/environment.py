"""The environment of the app's process: what this machine decides, and the defaults a developer may override."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devhost import cosmos
from devhost.operators import local_operators
from devhost.setup.places import ROOT
from devhost.stack.options import StackOptions

# Azurite's published development account: https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
ACCOUNT = "devstoreaccount1"
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_KEYS_FILE = "server-keys.txt"
_KEY_BYTES = 32
_HEAPS = "2"
"""glibc's; elsewhere it means nothing. With a heap for each of some twenty threads what one frees helps no other: 50 MB
more, and still growing after an hour (docs/hostile.md)."""
_EVENTS_AT_ONCE = 128
"""What waits inside the app is done by urgency, what waits in the queue by age. Enough for some fifty kiosks with two
pictures under way; no second instance is there to take a share."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """`phone` is where the dev phone takes messages: the host's own pages, or beside `func start` a process."""

    app: int
    blobs: int
    queues: int
    phone: int
    documents: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.app}"

    @property
    def phone_url(self) -> str:
        return f"http://127.0.0.1:{self.phone}/dev/phone/"


def app_environment(options: StackOptions, addresses: Addresses, models: Path) -> dict[str, str]:
    """Precedence, highest first: `options.settings`, this stack's addresses, the environment, local.settings.json,
    and the defaults here."""
    defaults = {
        "DOCUMENTS": options.documents,
        "SQLITE_PATH": str(options.data / "documents.sqlite"),
        "MODELS_PATH": str(models),
        "SMS_PROVIDER": "devphone",
        "WARM_ENGINES": "true",
        "MALLOC_ARENA_MAX": _HEAPS,
        "OPERATORS": "local",
        "LOCAL_OPERATORS": local_operators(options.data)[0],
        "ATM_KEYS": server_keys(options.data / _KEYS_FILE),
    }
    if not options.use_func:
        defaults["AzureFunctionsJobHost__extensions__blobs__maxDegreeOfParallelism"] = str(_EVENTS_AT_ONCE)
    if addresses.documents is not None:
        defaults |= {
            "COSMOS_ENDPOINT": cosmos.endpoint(addresses.documents),
            "COSMOS_KEY": cosmos.KEY,
            "COSMOS_VERIFY_TLS": "false",
            "PYTHONWARNINGS": "ignore:Unverified HTTPS request",  # its certificate is its own, at every request
        }
    local = _local_settings(options.app)
    return {
        **{name: value for name, value in defaults.items() if name not in local},
        **os.environ,
        "AzureWebJobsStorage": connection_string(addresses.blobs, addresses.queues),
        "DEVPHONE_URL": f"http://127.0.0.1:{addresses.phone}",
        "LOCAL_HOST": "true",
        "AzureWebJobsDisableHomepage": "true",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        **options.settings,
    }


def connection_string(blob_port: int, queue_port: int) -> str:
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};"
        f"BlobEndpoint=http://127.0.0.1:{blob_port}/{ACCOUNT};QueueEndpoint=http://127.0.0.1:{queue_port}/{ACCOUNT};"
    )


def server_keys(file: Path) -> str:
    """The value of ATM_KEYS, made once for a state folder and readable by its owner alone."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(f"k1:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}", encoding="utf-8")
        fresh.replace(file)
    return file.read_text(encoding="utf-8")


def _local_settings(app: Path) -> Mapping[str, object]:
    """The values of local.settings.json. One that is not JSON is for the host to report."""
    try:
        content = json.loads((app / "local.settings.json").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}
    values = content.get("Values") if isinstance(content, dict) else None
    return values if isinstance(values, dict) else {}
