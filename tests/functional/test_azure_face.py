"""The Face adapter against a server that keeps to Microsoft's published description, and one that misbehaves."""

import itertools
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from shared.adapters.azure_face import AzureFace, by_identity, by_key
from shared.adapters.azure_face_errors import ADVICE
from shared.adapters.azure_face_http import FaceHttp
from shared.domain.errors import MediaRejected, NotFound, Unavailable
from shared.ports import FaceQuality, TrainingState
from tests.contract.azure_face.eyes import ReadingEyes, picture
from tests.contract.azure_face.server import KEY, FaceServer, Trouble, playing
from tests.contract.azure_face.service import Group, Person
from tests.functional.storage import free_port

ADA = picture("ada").encode()
GROUP = "face-atm"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def server() -> Iterator[FaceServer]:
    with playing(ReadingEyes()) as playing_server:
        yield playing_server
        assert playing_server.violations == []


def face(url: str, waited: list[float] | None = None, seconds: float = 1.0, who: Any = None) -> AzureFace:
    pause = time.sleep if waited is None else waited.append
    return AzureFace(FaceHttp(url, who or by_key(KEY), seconds, pause), GROUP)


def enrolled(server: FaceServer, name: str = "ada") -> tuple[AzureFace, str]:
    """A prepared service with one trained person."""
    service = face(server.url)
    service.prepare()
    person = service.create_person(f"p{name}")
    service.add_face(person, "face.1", picture(name).encode(), (0, 0, 90, 120))
    service.train()
    server.service.training_seconds = 0.0
    server.service.groups[GROUP].ready_at = 0.0
    return service, person


def advice(caplog: pytest.LogCaptureFixture) -> str:
    (said,) = [r.__dict__["facts"] for r in caplog.records if r.msg == "face service refuses"]
    assert said["advice"] == ADVICE[said["reason"]]
    return str(said["reason"])


def test_a_missing_group_is_made_once_for_the_recognition_model_in_use(server: FaceServer) -> None:
    for service in (face(server.url), face(server.url)):
        service.prepare()
        service.prepare()
    assert server.service.groups[GROUP].model == "recognition_04"
    assert server.count("CreateLargePersonGroup") == 1
    assert server.count("GetLargePersonGroup") == 3


def test_a_group_that_another_instance_makes_at_the_same_moment_is_taken(server: FaceServer) -> None:
    server.trouble("GetLargePersonGroup", Trouble(404, "LargePersonGroupNotFound"))
    server.service.groups[GROUP] = Group("recognition_04")
    face(server.url).prepare()
    assert server.count("CreateLargePersonGroup") == 1


