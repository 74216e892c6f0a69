"""The gallery from its snapshot and log: every instance ends where the templates are, whatever happened on the way."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from shared.containers import PEOPLE, TEMPLATES
from shared.domain.errors import NotAllowed
from shared.engines.gallery import MatrixGallery
from shared.services.gallery.feed import GalleryFeed
from shared.services.gallery.file import Packed, opened_file, packed, sealed_file, unpacked
from shared.services.gallery.log import PARTITION, GalleryLog
from shared.services.gallery.snapshot import CONTAINER, SnapshotRule, Snapshots
from shared.services.gallery.source import Faces, GallerySource
from shared.services.people.registry import People, Status
from shared.services.people.templates import Kind, Origin, Templates
from tests.fakes import FakeClock, FakeDocuments, FakeMedia, FakeRandomness, fake_keys

MODEL = "sface@1 fp32"


def face(number: int, learned: int = 0) -> bytes:
    drawn = np.random.default_rng(1000 * number + learned).standard_normal(128)
    vector: bytes = (drawn / np.linalg.norm(drawn)).astype("<f4").tobytes()
    return vector


class Bank:
    """Stores and their writer; `instance` is a process that follows them."""

    def __init__(self) -> None:
        self.clock, self.randomness = FakeClock(), FakeRandomness()
        self.documents, self.media = FakeDocuments(self.clock), FakeMedia(self.clock)
        self.keys = fake_keys()
        self.people = People(self.documents, self.keys, self.clock, self.randomness)
        self.templates = Templates(self.documents, self.keys, self.randomness)
        self.log = GalleryLog(self.documents, self.clock)
        self.source = GallerySource(self.documents, self.people, self.templates)
        self.snapshots = self.writer()

    def writer(self, media: FakeMedia | None = None) -> Snapshots:
        rule = SnapshotRule(entries=10, age=timedelta(minutes=15))
        media = media or self.media
        return Snapshots(self.documents, media, self.keys, self.clock, self.randomness, self.log, self.source, rule)

    def instance(self) -> "Instance":
        return Instance(self)

    def enrol(self, number: int, *, learned: Sequence[int] = (), status: Status = Status.ACTIVE) -> str:
        person = self.people.create(
            f"p{number}",
            name=f"Person {number}",
            given_name="Person",
            phone=f"+1202555{number:04d}",
            status=status,
            language="en",
            consent_version="1",
            assurance="staff",
        )
        now = self.clock.now()
        self.templates.add(person.id, Kind.FACE, MODEL, face(number), at=now)
        for one in learned:
            self.templates.add(person.id, Kind.FACE, MODEL, face(number, one), at=now, origin=Origin.LEARNED)
        self.log.announce(person.id)
        return person.id

    def suspend(self, person: str) -> None:
        self.people.save(replace(self.people.require(person), status=Status.SUSPENDED))
        self.log.announce(person)

    def blobs(self) -> list[str]:
        return [blob.name for blob in self.media.list(CONTAINER)]

    def in_force(self) -> Packed:
        snapshot = self.snapshots.read(MODEL)
        assert snapshot is not None
        return snapshot

    def entries(self) -> int:
        """How many entries the log has."""
        texts = (t for t in self.documents.texts() if '"changed"' in t)
        return sum(1 for _ in texts)


class Instance:
    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.gallery = MatrixGallery(MODEL, 0.05)
        self.feed = GalleryFeed(bank.log, bank.source, bank.snapshots, bank.clock)

    def knows(self) -> set[str]:
        """Everybody whom this instance recognises, two seconds later."""
        self.bank.clock.advance(2)
        self.feed.refresh(self.gallery)
        return {person for person in self.gallery.names() if self.recognises(int(person[1:]))}

    def recognises(self, number: int) -> bool:
        best = self.gallery.match(face(number))
        return bool(best) and best[0].person == f"p{number}" and best[0].score > 0.99


@pytest.fixture
def bank() -> Bank:
    return Bank()


def test_an_instance_started_later_knows_the_same_people_from_the_snapshot_and_the_rest_of_the_log(bank: Bank) -> None:
    early = bank.instance()
    for number in range(12):
        bank.enrol(number, learned=(1,) if number % 3 == 0 else ())
    assert early.knows() == {f"p{n}" for n in range(12)}
    assert bank.snapshots.tend(MODEL)
    bank.enrol(12)
    bank.suspend("p3")
    late = bank.instance()
    assert late.knows() == early.knows() == {f"p{n}" for n in range(13)} - {"p3"}
    assert late.gallery.templates() == early.gallery.templates() == 13 - 1 + 3


def test_pending_suspended_and_erased_people_are_in_no_snapshot_and_no_instance(bank: Bank) -> None:
    running = bank.instance()
    for number in range(4):
        bank.enrol(number)
    bank.enrol(4, status=Status.PENDING)
    assert running.knows() == {"p0", "p1", "p2", "p3"}
    bank.snapshots.tend(MODEL)
    bank.suspend("p1")
    bank.documents.delete(PEOPLE, "p2", "p2")
    bank.log.announce("p2")
    assert running.knows() == bank.instance().knows() == {"p0", "p3"}
    bank.snapshots.catch_up()
    assert set(bank.in_force().people) == {"p0", "p3"}


def test_a_snapshot_is_written_when_the_log_has_grown_or_a_change_has_waited(bank: Bank) -> None:
    assert not bank.snapshots.tend(MODEL)
    bank.enrol(0)
    assert bank.snapshots.tend(MODEL)  # the first one
    for number in range(1, 10):
        bank.enrol(number)
    assert not bank.snapshots.tend(MODEL)
    bank.enrol(10)
    assert bank.snapshots.tend(MODEL)  # ten entries
    bank.suspend("p4")
    assert not bank.snapshots.tend(MODEL)
    bank.clock.advance(15 * 60)
    assert bank.snapshots.tend(MODEL)  # a quarter of an hour
    assert "p4" not in bank.in_force().people
    bank.clock.advance(3600)
    assert not bank.snapshots.tend(MODEL)


def test_one_file_remains_and_the_log_is_trimmed_behind_it(bank: Bank) -> None:
    for round_ in range(5):
        for number in range(10):
            bank.enrol(10 * round_ + number)
        bank.snapshots.tend(MODEL)
        assert len(bank.blobs()) == 1
    assert bank.entries() == 11  # one snapshot's worth, and the entry before
    assert len(bank.instance().knows()) == 50


def test_many_changes_at_once_are_read_together(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.services.gallery.feed._MANY", 20)
    instance = bank.instance()
    bank.enrol(0)
    assert instance.knows() == {"p0"}
    for number in range(1, 31):
        bank.enrol(number)
    bank.suspend("p0")
    monkeypatch.setattr(bank.source, "of", lambda *_: pytest.fail("one by one"))
    assert instance.knows() == {f"p{n}" for n in range(1, 31)}


def test_an_instance_that_slept_while_the_log_was_trimmed_starts_anew(bank: Bank) -> None:
    sleeper = bank.instance()
    bank.enrol(0)
    assert sleeper.knows() == {"p0"}
    for number in range(1, 31):
        bank.enrol(number)
        bank.snapshots.tend(MODEL)
    bank.suspend("p0")
    for number in range(31, 61):
        bank.enrol(number)
        bank.snapshots.tend(MODEL)
    assert bank.log.since(1) is None
    assert sleeper.knows() == {f"p{n}" for n in range(1, 61)}


def test_of_two_writers_one_wins_and_the_other_leaves_nothing(bank: Bank) -> None:
    for number in range(3):
        bank.enrol(number)

    class Overtaken(FakeMedia):
        """While it stores its file, somebody else writes a snapshot."""

        def put(self, container, name, data, **more):  # type: ignore[no-untyped-def]
            bank.snapshots.tend(MODEL)
            return bank.media.put(container, name, data, **more)

        def delete(self, container: str, name: str) -> bool:
            return bank.media.delete(container, name)

        def list(self, container, prefix=""):  # type: ignore[no-untyped-def]
            return bank.media.list(container, prefix)

    assert not bank.writer(Overtaken(bank.clock)).tend(MODEL)
    assert len(bank.blobs()) == 1
    assert bank.instance().knows() == {"p0", "p1", "p2"}


def test_a_writer_that_crashes_before_its_file_is_in_force_changes_nothing_and_its_file_goes(bank: Bank) -> None:
    for number in range(3):
        bank.enrol(number)
    bank.snapshots.tend(MODEL)
    bank.media.put(CONTAINER, "sface/orphan.gallery", b"left behind", content_type="x/y")
    assert bank.instance().knows() == {"p0", "p1", "p2"}
    bank.snapshots.tend(MODEL)
    assert len(bank.blobs()) == 2  # it might be a writer's that is just about to point at it
    bank.clock.advance(10 * 60)
    bank.snapshots.tend(MODEL)
    assert len(bank.blobs()) == 1


def test_erasing_leaves_no_vector_in_any_file_not_even_in_an_orphan_and_can_be_repeated(bank: Bank) -> None:
    for number in range(3):
        bank.enrol(number)
    bank.snapshots.tend(MODEL)
    bank.media.put(CONTAINER, "sface/orphan.gallery", b"left behind", content_type="x/y")
    before = bank.blobs()
    bank.suspend("p1")
    for _ in range(2):
        bank.snapshots.catch_up()
        assert set(bank.in_force().people) == {"p0", "p2"}
        assert halved(face(1)) not in bank.in_force().vectors
        assert halved(face(2)) in bank.in_force().vectors
        assert len(bank.blobs()) == 1
        assert not set(before) & set(bank.blobs())


def test_a_lost_or_altered_file_costs_time_only_and_is_written_anew(bank: Bank) -> None:
    for number in range(4):
        bank.enrol(number)
    bank.snapshots.tend(MODEL)
    (name,) = bank.blobs()
    info = bank.media.info(CONTAINER, name)
    assert info is not None
    data = bytearray(bank.media.read(CONTAINER, name))
    data[-9] ^= 1
    bank.media.put(CONTAINER, name, bytes(data), content_type="x/y", etag=info.etag)
    assert bank.snapshots.read(MODEL) is None
    assert bank.instance().knows() == {"p0", "p1", "p2", "p3"}
    bank.media.delete(CONTAINER, name)
    assert bank.instance().knows() == {"p0", "p1", "p2", "p3"}
    assert bank.snapshots.tend(MODEL)
    assert len(set(bank.in_force().people)) == 4


def test_a_snapshot_that_does_not_fit_the_log_is_not_believed(bank: Bank) -> None:
    """As after documents were restored from an older copy."""
    for number in range(3):
        bank.enrol(number)
    bank.snapshots.tend(MODEL)
    bank.documents.delete(TEMPLATES, PARTITION, f"{3:012d}")
    bank.documents.delete(PEOPLE, "p2", "p2")
    assert bank.instance().knows() == {"p0", "p1"}


def test_the_file_says_in_clear_which_model_and_key_and_nothing_of_anybody(bank: Bank) -> None:
    bank.enrol(7)
    bank.snapshots.tend(MODEL)
    data = bank.media.read(CONTAINER, bank.blobs()[0])
    header = data.split(b"\n")[1]
    assert b'"model": "sface@1 fp32"' in header and b'"key": "k1"' in header
    assert b'"p7"' not in data and face(7) not in data and halved(face(7)) not in data


def cosine(a: bytes, b: bytes) -> float:
    return float(np.frombuffer(a, "<f4") @ np.frombuffer(b, "<f4"))


def halved(vector: bytes) -> bytes:
    return np.frombuffer(vector, "<f4").astype("<f2").tobytes()


def gallery_of(people: int) -> Packed:
    return packed(MODEL, 9, {f"p{n}": Faces([face(n)], [face(n, 1)]) for n in range(people)})


def test_what_is_packed_comes_back() -> None:
    gallery = gallery_of(5)
    again = opened_file(sealed_file(gallery, fake_keys(), "f1"), fake_keys(), "f1")
    assert again == gallery
    back = unpacked(again)["p3"]
    assert cosine(back.enrolled[0], face(3)) == pytest.approx(1, abs=1e-3)
    assert cosine(back.learned[0], face(3, 1)) == pytest.approx(1, abs=1e-3)
    assert packed(MODEL, 9, unpacked(again)) == gallery  # nothing more is lost by writing it again and again


def test_an_empty_gallery_is_a_file_too() -> None:
    empty = packed(MODEL, 0, {})
    assert opened_file(sealed_file(empty, fake_keys(), "f1"), fake_keys(), "f1") == empty


@pytest.mark.parametrize("spoil", ["cut", "more", "header", "swapped", "byte", "text"])
def test_any_change_of_the_file_is_noticed(spoil: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.services.gallery.file._CHUNK", 512)
    data = sealed_file(gallery_of(2), fake_keys(), "f1")
    record = 4 + len(b"k1.") + 12 + 256 + 16  # length, key id, nonce, one vector, tag
    spoilt = {
        "cut": data[:-record],
        "more": data + data[-record:],
        "header": data.replace(b'"upTo": 9', b'"upTo": 1'),
        "swapped": data[: -2 * record] + data[-record:] + data[-2 * record : -record],
        "byte": data[:-20] + bytes([data[-20] ^ 1]) + data[-19:],
        "text": b"hello",
    }[spoil]
    assert spoilt != data
    with pytest.raises(NotAllowed):
        opened_file(spoilt, fake_keys(), "f1")


def test_a_file_under_another_id_or_key_does_not_open() -> None:
    data = sealed_file(gallery_of(2), fake_keys(), "f1")
    for keys, id in ((fake_keys(), "f2"), (fake_keys("k2"), "f1")):
        with pytest.raises(NotAllowed):
            opened_file(data, keys, id)
    assert opened_file(data, fake_keys("k2", "k1"), "f1").people
