"""Writes infra/containers.json, the containers of Cosmos DB as the template reads them, from shared/containers.py.

`python -m tools.infra_containers`; a test says when the file is stale.
"""

import json
from pathlib import Path
from typing import Any

from shared.adapters.cosmos_connection import indexing_policy
from shared.containers import ALL, Container

FILE = Path(__file__).parents[1] / "infra" / "containers.json"


def content() -> str:
    return json.dumps([_resource(container) for container in ALL], indent=2) + "\n"


def _resource(container: Container) -> dict[str, Any]:
    """`defaultTtl` -1: nothing expires by itself, and a document that carries a `ttl` of its own does."""
    return {
        "id": container.name,
        "defaultTtl": -1,
        "partitionKey": {"kind": "Hash", "version": 2, "paths": [f"/{container.partition_key}"]},
        "indexingPolicy": indexing_policy(container),
    }


if __name__ == "__main__":
    FILE.write_text(content(), encoding="utf-8")
    print(FILE)
