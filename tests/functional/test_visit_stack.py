"""Visits against the running stack, real engines and all: what must survive a crash, a race, a curious log reader."""

import re
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from devhost import speech
from devhost.demo.camera import Camera
from devhost.demo.client import KioskClient, Problem
from devhost.demo.people import ADA, STRANGER, enrol, open_app, pairing_code
from devhost.demo.plays import PLAYS, Play, Stage, expect, present
from devhost.stack import Stack, StackOptions
from shared.containers import MEDIA_INDEX
from shared.domain.recording import CONTAINER
from shared.ports import Query
from shared.services.people.templates import Kind
from shared.wiring import App
from tests.contract.azure_face.eyes import EngineEyes
from tests.contract.azure_face.server import KEY, playing
from tests.functional.engine_files import models_folder
from tests.patience import PATIENT


class Running:
    """A stack with one enrolled customer and one paired kiosk. `secrets`: what must never be read anywhere."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.app: App = open_app(stack.environment)
        enrol(self.app, ADA)
        self.code = pairing_code(self.app, "F1", "Functional test", "UTC")
        client = KioskClient(stack.url)
        client.pair(self.code)
        self.stage = Stage(client, stack.phone_url)
        self.secrets: set[str] = {ADA.phone, ADA.phone.removeprefix("+1"), self.code, KEY}


EMBEDDED = pytest.mark.parametrize("running", ["fast", "cloud"], indirect=True, scope="module")
"""For what has nothing to do with who identifies."""


@pytest.fixture(scope="module", params=["fast", "cloud", "azure face"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Events as fast as they go, as late and often as in the cloud, and faces identified by the service outside."""
    settings = {**PATIENT, "VISIT_IDLE_SECONDS": "300", "LOG_LEVEL": "DEBUG"}
    with ExitStack() as open_until_the_end:
        if request.param == "azure face":
            service = open_until_the_end.enter_context(playing(EngineEyes(models_folder())))
            settings |= {"FACE_PROVIDER": "azure", "FACE_ENDPOINT": service.url, "FACE_KEY": KEY}
            settings |= {"FACE_TIMEOUT_SECONDS": "15"}
        options = StackOptions(
            state=tmp_path_factory.mktemp("stack"),
            usual_ports=False,
            quiet=True,
            profile="cloud" if request.param == "cloud" else "fast",
            settings=settings,
        )
        yield Running(open_until_the_end.enter_context(Stack(options)))
        if request.param == "azure face":
            assert service.violations == []
            assert service.count("IdentifyFromLargePersonGroup") > 0, "nobody asked the service"


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.__name__)
def test_every_visit_of_the_demo_ends_as_it_must(running: Running, play: Play) -> None:
    play(running.stage, ADA, STRANGER)


@EMBEDDED
def test_a_hundred_right_codes_over_http_are_accepted_once(running: Running) -> None:
    visit = running.stage.kiosk.start()
    with Camera(visit, ADA.frames()) as camera:
        expect(camera, "pin", 60)
        code = running.stage.code_for(ADA.phone)
        running.secrets |= {code, visit.headers["X-Visit-Token"]}
        present(camera, lambda: None)
        accepted: list[bool] = []
        twins = [visit.on_another_connection() for _ in range(20)]
        start = threading.Barrier(len(twins))

        def submit(number: int) -> None:
            start.wait()
            for _ in range(5):
                try:
                    accepted.append(twins[number].pin(code)["accepted"])
                except Problem as problem:
                    assert problem.status == 409, problem.code

        threads = [threading.Thread(target=submit, args=(n,)) for n in range(len(twins))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if True not in accepted:  # on a busy machine all may have come while nobody was seen in front
            accepted.append(present(camera, lambda: visit.pin(code))["accepted"])
        assert accepted.count(True) == 1
        assert visit.view()["state"] == "voice"
        visit.leave()


@EMBEDDED
def test_a_visit_survives_the_death_of_the_host_in_the_middle(running: Running) -> None:
    visit = running.stage.kiosk.start()
    with Camera(visit, ADA.frames()) as camera:
        expect(camera, "pin", 60)
    code = running.stage.code_for(ADA.phone)
    running.secrets.add(code)
    running.stack.kill_host()
    running.stack.start_host()
    with Camera(visit, ADA.frames()) as camera:
        assert present(camera, lambda: visit.pin(code))["accepted"]
        phrase = camera.wait(lambda view: bool(view["voice"]), 30, "the phrase")["voice"]
        clip = speech.say(ADA.voice, phrase["digits"], seed=uuid.uuid4().int % 2**32)
        present(camera, lambda: visit.voice(phrase["attempt"], clip))
        camera.wait(lambda view: view["state"] != "voice" or view["voice"]["attempt"] > 1, 60, "the voice check")
    visit.leave()


def test_every_recording_is_indexed_exactly_once(running: Running) -> None:
    deadline = time.monotonic() + 60
    while (indexed := _indexed(running)) != (written := _written(running)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert indexed == written


def _written(running: Running) -> list[str]:
    return sorted(info.name for info in running.app.media.list(CONTAINER))


def _indexed(running: Running) -> list[str]:
    names: list[str] = []
    cursor: str | None = None
    while True:
        page = running.app.documents.query(Query(MEDIA_INDEX, order_by="at", limit=500, cursor=cursor))
        names += [str(d.body["name"]) for d in page.items]
        if (cursor := page.cursor) is None:
            return sorted(names)


def test_no_log_holds_a_code_a_number_a_token_or_a_template(running: Running) -> None:
    logs = "\n".join(path.read_text(errors="replace") for path in sorted(Path(running.stack.options.logs).iterdir()))
    assert len(logs) > 10_000
    for secret in running.secrets:
        assert not re.search(rf"(?<![\w.-]){re.escape(secret)}(?![\w-])", logs), "a secret stands in a log"
    templates = running.app.templates.of(str(running.app.people.by_phone(ADA.phone)), Kind.FACE)
    for template in templates:
        assert template.embedding.hex()[:32] not in logs
