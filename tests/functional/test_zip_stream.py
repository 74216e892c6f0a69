"""Archives beyond what 32 and 16 bits count, read by the standard library. The file is sparse: it takes no disk."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

from shared.domain.zip_stream import ZipEntry, central_record, checksum, end_of_directory, local_header

AT = datetime(2026, 11, 22, 13, 41, 46, tzinfo=UTC)


def write(file: Path, files: dict[str, tuple[int, bytes]]) -> None:
    """`files`: name → where it begins, and its bytes."""
    entries = []
    with file.open("wb") as out:
        for name, (offset, data) in files.items():
            out.seek(offset)
            out.write(local_header(name, checksum(data), len(data), AT) + data)
            entries.append(ZipEntry(name, checksum(data), len(data), offset))
        begins = out.tell()
        directory = b"".join(central_record(entry, AT) for entry in entries)
        out.write(directory + end_of_directory(len(entries), len(directory), begins))


def test_an_archive_of_more_than_four_gigabytes_opens(tmp_path: Path) -> None:
    write(tmp_path / "large.zip", {"near.txt": (0, b"near"), "far/ünï.txt": (5_000_000_000, "fär".encode())})
    with zipfile.ZipFile(tmp_path / "large.zip") as archive:
        assert archive.testzip() is None
        assert archive.read("far/ünï.txt").decode() == "fär"
        assert archive.getinfo("near.txt").date_time == (2026, 11, 22, 13, 41, 46)


def test_an_archive_of_more_than_65535_files_opens(tmp_path: Path) -> None:
    offset, files = 0, {}
    for number in range(65_600):
        name = f"{number}.txt"
        files[name] = (offset, b"x")
        offset += len(local_header(name, 0, 1, AT)) + 1
    write(tmp_path / "many.zip", files)
    with zipfile.ZipFile(tmp_path / "many.zip") as archive:
        assert len(archive.namelist()) == 65_600
        assert archive.read("65599.txt") == b"x"
