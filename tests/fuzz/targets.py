"""What takes bytes from outside, one target each: any bytes may come, and only the named errors may come back.

The same targets serve the short run of the tests and the long one of `atm.py bench fuzz`.
"""

import io
import json
import random
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from urllib.parse import parse_qsl

import azure.functions as func
import numpy as np
from PIL import Image

from shared.adapters.cursors import Cursors
from shared.domain.errors import AtmError, BadRequest, MediaRejected, NotAllowed, TooLarge
from shared.domain.images import image_header
from shared.domain.recording import parse_recording
from shared.domain.roles import Operator, Role
from shared.domain.wav_header import read_wav_header
from shared.engines.face_settings import FaceSettings
from shared.engines.image_decoder import decode
from shared.engines.repeat import VERSION, WIDTH, likeness
from shared.engines.voice_settings import VoiceSettings
from shared.engines.wav import decode_wav
from tests.desk import local_operators
from tests.fakes import fake_keys
from tests.fuzz.requests import Requests
from tests.stage import Stage, StageApp

AT = "\n--\n"
REQUESTS_A_BANK = 500
_asked = count()


@dataclass(frozen=True, slots=True)
class Target:
    """`run` raises only for what is a finding. `seeds` are good inputs to start from."""

    name: str
    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def picture(kind: str, size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


def clip(seconds: float = 0.05, rate: int = 16_000, channels: int = 1, width: int = 2) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(round(seconds * rate) * channels * width))
    return buffer.getvalue()


def _image(data: bytes) -> None:
    settings = FaceSettings()
    try:
        image_header(data)
        decode(data, settings.max_bytes, 4_000_000)
    except (MediaRejected, TooLarge):
        return


def _audio(data: bytes) -> None:
    limits = VoiceSettings().limits
    try:
        read_wav_header(data, limits)
        samples = decode_wav(data, limits)
    except (MediaRejected, TooLarge):
        return
    if not np.isfinite(samples).all() or np.abs(samples).max(initial=0) > 1:
        raise AssertionError("samples out of range")


def _print(data: bytes) -> None:
    try:
        score = likeness(data, bytes([VERSION]) + bytes(range(WIDTH)) * 60)
    except ValueError:
        return
    if not 0 <= score <= 1.0001:
        raise AssertionError("a likeness that is none")


def _cursor(data: bytes) -> None:
    try:
        Cursors(fake_keys()).open(data.decode("utf-8", "surrogateescape"), "binding")
    except BadRequest:
        return
    raise AssertionError("a made-up cursor was taken")


def _token(data: bytes) -> None:
    keys, stage = fake_keys(), _stage()
    text = data.decode("utf-8", "surrogateescape")
    try:
        keys.verify(text, "bank-teller", stage.app.clock.now())
    except NotAllowed:
        return
    raise AssertionError("a made-up token was taken")


def _key(data: bytes) -> None:
    """A page's public key, and a signature by it."""
    try:
        jwk = json.loads(data)
    except (ValueError, RecursionError):
        return
    if isinstance(jwk, dict) and fake_keys().verify_signature(jwk, b"message", data[:64].ljust(64, b"\0")):
        raise AssertionError("a made-up signature was taken")


def _blob(data: bytes) -> None:
    name = data.decode("utf-8", "surrogateescape")
    stage, parsed = _stage(), parse_recording(name)
    if parsed is not None and str(parsed) != name:
        raise AssertionError("a name with two readings")
    for handle in (stage.app.identify.frame, stage.app.verify_voice.clip, stage.app.index.recording):
        try:
            handle(name)
        except AtmError:
            continue


def _csv(data: bytes) -> None:
    stage = _stage()
    try:
        stage.app.people_import.run(Operator("olga", "olga", Role.ADMIN), data, dry_run=True)
    except (BadRequest, TooLarge):
        return


@cache
def _stage() -> Stage:
    return Stage(StageApp())


@cache
def _requests() -> Requests:
    return Requests(operators="local", local_operators=local_operators())


def _request(data: bytes) -> None:
    """`function index` `credential` then id, query, headers and body.

    A bank serves some hundreds and another takes its place: its stores are in memory, and what they hold would be
    taken for a leak.
    """
    if len(data) < 2:
        return
    if next(_asked) % REQUESTS_A_BANK == REQUESTS_A_BANK - 1:
        _requests.cache_clear()
    parts = data[2:].split(AT.encode(), 3)
    text = [part.decode("utf-8", "surrogateescape") for part in (*parts, b"", b"", b"")[:3]]
    headers = dict(line.split(":", 1) for line in text[2].split("\n") if ":" in line)
    answer = _requests().send(
        data[0], data[1], text[0], dict(parse_qsl(text[1])), headers, parts[3] if len(parts) > 3 else b""
    )
    _check(answer)


