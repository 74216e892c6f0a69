"""A gallery as one encrypted file: a readable header, then sealed chunks (AES-GCM) that belong to it and to each other.

    FACE-ATM-GALLERY 1\\n
    {"id", "model", "key", "upTo", "people", "templates", "chunks", …}\\n
    4 bytes length (little-endian), sealed chunk; as often as the header says

The first chunk names the owners of the rows; the others are the rows themselves, one after the other, in half precision
(float16): half the bytes to fetch, and a cosine changes by some 1e-4, a hundredth of what any rule looks at. Each chunk
is bound to the hash of the header and to its place: none can be left out, moved or taken from another file.
"""

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.domain.errors import NotAllowed
from shared.ports import Keys
from shared.services.gallery.source import Faces

_MAGIC = b"FACE-ATM-GALLERY 1\n"
_PURPOSE = "gallery"
_CHUNK = 8_388_608
_LENGTH = struct.Struct("<I")
_HEADER_MOST = 4_096


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows of float16 vectors, one after the other: row i is `people[i]`'s; `learned` names the learned ones.

    `up_to`: every log entry to this number is in it.
    """

    model: str
    up_to: int
    people: tuple[str, ...]
    learned: frozenset[int]
    vectors: bytes

    @property
    def width(self) -> int:
        """Bytes of a row."""
        return len(self.vectors) // len(self.people) if self.people else 0


def packed(model: str, up_to: int, faces: Mapping[str, Faces]) -> Packed:
    people: list[str] = []
    learned: set[int] = set()
    rows: list[bytes] = []
    for person, own in sorted(faces.items()):
        rows += own.enrolled
        rows += own.learned
        people += [person] * (len(own.enrolled) + len(own.learned))
        learned |= set(range(len(rows) - len(own.learned), len(rows)))
    if len({len(row) for row in rows}) > 1:
        raise ValueError("templates of one model have one length")
    return Packed(model, up_to, tuple(people), frozenset(learned), b"".join(map(_halved, rows)))


def unpacked(gallery: Packed) -> dict[str, Faces]:
    """The inverse of `packed`, with the precision that is left."""
    found: dict[str, Faces] = {}
    width = gallery.width
    for row, person in enumerate(gallery.people):
        own = found.setdefault(person, Faces())
        vector = _doubled(gallery.vectors[row * width : (row + 1) * width])
        (own.learned if row in gallery.learned else own.enrolled).append(vector)
    return found


def sealed_file(gallery: Packed, keys: Keys, id: str) -> bytes:
    """`id` is the file's own: two files with the same content are not interchangeable."""
    owners = _owners(gallery)
    chunks = [owners, *(gallery.vectors[at : at + _CHUNK] for at in range(0, len(gallery.vectors), _CHUNK))]
    header = json.dumps(
        {
            "id": id,
            "model": gallery.model,
            "key": keys.current,
            "upTo": gallery.up_to,
            "people": len(set(gallery.people)),
            "templates": len(gallery.people),
            "rowBytes": gallery.width,
            "chunks": len(chunks),
        }
    ).encode()
    parts = [_MAGIC, header, b"\n"]
    for number, chunk in enumerate(chunks):
        sealed = keys.seal(_PURPOSE, chunk, _context(header, number))
        parts += [_LENGTH.pack(len(sealed)), sealed]
    return b"".join(parts)


def opened_file(data: bytes, keys: Keys, id: str) -> Packed:
    """Raises NotAllowed for anything but a whole, unaltered file of ours with this id, under a key that is valid."""
    header, rest = _header(data)
    try:
        facts = json.loads(header)
        if facts["id"] != id:
            raise NotAllowed("another gallery file")
        sealed = list(_chunks(rest, int(facts["chunks"])))
        plain = [keys.open(_PURPOSE, chunk, _context(header, n)) for n, chunk in enumerate(sealed)]
        people, learned = _rows(json.loads(plain[0]))
        gallery = Packed(str(facts["model"]), int(facts["upTo"]), people, learned, b"".join(plain[1:]))
    except (ValueError, KeyError, IndexError, TypeError, struct.error):
        raise NotAllowed("not a gallery file") from None
    if gallery.width * len(gallery.people) != len(gallery.vectors):
        raise NotAllowed("a gallery file with rows missing")
    return gallery


def _header(data: bytes) -> tuple[bytes, memoryview]:
    end = data.find(b"\n", len(_MAGIC), len(_MAGIC) + _HEADER_MOST)
    if not data.startswith(_MAGIC) or end < 0:
        raise NotAllowed("not a gallery file")
    return data[len(_MAGIC) : end], memoryview(data)[end + 1 :]


def _chunks(rest: memoryview, count: int) -> Iterator[bytes]:
    at = 0
    for _ in range(count):
        (length,) = _LENGTH.unpack_from(rest, at)
        at += _LENGTH.size
        if at + length > len(rest):
            raise NotAllowed("a gallery file that ends early")
        yield bytes(rest[at : at + length])
        at += length
    if at != len(rest):
        raise NotAllowed("a gallery file with something after its end")


def _owners(gallery: Packed) -> bytes:
    """Whose the rows are, as they follow one another: so many enrolled and so many learned ones of each person."""
    runs: dict[str, list[int]] = {}
    for row, person in enumerate(gallery.people):
        runs.setdefault(person, [0, 0])[row in gallery.learned] += 1
    return json.dumps([[person, *counts] for person, counts in runs.items()], separators=(",", ":")).encode()


def _rows(owners: list[tuple[str, int, int]]) -> tuple[tuple[str, ...], frozenset[int]]:
    people: list[str] = []
    learned: list[int] = []
    for person, enrolled, more in owners:
        people += [str(person)] * (enrolled + more)
        learned += range(len(people) - more, len(people))
    return tuple(people), frozenset(learned)


def _halved(vector: bytes) -> bytes:
    """float32 to float16."""
    count = len(vector) // 4
    return struct.pack(f"<{count}e", *struct.unpack(f"<{count}f", vector))


def _doubled(vector: bytes) -> bytes:
    """float16 to float32."""
    count = len(vector) // 2
    return struct.pack(f"<{count}f", *struct.unpack(f"<{count}e", vector))


def _context(header: bytes, number: int) -> str:
    return f"{hashlib.sha256(header).hexdigest()}/{number}"
