"""A ZIP archive written from beginning to end without ever going back (APPNOTE 6.3.10), so that it can be continued.

Files are stored, not compressed: pictures and clips hardly shrink. Each file's size and checksum stand before it, so
each must be in memory by itself; where the archive stood before it is all that continuing needs. ZIP64 where a number
does not fit 32 bits, or 16 for the number of files.
"""

import struct
import zlib
from dataclasses import dataclass
from datetime import datetime

_LOCAL, _CENTRAL, _END, _END64, _LOCATOR64 = 0x04034B50, 0x02014B50, 0x06054B50, 0x06064B50, 0x07064B50
_UTF8 = 0x0800
_VERSION, _VERSION64 = 20, 45
_MOST16, _MOST32 = 0xFFFF, 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """One file of the archive. `offset`: where its header begins."""

    name: str
    crc: int
    size: int
    offset: int


def checksum(data: bytes, before: int = 0) -> int:
    """CRC-32, of all so far where `before` is what it was."""
    return zlib.crc32(data, before)


def local_header(name: str, crc: int, size: int, at: datetime) -> bytes:
    """What stands before the file's bytes. A file has less than 4 GB."""
    if size > _MOST32:
        raise ValueError("a file of 4 GB and more")
    encoded = name.encode()
    time, date = _dos(at)
    fixed = struct.pack("<IHHHHHIIIHH", _LOCAL, _VERSION, _UTF8, 0, time, date, crc, size, size, len(encoded), 0)
    return fixed + encoded


def central_record(entry: ZipEntry, at: datetime) -> bytes:
    """The file's line in the directory at the archive's end."""
    encoded = entry.name.encode()
    time, date = _dos(at)
    far = entry.offset > _MOST32
    extra = struct.pack("<HHQ", 1, 8, entry.offset) if far else b""
    fixed = struct.pack(
        "<IHHHHHHIIIHHHHHII",
        _CENTRAL,
        _VERSION64 if far else _VERSION,
        _VERSION64 if far else _VERSION,
        _UTF8,
        0,
        time,
        date,
        entry.crc,
        entry.size,
        entry.size,
        len(encoded),
        len(extra),
        0,
        0,
        0,
        0,
        _MOST32 if far else entry.offset,
    )
    return fixed + encoded + extra


def end_of_directory(files: int, size: int, offset: int) -> bytes:
    """What closes the archive: how many files, and where the directory begins and how long it is."""
    large = files >= _MOST16 or size >= _MOST32 or offset >= _MOST32
    end64 = b""
    if large:
        numbers = (files, files, size, offset)
        end64 = struct.pack("<IQHHIIQQQQ", _END64, 44, _VERSION64, _VERSION64, 0, 0, *numbers)
        end64 += struct.pack("<IIQI", _LOCATOR64, 0, offset + size, 1)
    few = min(files, _MOST16)
    end = struct.pack("<IHHHHIIH", _END, 0, 0, few, few, min(size, _MOST32), min(offset, _MOST32), 0)
    return end64 + end


def _dos(at: datetime) -> tuple[int, int]:
    """Time and date as MS-DOS kept them: from 1980 on, in steps of two seconds."""
    return at.hour << 11 | at.minute << 5 | at.second // 2, max(0, at.year - 1980) << 9 | at.month << 5 | at.day
