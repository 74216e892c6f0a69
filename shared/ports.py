"""What the services need from the outside, as Protocols. Adapters and engines implement them; `wiring/` chooses."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from shared.containers import Container
from shared.domain.face import Embedding, FaceAnalysis
from shared.domain.match import Candidate
from shared.domain.voice import VoiceAnalysis

type Json = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
type Body = dict[str, Json]


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware, in UTC."""


class Randomness(Protocol):
    def bytes(self, count: int) -> bytes:
        """Cryptographically strong random bytes."""


class Keys(Protocol):
    """The server's secrets, by purpose. Every output carries the id of the key it was made with.

    During a rotation two keys are valid: new things are made with the current one, old ones still open.
    """

    @property
    def current(self) -> str:
        """The id of the key that new things are made with."""

    @property
    def ids(self) -> tuple[str, ...]:
        """All valid key ids, the current one first."""

    def secret(self, purpose: str, key: str) -> bytes:
        """32 bytes for one purpose under one key. Raises NotAllowed for a key that is not valid (any more)."""

    def seal(self, purpose: str, plain: bytes, context: str) -> bytes:
        """Encrypt and authenticate (AES-256-GCM), bound to `context`, which must be given again to open."""

    def open(self, purpose: str, sealed: bytes, context: str) -> bytes:
        """Raises NotAllowed when the key is not valid, or the data or its context was altered."""

    def sign(self, claims: Mapping[str, Json]) -> str:
        """A JWT, ES256, with `kid`."""

    def verify(self, token: str, audience: str, at: datetime) -> dict[str, Json]:
        """The claims of a JWT of ours that is valid at `at`. Raises NotAllowed."""

    def jwks(self) -> dict[str, Json]:
        """The public keys (RFC 7517)."""

    def verify_signature(self, public_key: Mapping[str, Json], message: bytes, signature: bytes) -> bool:
        """Whether a P-256 public key (JWK) made this raw r‖s ECDSA/SHA-256 signature. False for any bad input."""


# --- documents ---


@dataclass(frozen=True, slots=True)
class Document:
    """A stored JSON object. `body` holds neither the id, the partition field nor store-internal fields."""

    partition: str
    id: str
    body: Body
    etag: str


@dataclass(frozen=True, slots=True)
class Range:
    """`low` ≤ field < `high`; None leaves a side open. Strings compare by code point."""

    field: str
    low: str | int | float | None = None
    high: str | int | float | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One page of a container, in the order (`order_by`, id, partition). `partition` None reads across partitions.

    `order_by` is the id or one of the container's `orders`, else BadRequest("bad_order"); a document without that
    field is not found by it. `where` is equality on top-level fields, which hold one type throughout a container.
    `limit` is 1–1,000. `cursor` is what the page before returned: it is authenticated, bound to the query's other
    fields but `limit`, and hides what it holds; a foreign or altered one raises BadRequest("bad_cursor").
    """

    container: Container
    partition: str | None = None
    where: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    range: Range | None = None
    order_by: str = "id"
    descending: bool = False
    limit: int = 100
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[Document, ...]
    cursor: str | None


class Documents(Protocol):
    """Small JSON documents (≤ 2 MB), with optimistic concurrency. A store that is down raises Unavailable.

    A body holds no `id`, partition field, `ttl` nor names with a leading underscore, and is JSON; else
    BadRequest("bad_body"). An ETag never comes back, not even when a document is deleted and created again.

    Partitions and ids: 1–255 characters, no `/ \\ ? #`, no control characters, no outer space, not `.`
    or `..`; else BadRequest("bad_id"). An expired document (see `ttl`, in seconds from this very write) does not exist.
    """

    def get(self, container: Container, partition: str, id: str) -> Document | None: ...

    def create(self, container: Container, partition: str, id: str, body: Body, *, ttl: int | None = None) -> Document:
        """Raises AlreadyExists, TooLarge."""

    def replace(
        self, container: Container, partition: str, id: str, body: Body, etag: str, *, ttl: int | None = None
    ) -> Document:
        """Raises LostRace when the ETag is stale or the document is gone, TooLarge."""

    def delete(self, container: Container, partition: str, id: str, etag: str | None = None) -> bool:
        """True if it existed. With an ETag raises LostRace when it is stale."""

    def increment(
        self,
        container: Container,
        partition: str,
        id: str,
        field: str,
        *,
        by: int = 1,
        at_most: int | None = None,
        also: Mapping[str, Json] | None = None,
        ttl: int | None = None,
    ) -> int:
        """Add atomically and return the new value, creating the document (and field, from 0) when missing.

        `also` sets further fields (at most eight) in the same write. LimitReached, with nothing written, if the sum
        would pass `at_most`; its `retry_after` is what is left of the document's life. `ttl` counts from creation
        and is not prolonged. A field that holds no whole number raises BadRequest("bad_field").
        """

    def query(self, query: Query) -> Page: ...

    def count(self, query: Query) -> int:
        """How many documents the query has in all its pages (limit and cursor ignored)."""

    def check(self) -> None:
        """Raises Unavailable unless the store answers."""


# --- media ---


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A blob's properties. `created` is the store's own time of the write, UTC, in whole seconds."""

    name: str
    size: int
    etag: str
    content_type: str
    created: datetime
    metadata: Mapping[str, str]
    tags: Mapping[str, str] | None = None


