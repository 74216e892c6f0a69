"""The software bill of materials: CycloneDX 1.6 as JSON, from the lock of packages and the lock of models."""

import hashlib
import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from devhost.models.lock import LockedModel
from devhost.package.licences import UNKNOWN, Licence
from devhost.package.requirements import Pin

_NAMESPACE = uuid.UUID("6f8e0a3e-0d0d-4c55-9d0b-4a7a0c9f2a11")


def bill(version: str, licences: Sequence[Licence], absent: Sequence[Pin], models: Iterable[LockedModel]) -> str:
    """The same input gives the same text: serial number and order follow from the content, and no time stands in it."""
    known = {licence.pin: licence.expression for licence in licences}
    pins = sorted([*known, *absent], key=lambda pin: pin.name)
    components = [_package(pin, known.get(pin, UNKNOWN)) for pin in pins] + [_model(model) for model in models]
    content = json.dumps(components, sort_keys=True)
    root = {"type": "application", "bom-ref": "face-atm", "name": "face-atm", "version": version}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, hashlib.sha256(content.encode()).hexdigest())}",
        "version": 1,
        "metadata": {"component": {**root, "licenses": [{"license": {"id": "MIT"}}]}},
        "components": components,
        "dependencies": [{"ref": "face-atm", "dependsOn": [component["bom-ref"] for component in components]}],
    }
    return json.dumps(document, indent=2) + "\n"


def _package(pin: Pin, expression: str) -> dict[str, Any]:
    purl = f"pkg:pypi/{pin.name}@{pin.version}"
    component: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl,
        "name": pin.name,
        "version": pin.version,
        "purl": purl,
        "scope": "optional" if pin.marker else "required",
    }
    if expression != UNKNOWN:
        component["licenses"] = [{"expression": expression}]
    properties = [{"name": "face-atm:lock:sha256", "value": digest} for digest in pin.hashes]
    if pin.marker:
        properties.append({"name": "face-atm:lock:marker", "value": pin.marker})
    return {**component, "properties": properties}


def _model(model: LockedModel) -> dict[str, Any]:
    return {
        "type": "machine-learning-model",
        "bom-ref": f"model:{model.file}",
        "name": model.file,
        "version": model.sha256[:12],
        "description": model.origin,
        "hashes": [{"alg": "SHA-256", "content": model.sha256}],
        "licenses": [{"expression": model.licence}],
        "properties": [
            {"name": "face-atm:carrier", "value": model.carrier.requirement},
            {"name": "face-atm:carrier:sha256", "value": model.carrier.sha256},
            {"name": "face-atm:converted", "value": model.convert},
        ],
    }
