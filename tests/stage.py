"""The whole app on fakes: scripted engines, a clock that is set, everything else as in production.

An image is a line of text, `ada`, `ada+live:no`, `ada+ben` (two near faces), `nobody`, `broken`; a clip is
`voice:ada;digits:123456`. So a test says what happens in front of the machine in one word.
"""

import base64
import json
import math
from collections.abc import Collection, Sequence

from shared.domain.errors import MediaRejected, Unavailable
from shared.domain.face import Box, Embedding, FaceAnalysis, Guidance, Pose, Quality
from shared.domain.match import Candidate
from shared.domain.pin import pin_code
from shared.domain.session import Session, State
from shared.domain.voice import PhraseScore, VoiceAnalysis
from shared.services.people.registry import Person, Status
from shared.services.people.templates import Kind
from shared.services.session.store import Stored
from shared.settings import Settings
from shared.wiring import App
from tests.fakes import AtOnce, FakeClock, FakeDocuments, FakeMedia, FakePoisonQueues, FakeRandomness, FakeSms

MODEL = "scripted-1"


def _pose(facts: dict[str, str]) -> Pose:
    """As a head moves: it narrows as far as it turns."""
    yaw, pitch = float(facts.get("yaw", "0")), float(facts.get("pitch", "0"))
    return Pose(yaw, pitch, 0, float(facts.get("breadth", math.cos(math.radians(yaw)))))


class ScriptedFaceEngine:
    """Sees what the image's text says. `broken` makes it fail, as an engine whose model is missing would."""

    model = MODEL

    def __init__(self) -> None:
        self.broken = False
        self.analysed: list[str] = []

    def analyse(self, image: bytes) -> FaceAnalysis:
        if self.broken:
            raise Unavailable("face engine")
        text = image.decode()
        self.analysed.append(text)
        if text == "broken":
            raise MediaRejected("not_an_image")
        names = [part for part in text.split("+") if ":" not in part and part != "nobody"]
        facts = dict(part.split(":") for part in text.split("+") if ":" in part)
        hint = facts.get("hint")
        return FaceAnalysis(
            width=640,
            height=480,
            faces=tuple(Box(100.0 * i, 0, 90, 120, 0.95) for i in range(len(names))),
            hint=Guidance(hint) if hint else (Guidance.LOOK_AT_CAMERA if not names else None),
            quality=Quality(600, 120, 80, 13) if names else None,
            pose=_pose(facts) if names else None,
            live=facts.get("live") != "no" if names else None,
            live_score=0.9 if names else None,
            embedding=names[0].encode() if names else None,
            model=MODEL,
        )

    def warm(self) -> None: ...

    def similarity(self, a: Embedding, b: Embedding) -> float:
        return 0.8 if a == b else 0.05


class ScriptedGallery:
    """Names are embeddings: a person matches their own name, and somebody called `x~y` matches both x and y."""

    model = MODEL

    def __init__(self) -> None:
        self.templates: dict[str, list[Embedding]] = {}

    def match(self, embedding: Embedding, top: int = 5) -> tuple[Candidate, ...]:
        found = [Candidate(person, self._score(person, embedding)) for person in self.templates]
        return tuple(sorted(found, key=lambda c: -c.score)[:top])

    def verify(self, person: str, embedding: Embedding) -> float | None:
        return self._score(person, embedding) if person in self.templates else None

    def people(self) -> int:
        return len(self.templates)

    def replace(self, person: str, embeddings: Sequence[Embedding], learned: Sequence[Embedding] = ()) -> None:
        if embeddings:
            self.templates[person] = [*embeddings, *learned]
        else:
            self.remove(person)

    def load(self, model: str, people: Sequence[str], vectors: bytes, learned: Collection[int] = frozenset()) -> None:
        """Rows are of one length."""
        width = len(vectors) // max(1, len(people))
        self.templates = {}
        for row, person in enumerate(people):
            self.templates.setdefault(person, []).append(vectors[row * width : (row + 1) * width])

    def names(self) -> frozenset[str]:
        return frozenset(self.templates)

    def remove(self, person: str) -> None:
        self.templates.pop(person, None)

    def _score(self, person: str, embedding: Embedding) -> float:
        return max(0.8 if t in embedding.split(b"~") else 0.05 for t in self.templates[person])