class Media(Protocol):
    """Blobs by container and name. A store that is down raises Unavailable."""

    def put(
        self,
        container: str,
        name: str,
        data: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        etag: str | None = None,
    ) -> MediaInfo:
        """Write once (AlreadyExists), or with `etag` replace exactly that version (LostRace).

        Creates the container when missing. Raises BadRequest for a container, name, metadata (header-safe ASCII) or
        tags (at most ten; letters, digits, space and `+ - . / : = _`) that a blob cannot have: "bad_name",
        "bad_metadata", "bad_tags".
        """

    def read(self, container: str, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Raises NotFound; an offset past the end raises BadRequest("bad_range")."""

    def info(self, container: str, name: str) -> MediaInfo | None:
        """Properties and metadata (not tags)."""

    def list(self, container: str, prefix: str = "") -> Iterator[MediaInfo]:
        """In name order, with tags, fetched page by page."""

    def tags(self, container: str, name: str) -> dict[str, str]: ...

    def set_tags(self, container: str, name: str, tags: Mapping[str, str]) -> None:
        """Replace all index tags (at most ten). Raises NotFound."""

    def find(self, container: str, expression: str) -> Iterator[str]:
        """Names by blob index tags, e.g. `"session" = 'K7_…' AND "kind" = 'frame'`."""

    def delete(self, container: str, name: str) -> bool: ...

    def stage(self, container: str, name: str, block: int, data: bytes) -> None:
        """Put a numbered block of a blob to be: nothing is visible before `commit`; staging it again replaces it.

        Creates the container when missing. Blocks that are never committed go by themselves (on Azure after a week).
        """

    def commit(self, container: str, name: str, blocks: int, *, content_type: str) -> MediaInfo:
        """Make the blob of its blocks 0 to `blocks` - 1, and drop all others. Repeating it is harmless.

        Raises NotFound where a block is missing.
        """

    def check(self) -> None:
        """Raises Unavailable unless the store answers."""


@dataclass(frozen=True, slots=True)
class PoisonMessage:
    """A message that was tried as often as it may be. `blob` and `session` where it is about a recording."""

    queue: str
    id: str
    blob: str | None
    session: str | None


class PoisonQueues(Protocol):
    """Where the host puts what no handler could deal with. Raises Unavailable."""

    def waiting(self) -> tuple[PoisonMessage, ...]:
        """The first messages of each such queue, left where they are."""

    def discard(self, sessions: frozenset[str]) -> int:
        """Remove the messages about these visits; returns how many."""


# --- engines ---


class FaceEngine(Protocol):
    """Raises MediaRejected for bytes that are not an acceptable image, Unavailable when a model is missing or fails."""

    @property
    def model(self) -> str:
        """Name and version of the recogniser: templates of different models never meet."""

    def analyse(self, image: bytes) -> FaceAnalysis: ...

    def similarity(self, a: Embedding, b: Embedding) -> float:
        """Cosine in [-1, 1] of two embeddings of this model."""

    def warm(self) -> None:
        """Load every model now. Raises Unavailable."""


class Thumbnailer(Protocol):
    def small(self, image: bytes) -> bytes:
        """A JPEG at most 160 pixels high, upright. Raises MediaRejected."""


class Gallery(Protocol):
    """Face templates of all enrolled people, searched exactly."""

    def match(self, embedding: Embedding, top: int = 5) -> tuple[Candidate, ...]:
        """Best score per person, best person first. Raises Unavailable when the gallery is not loaded."""

    def verify(self, person: str, embedding: Embedding) -> float | None:
        """Best score against one person's templates; None when the person has none."""

    def people(self) -> int: ...


class MutableGallery(Gallery, Protocol):
    """The gallery as its feed sees it. Readers may run at the same time."""

    @property
    def model(self) -> str:
        """The recogniser whose templates it holds."""

    def replace(self, person: str, embeddings: Sequence[Embedding], learned: Sequence[Embedding] = ()) -> None:
        """Make these the person's templates; none removes the person.

        `learned` ones only help: they raise the score of the others by no more than the gallery's lift.
        """

    def load(self, model: str, people: Sequence[str], vectors: bytes, learned: Collection[int] = frozenset()) -> None:
        """Replace everything at once: packed float16 vectors, the i-th of the i-th person; `learned` names rows."""

    def names(self) -> frozenset[str]:
        """Everybody who has a template here."""

    def remove(self, person: str) -> None:
        """Forget a person; unknown ones are no error."""


class VoiceEngine(Protocol):
    """Raises MediaRejected for bytes that are not an acceptable WAV, Unavailable when a model is missing or fails."""

    @property
    def model(self) -> str:
        """Name and version of the speaker model: embeddings and fingerprints of different models never meet."""

    def analyse(self, wav: bytes, sentence: str = "", digits: str = "") -> VoiceAnalysis:
        """Everything about one clip in one pass: speech, speaker, fingerprint and, where a text is expected, its score.

        The text is `sentence`, then the digits (a string of 0-9), read in one breath; either may be left out.
        """

    def profile(self, embeddings: Sequence[Embedding]) -> Embedding:
        """The normalised mean of several clips of one speaker."""

    def similarity(self, a: Embedding, b: Embedding) -> float:
        """Cosine in [-1, 1] of two embeddings of this model."""

    def warm(self) -> None:
        """Load every model now. Raises Unavailable."""

    def repeat(self, a: bytes, b: bytes) -> float:
        """How alike two fingerprints are in [0, 1]; a replay of the same audio scores high."""


class AuthenticatorCodes(Protocol):
    """The six-digit codes of authenticator apps (TOTP). A secret is base32."""

    def uri(self, secret: str, account: str, issuer: str) -> str:
        """`otpauth://…`, which apps read."""

    def qr(self, uri: str) -> str:
        """The same as a picture: SVG."""

    def step(self, secret: str, code: str, at: datetime) -> int | None:
        """The number of the 30-second step whose code this is: the present one or a neighbour, else None."""


# --- outside services ---


class FaceQuality(StrEnum):
    """How fit a face is to be recognised, as the service rates it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class DetectedFace:
    """The largest face in an image. `id` is the service's name for it, which it forgets after a minute; `box` is left,
    top, width, height in pixels."""

    id: str
    quality: FaceQuality
    box: tuple[int, int, int, int]


class TrainingState(StrEnum):
    NEVER = "never"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Training:
    """`succeeded_at` is the service's own time of the last training that succeeded, only to be compared for change."""

    state: TrainingState
    succeeded_at: str | None = None


class FaceService(Protocol):
    """A service outside that keeps copies of the enrolled faces in one group, and compares faces with them.

    `reference` is a random id of ours, the only thing of ours that the service is told. Person ids are the service's.
    Everything raises Unavailable when the service does not answer in time, refuses, or answers nonsense; only what
    may safely be done twice is tried again, so a `create_` or `add_` that failed may have been done all the same.
    """

    def prepare(self) -> None:
        """Make the group unless there is one. Once this has succeeded, it costs nothing."""

    def detect(self, image: bytes) -> DetectedFace | None:
        """Raises MediaRejected for what the service takes for no image."""

    def identify(self, face: str, at_least: float, top: int = 5) -> tuple[Candidate, ...]:
        """Persons of the group by confidence, best first; none while it was never trained."""

    def verify(self, face: str, person: str) -> float | None:
        """The confidence that this is the person; None when the service has no such person, or no face of theirs."""

    def create_person(self, reference: str) -> str: ...

    def find_person(self, reference: str) -> str | None:
        """Looks through the whole group: only for when a creation's outcome is not known."""

    def add_face(self, person: str, reference: str, image: bytes, box: tuple[int, int, int, int]) -> None:
        """Raises MediaRejected, NotFound."""

    def faces(self, person: str) -> frozenset[str]:
        """The references of a person's faces. Raises NotFound."""

    def delete_person(self, person: str) -> None:
        """With all faces; one that is gone already is no error."""

    def train(self) -> None:
        """Ask for a training; new persons are found only after it."""

    def training(self) -> Training: ...


class SmsRefused(Exception):
    """The provider said no: the message will not be delivered. `reason` is a stable word, never the number."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SmsUnknown(Exception):
    """No answer, or one that leaves it open whether the message went out. Never send again by yourself."""


class Sms(Protocol):
    def send(self, to: str, text: str, reference: str) -> str:
        """Send to an E.164 number; returns the provider's message id. Raises SmsRefused or SmsUnknown."""


class SmsOutcome(StrEnum):
    TAKEN = "taken"  # the provider has it and is on its way with it
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SmsReport:
    """What the provider says of a message it took. `reference` is what `Sms.send` was given; `reason` a stable word."""

    reference: str
    outcome: SmsOutcome
    reason: str | None = None


class SmsReports(Protocol):
    def read(self, reference: str, body: bytes, signature: str) -> SmsReport | None:
        """A report as it came in; None when it says nothing to us. Raises NotAllowed for what the provider did not
        send."""
