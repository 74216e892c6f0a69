"""The blob triggers. Events come at least once, late, out of order and unfiltered by path: the services check.

They are coroutines, so that however many wait for their turn, none of the worker's threads waits with them.
"""

import asyncio
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager

import azure.functions as func

from shared.domain.recording import CONTAINER, parse_recording
from shared.logs import invocation_id, session_id
from shared.services.visit.handling import Handling
from shared.trace import METADATA, adopt, current
from shared.wiring import app

blueprint = func.Blueprint()

_PATH = f"{CONTAINER}/{{name}}"
_STORAGE = "AzureWebJobsStorage"


@blueprint.function_name("identify_face")
@blueprint.blob_trigger("blob", path=_PATH, connection=_STORAGE, source=func.BlobSource.EVENT_GRID)
async def identify_face(blob: func.InputStream, context: func.Context) -> None:
    with _under_its_trace("identify face", blob, context) as (name, at):
        if name.endswith(".jpg"):
            await _done((await _handling()).frame(name, blob.read(), at))


@blueprint.function_name("verify_voice")
@blueprint.blob_trigger("blob", path=_PATH, connection=_STORAGE, source=func.BlobSource.EVENT_GRID)
async def verify_voice(blob: func.InputStream, context: func.Context) -> None:
    with _under_its_trace("verify voice", blob, context) as (name, _):
        if name.endswith(".wav"):
            await _done((await _handling()).clip(name, blob.read()))


@blueprint.function_name("index_recording")
@blueprint.blob_trigger("blob", path=_PATH, connection=_STORAGE, source=func.BlobSource.EVENT_GRID)
async def index_recording(blob: func.InputStream, context: func.Context) -> None:
    with _under_its_trace("index recording", blob, context) as (name, _):
        await _done((await _handling()).recording(name, blob.read()))


async def _handling() -> Handling:
    """Made with the first event, which may have to wait for engines being loaded: not on the loop of all requests."""
    return await asyncio.to_thread(lambda: app().handling)


async def _done(handled: "Future[None]") -> None:
    await asyncio.shield(asyncio.wrap_future(handled))  # others may wait for the same: nobody cancels it for all


@contextmanager
def _under_its_trace(work: str, blob: func.InputStream, context: func.Context) -> Iterator[tuple[str, str | None]]:
    """Go on with the trace of the request that stored the recording; gives the blob's name inside its container, and
    when it was taken."""
    container, _, inner = (blob.name or "").partition("/")
    name = inner if container == CONTAINER else ""  # a thumbnail has its picture's name
    recording = parse_recording(name)
    kept: dict[str, str] | None = getattr(blob, "metadata", None)  # the library's abstract class does not name it
    metadata = {key.lower(): value for key, value in (kept or {}).items()}  # Azure may change their case
    invocation_id.set(context.invocation_id)
    session_id.set(recording.session if recording else None)
    adopt(metadata.get(METADATA))
    with app().spans(work, current()):
        yield name, metadata.get("at")