class ScriptedVoiceEngine:
    """Hears what the clip's text says."""

    model = MODEL

    def __init__(self) -> None:
        self.broken = False

    def analyse(self, wav: bytes, sentence: str = "", digits: str = "") -> VoiceAnalysis:
        if self.broken:
            raise Unavailable("voice engine")
        facts = dict(part.split(":") for part in wav.decode().split(";"))
        speech = float(facts.get("speech", "3"))
        right = facts.get("digits") == digits
        spoken = -0.4 if facts.get("words") != "no" else -5.0
        return VoiceAnalysis(
            duration_s=speech,
            speech_s=speech,
            embedding=facts["voice"].encode(),
            phrase=PhraseScore(spoken if sentence else None, -1.0 if right else -40.0),
            fingerprint=wav,
            model=MODEL,
        )

    def profile(self, embeddings: Sequence[Embedding]) -> Embedding:
        return embeddings[0]

    def warm(self) -> None: ...

    def similarity(self, a: Embedding, b: Embedding) -> float:
        return 0.9 if a == b else 0.1

    def repeat(self, a: bytes, b: bytes) -> float:
        return 0.9 if a == b else 0.1


class StageApp(App):
    """Production's wiring; only what stands outside is replaced."""

    def __init__(self, **chosen: object) -> None:
        keys = f"k1:{base64.b64encode(bytes(32)).decode()}"
        super().__init__(Settings(ATM_KEYS=keys, AzureWebJobsStorage="UseDevelopmentStorage=true", **chosen))  # type: ignore[arg-type]
        self.clock = self.fake_clock = FakeClock()  # type: ignore[assignment]
        self.randomness = FakeRandomness()  # type: ignore[assignment]
        self.fake_documents = FakeDocuments(self.fake_clock)
        self.fake_media = FakeMedia(self.fake_clock)
        self.fake_sms = FakeSms()
        self.fake_poison = FakePoisonQueues()
        self.eyes, self.ears = ScriptedFaceEngine(), ScriptedVoiceEngine()
        self.__dict__ |= {
            "documents": self.fake_documents,
            "media": self.fake_media,
            "sms": self.fake_sms,
            "poison": self.fake_poison,
            "face_engine": self.eyes,
            "voice_engine": self.ears,
            "gallery": ScriptedGallery(),
            "analysing": AtOnce(),
            "indexing": AtOnce(),
        }


class Stage:
    """One kiosk, and what people do in front of it."""

    def __init__(self, app: StageApp | None = None) -> None:
        self.app = app or StageApp()
        self.app.kiosks.create("K7", "Shibuya Station", "Asia/Tokyo")
        self.session = ""
        self.token = ""

    def enrol(self, name: str, phone: str = "+12025550142") -> Person:
        app = self.app
        person = app.people.create(
            f"p{name}",
            name=name.title(),
            given_name=name.title(),
            phone=phone,
            status=Status.ACTIVE,
            language="en",
            consent_version="1",
            assurance="staff",
            customer=f"C-{name}",
        )
        app.templates.add(person.id, Kind.FACE, MODEL, name.encode(), at=app.clock.now())
        app.templates.add(person.id, Kind.VOICE, MODEL, name.encode(), at=app.clock.now())
        app.feed.announce(person.id)
        return person

    def begin(self, language: str = "en") -> None:
        session, self.token = self.app.visit.start("K7", language)
        self.session = session.id

    def stored(self) -> Stored:
        return self.app.visit.open(self.session, self.token)

    def now(self) -> Session:
        return self.app.sessions.load(self.session).session

    @property
    def state(self) -> State:
        return self.now().state

    def show(self, *images: str, every: float = 0.4, deliver: bool = True) -> None:
        """Frames in front of the camera, each stored and (unless the event is late) analysed."""
        for image in images:
            self.app.fake_clock.advance(every)
            seq, _ = self.app.visit.frame(self.now(), image.encode())
            if deliver:
                self.app.inline_frame(self.now(), seq, image.encode())

    def code(self) -> str:
        pin = self.now().pin
        assert pin is not None
        return pin_code(self.app.keys.secret("pin", pin.key), pin.nonce)

    def type_pin(self, code: str) -> bool:
        return self.app.visit.pin(self.stored(), code).accepted

    def say(self, who: str, digits: str | None = None, **facts: str) -> None:
        """Read the phrase now shown."""
        phrase = self.now().phrase
        assert phrase is not None
        said = {"voice": who, "digits": digits or phrase.digits, "take": str(phrase.attempt), **facts}
        clip = ";".join(f"{k}:{v}" for k, v in said.items()).encode()
        self.app.visit.voice(self.stored(), phrase.attempt, clip)
        self.app.inline_voice(self.now(), phrase.attempt, clip)

    def to_pin(self, name: str = "ada") -> None:
        self.begin()
        self.show(name, name, name, name)
        assert self.state is State.PIN

    def to_voice(self, name: str = "ada") -> None:
        self.to_pin(name)
        assert self.type_pin(self.code())
        assert self.state is State.VOICE

    def to_granted(self, name: str = "ada") -> None:
        self.to_voice(name)
        self.show(name)
        self.say(name)
        assert self.state is State.GRANTED

    def view(self) -> dict[str, object]:
        view = self.app.views.of(self.app.watch.look(self.app.sessions.load(self.session)))
        loaded: dict[str, object] = json.loads(json.dumps(view))
        return loaded