def test_a_group_of_another_model_is_refused_and_said_plainly(
    server: FaceServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.service.groups[GROUP] = Group("recognition_03")
    with pytest.raises(Unavailable):
        face(server.url).prepare()
    assert advice(caplog) == "wrong_model"


def test_a_face_is_detected_identified_and_verified(server: FaceServer) -> None:
    service, person = enrolled(server)
    seen = service.detect(picture("ada+ben").encode())
    assert seen is not None and seen.quality is FaceQuality.HIGH and seen.box == (0, 0, 90, 120)
    (candidate,) = service.identify(seen.id, 0.6)
    assert (candidate.person, candidate.score) == (person, 0.92)
    assert service.verify(seen.id, person) == 0.92
    assert service.verify(seen.id, NOBODY) is None
    stranger = service.detect(picture("eve").encode())
    assert stranger is not None and service.identify(stranger.id, 0.6) == ()


def test_what_is_no_face_and_what_is_no_image(server: FaceServer) -> None:
    service = face(server.url)
    assert service.detect(picture("nobody").encode()) is None
    for image in (picture("broken").encode(), b"small", b"x" * (6 * 1024 * 1024 + 1)):
        with pytest.raises(MediaRejected):
            service.detect(image)


def test_a_group_that_was_never_trained_knows_nobody(server: FaceServer) -> None:
    service = face(server.url)
    service.prepare()
    seen = service.detect(ADA)
    assert seen is not None and service.identify(seen.id, 0.5) == ()
    assert service.training().state is TrainingState.NEVER


def test_a_training_runs_then_has_succeeded(server: FaceServer) -> None:
    service = face(server.url)
    service.prepare()
    server.service.training_seconds = 3600
    service.train()
    assert service.training().state is TrainingState.RUNNING
    server.service.groups[GROUP].ready_at = 0
    done = service.training()
    assert done.state is TrainingState.SUCCEEDED and done.succeeded_at


def test_a_person_is_found_among_many_by_our_reference(server: FaceServer) -> None:
    service = face(server.url)
    service.prepare()
    group = server.service.groups[GROUP]
    for number in range(1001):
        group.persons[f"{number:08x}-0000-4000-8000-000000000000"] = Person(f"p{number}", f"p{number}")
    assert service.find_person("p1000") == f"{1000:08x}-0000-4000-8000-000000000000"
    assert service.find_person("p4711") is None


def test_a_person_goes_with_all_faces_and_going_twice_is_no_error(server: FaceServer) -> None:
    service, person = enrolled(server)
    assert service.faces(person) == {"face.1"}
    service.delete_person(person)
    service.delete_person(person)
    assert server.service.persons() == []
    with pytest.raises(NotFound):
        service.faces(person)


def test_too_many_requests_wait_as_long_as_they_are_told(server: FaceServer) -> None:
    waited: list[float] = []
    server.trouble("Detect", Trouble(429, "429", {"Retry-After": "2"}))
    assert face(server.url, waited, seconds=5).detect(ADA) is not None
    assert waited == [2.0] and server.count("Detect") == 2


def test_too_many_requests_are_safe_to_repeat_even_for_a_creation(server: FaceServer) -> None:
    service = face(server.url, [])
    service.prepare()
    server.trouble("CreateLargePersonGroupPerson", Trouble(429, "429", {"Retry-After": "1"}))
    service.create_person("pada")
    assert len(server.service.persons()) == 1


def test_a_wait_longer_than_anybody_would_wait_is_passed_on(
    server: FaceServer, caplog: pytest.LogCaptureFixture
) -> None:
    waited: list[float] = []
    server.trouble("Detect", Trouble(429, "429", {"Retry-After": "30"}))
    with pytest.raises(Unavailable) as failure:
        face(server.url, waited).detect(ADA)
    assert failure.value.retry_after == 30 and waited == [] and server.count("Detect") == 1
    assert advice(caplog) == "rate"


def test_a_group_under_training_is_asked_again_a_moment_later(server: FaceServer) -> None:
    service, person = enrolled(server)
    seen = service.detect(ADA)
    assert seen is not None
    server.trouble("IdentifyFromLargePersonGroup", Trouble(409, "LargePersonGroupTrainingNotFinished"))
    assert [c.person for c in service.identify(seen.id, 0.5)] == [person]


@pytest.mark.parametrize("trouble", [Trouble(500, "InternalServerError"), Trouble(503), Trouble(0), Trouble(408)])
def test_what_is_safe_is_tried_again(server: FaceServer, trouble: Trouble) -> None:
    server.trouble("Detect", trouble, trouble)
    assert face(server.url, []).detect(ADA) is not None
    assert server.count("Detect") == 3


@pytest.mark.parametrize(
    "trouble",
    [Trouble(500), Trouble(503), Trouble(0), Trouble(0, done=True), Trouble(500, done=True), Trouble(200, body=b"{")],
)
def test_what_might_be_done_twice_is_asked_once(server: FaceServer, trouble: Trouble) -> None:
    service = face(server.url, [])
    service.prepare()
    server.trouble("CreateLargePersonGroupPerson", trouble)
    server.trouble("FaceFromStream", trouble)
    with pytest.raises(Unavailable):
        service.create_person("pada")
    assert server.count("CreateLargePersonGroupPerson") == 1 and len(server.service.persons()) <= 1
    person = service.create_person("pben")
    with pytest.raises(Unavailable):
        service.add_face(person, "face.1", picture("ben").encode(), (0, 0, 90, 120))
    assert server.count("FaceFromStream") == 1


def test_a_service_that_never_answers_is_not_waited_for_and_nobody_is_identified(server: FaceServer) -> None:
    server.trouble("Detect", Trouble(200, seconds=3600))
    with pytest.raises(Unavailable):
        face(server.url, seconds=0.3).detect(ADA)


def test_what_never_reached_anybody_is_tried_again_even_a_creation() -> None:
    class Waits(Exception):
        pass

    def pause(_: float) -> None:
        raise Waits

    http = FaceHttp(f"http://127.0.0.1:{free_port()}", by_key(KEY), 1.0, pause)
    with pytest.raises(Waits):
        AzureFace(http, GROUP).create_person("pada")


def test_a_host_that_is_not_there_is_unavailable() -> None:
    for url in (f"http://127.0.0.1:{free_port()}", "http://no-such-host.invalid"):
        with pytest.raises(Unavailable):
            face(url, []).prepare()


LIMITED = (
    b'{"error": {"code": "InvalidRequest", "message": "Invalid request has been sent.", "innererror": {"code":'
    b' "UnsupportedFeature", "message": "Feature is not supported, missing approval for one or more of the following'
    b' features: Identification."}}}'
)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (Trouble(403, body=LIMITED), "limited_access"),
        (Trouble(401, "401"), "not_authorised"),
        (Trouble(403, "PermissionDenied"), "not_authorised"),
        (Trouble(403, "QuotaExceeded"), "quota"),
        (Trouble(429, "OutOfCallVolumeQuota"), "quota"),
        (Trouble(404, body=b"<html>no</html>"), "no_such_address"),
        (Trouble(302, headers={"Location": "http://127.0.0.1:1/"}), "no_such_address"),
        (Trouble(400, "BadArgument"), "bad_request"),
        (Trouble(400, "LargePersonGroupNotFound"), "no_group"),
    ],
)
def test_a_refusal_for_good_is_not_repeated_and_tells_what_to_do_once(
    server: FaceServer, caplog: pytest.LogCaptureFixture, trouble: Trouble, reason: str
) -> None:
    service = face(server.url, [])
    server.trouble("IdentifyFromLargePersonGroup", trouble, trouble)
    for _ in range(2):
        with pytest.raises(Unavailable):
            service.identify(NOBODY, 0.5)
    assert advice(caplog) == reason
    assert server.count("IdentifyFromLargePersonGroup") == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"{}",
        b"[{}]",
        b"[" * 100_000,
        b'[{"faceId": "x", "candidates": []}',
        b'[{"candidates": [{"personId": "../../x", "confidence": 0.9}]}]',
        b'[{"candidates": [{"personId": "00000000-0000-4000-8000-000000000000", "confidence": 7}]}]',
        b'[{"candidates": [{"personId": "00000000-0000-4000-8000-000000000000", "confidence": true}]}]',
        b"[" + b" " * 5_000_000 + b"]",
    ],
)
def test_an_answer_that_makes_no_sense_identifies_nobody(server: FaceServer, body: bytes) -> None:
    server.trouble("IdentifyFromLargePersonGroup", *itertools.repeat(Trouble(200, body=body), 6))
    with pytest.raises(Unavailable):
        face(server.url, [], seconds=2).identify(NOBODY, 0.5)