def _check(answer: func.HttpResponse) -> None:
    if answer.status_code >= 500 and answer.status_code != 503:
        raise AssertionError(f"answered {answer.status_code}")
    body = answer.get_body()
    if 400 <= answer.status_code < 500:
        problem = json.loads(body)
        if problem["status"] != answer.status_code or not problem["code"] or not problem["detail"]:
            raise AssertionError("a problem that says nothing")


def _request_seeds() -> tuple[bytes, ...]:
    bodies = (
        b"",
        b"{}",
        b'{"code":"123456"}',
        b'{"phone":"+12025550142"}',
        b'{"name":"Eve Moreno","phone":"+12025550163","adult":true,"consentVersion":"2026-11"}',
        b'{"token":"a.b.c"}',
        b'{"code":"ABCDEFGHJK","publicKey":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}',
        b'{"account":"checking","amount":"70.00","key":"12345678-1234-1234-1234-123456789abc"}',
        b'{"name":"olga","password":"wrong"}',
        b'{"reason":"Asked for in writing","case":"INC-7"}',
        picture("JPEG"),
        clip(),
    )
    seeds = []
    for index in range(len(_requests().functions)):
        for number, body in enumerate(bodies):
            if (index + number) % 4 == 0:
                query = b"attempt=1&limit=5&cursor=abc&dryRun=true&day=2026-11-22&q=ada&kiosk=K7"
                head = b'Content-Type: application/json\nIf-None-Match: "x"\nRange: bytes=0-9\nAccept-Language: es'
                join = AT.encode()
                ids = b"pada" if number % 2 else b"K7"
                seeds.append(bytes([index, number]) + ids + join + query + join + head + join + body)
    return tuple(seeds)


def targets() -> list[Target]:
    jwk = b'{"kty":"EC","crv":"P-256","x":"' + b"A" * 43 + b'","y":"' + b"B" * 43 + b'"}'
    name = b"K7/2026-11-22/K7_20261122_abcdefghijklmnopqrstuvwx/000001.jpg"
    keys = fake_keys()
    return [
        Target(
            "images",
            _image,
            (
                picture("JPEG"),
                picture("JPEG", progressive=True),
                picture("PNG"),
                picture("WEBP"),
                picture("JPEG", (640, 480), quality=30),
            ),
        ),
        Target("audio", _audio, (clip(), clip(channels=2, width=1), clip(rate=48_000, width=3), clip(0.2, 8000, 8, 4))),
        Target("fingerprints", _print, (bytes([VERSION]) + bytes(range(WIDTH)) * 60, bytes([VERSION]))),
        Target("cursors", _cursor, (Cursors(keys).seal(("a", 1), "other").encode(), b"AAAA")),
        Target("tokens", _token, (keys.sign({"aud": "other", "exp": 1}).encode(), b"e30.e30.AA")),
        Target("keys", _key, (jwk, b"{}", b'{"kty":"EC","x":[1]}')),
        Target("blob names", _blob, (name, name[:-10] + b"voice-01.wav", b"../" + name)),
        Target(
            "csv",
            _csv,
            (
                b"name,phone\nEve Moreno,+12025550163\n",
                b'\xef\xbb\xbfname,phone,language,consent_version\r\n"Moreno, Eve",\'+12025550163,es,2026-11\r\n',
                "name,phone\nŽofie,+12025550164\n".encode("utf-16"),
            ),
        ),
        Target("requests", _request, _request_seeds()),
    ]


_INTERESTING = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"%s%n",
    b'"',
    b"{",
    b"[" * 50,
    b"\n",
)


def mutated(seeds: Sequence[bytes], source: random.Random) -> bytes:
    """A good input, changed in a few places."""
    data = bytearray(source.choice(seeds))
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(data) + 1)
        match source.randrange(6):
            case 0 if data:
                data[at % len(data)] ^= 1 << source.randrange(8)
            case 1:
                data[at:at] = source.choice(_INTERESTING)
            case 2:
                del data[at : at + source.randint(1, 16)]
            case 3:
                data[at:at] = source.randbytes(source.randint(1, 12))
            case 4:
                other = source.choice(seeds)
                cut = source.randrange(len(other) + 1)
                data[at:] = other[cut:]
            case _:
                del data[at:]
    return bytes(data[:100_000])
