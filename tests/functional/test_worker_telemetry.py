"""The worker's own switch, against a server that plays Application Insights' ingestion: what leaves the process."""

import base64
import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devhost.setup.places import ROOT

CHILD = Path(__file__).with_name("telemetry_child.py")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Ingestion(ThreadingHTTPServer):
    """Takes every envelope and says so."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.envelopes: list[dict[str, Any]] = []
        self.printed = ""

    @property
    def connection(self) -> str:
        address = f"http://127.0.0.1:{self.server_port}"
        key = "00000000-0000-0000-0000-000000000001"
        return f"InstrumentationKey={key};IngestionEndpoint={address};LiveEndpoint={address}"

    def data(self, kind: str) -> list[dict[str, Any]]:
        return [e["data"]["baseData"] for e in self.envelopes if e["data"]["baseType"] == kind]


class _Handler(BaseHTTPRequestHandler):
    server: Ingestion

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        text = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        try:
            received = json.loads(text)
        except ValueError:
            received = [json.loads(line) for line in text.splitlines()]
        if self.path.endswith("/track"):
            self.server.envelopes += received
        answer = json.dumps({"itemsReceived": len(received), "itemsAccepted": len(received), "errors": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Silence."""


@pytest.fixture(scope="module")
def ingestion(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingestion]:
    server = Ingestion()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ATM_KEYS": f"k1:{base64.b64encode(bytes(32)).decode()}",
        "AzureWebJobsStorage": "UseDevelopmentStorage=true",
        "SQLITE_PATH": str(tmp_path_factory.mktemp("telemetry") / "documents.sqlite"),
        "APPLICATIONINSIGHTS_CONNECTION_STRING": server.connection,
        "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
        "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true",
        "PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME": "face_atm",
        "WARM_ENGINES": "false",
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-P", str(CHILD), str(ROOT)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    server.printed = done.stdout
    yield server
    server.shutdown()


def test_our_log_lines_arrive_as_traces_with_their_facts_as_attributes(ingestion: Ingestion) -> None:
    (told,) = [line for line in ingestion.data("MessageData") if line["message"] == "told"]
    assert told["properties"]["atm_kiosk"] == "K7"


def test_what_is_exported_is_not_printed_as_well(ingestion: Ingestion) -> None:
    assert '"event": "told"' not in ingestion.printed


def test_a_triggers_span_arrives_under_the_visits_trace(ingestion: Ingestion) -> None:
    spans = [*ingestion.data("RemoteDependencyData"), *ingestion.data("RequestData")]
    (span,) = [span for span in spans if span["name"] == "index recording"]
    assert span["properties"]["atm.trace"] == TRACE
    assert TRACE in span["properties"]["_MS.links"]


def test_a_line_of_the_trigger_carries_the_trace_of_the_upload(ingestion: Ingestion) -> None:
    (line,) = [line for line in ingestion.data("MessageData") if line["message"] == "not a recording's name"]
    assert line["properties"]["atm_trace"] == TRACE


def test_nothing_that_must_not_be_read_arrives(ingestion: Ingestion) -> None:
    assert ingestion.envelopes
    assert "2025550142" not in json.dumps(ingestion.envelopes)