def test_what_calls_took_is_measured_by_operation(server: FaceServer) -> None:
    operations: list[str] = []

    def measure(operation: str, make: Callable[[], bytes]) -> bytes:
        operations.append(operation)
        return make()

    service = AzureFace(FaceHttp(server.url, by_key(KEY), 1, measure=measure), GROUP)
    service.prepare()
    service.detect(ADA)
    assert operations == ["largepersongroups"] * 3 + ["detect"]


class Credential:
    """An identity that has tokens, or none."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self.scopes: tuple[str, ...] = ()

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        self.scopes = scopes
        if self.token is None:
            raise ClientAuthenticationError("no identity here")
        return AccessToken(self.token, 0)


def test_an_identity_signs_in_with_a_token_of_the_services_scope(server: FaceServer) -> None:
    credential = Credential(KEY)
    assert face(server.url, who=by_identity(credential)).detect(ADA) is not None
    assert credential.scopes == ("https://cognitiveservices.azure.com/.default",)
    with pytest.raises(Unavailable):
        face(server.url, who=by_identity(Credential(None))).detect(ADA)


def test_an_entry_in_somebodys_netrc_does_not_take_the_tokens_place(
    server: FaceServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("default login eve password secret\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert face(server.url, who=by_identity(Credential(KEY))).detect(ADA) is not None


def test_neither_key_nor_picture_nor_ids_are_logged(server: FaceServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "face_atm")
    service, person = enrolled(server)
    seen = service.detect(ADA)
    server.trouble("", Trouble(403, "PermissionDenied"))
    with pytest.raises(Unavailable):
        service.verify(seen.id if seen else "", person)
    said = " ".join(f"{r.getMessage()} {r.__dict__.get('facts', '')}" for r in caplog.records if r.name == "face_atm")
    assert "face service refuses" in said
    for secret in (KEY, person, seen.id if seen else "", "pad:"):
        assert secret not in said
