"""The blob triggers. Events come at least once, late, out of order and unfiltered by path: the services check."""

import azure.functions as func

from shared.domain.recording import CONTAINER
from shared.logs import invocation_id
from shared.wiring import app

blueprint = func.Blueprint()

_PATH = f"{CONTAINER}/{{name}}"
_STORAGE = "AzureWebJobsStorage"


@blueprint.function_name("identify_face")
@blueprint.blob_trigger("blob", path=_PATH, connection=_STORAGE, source=func.BlobSource.EVENT_GRID)
def identify_face(blob: func.InputStream, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    if (name := _name(blob)).endswith(".jpg"):
        app().identify.frame(name, blob.read())


@blueprint.function_name("verify_voice")
@blueprint.blob_trigger("blob", path=_PATH, connection=_STORAGE, source=func.BlobSource.EVENT_GRID)
def verify_voice(blob: func.InputStream, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    if (name := _name(blob)).endswith(".wav"):
        app().verify_voice.clip(name, blob.read())


@blueprint.function_name("index_recording")
@blueprint.blob_trigger("blob", path=_PATH, connection=_STORAGE, source=func.BlobSource.EVENT_GRID)
def index_recording(blob: func.InputStream, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().index.recording(_name(blob), blob.read())


def _name(blob: func.InputStream) -> str:
    """The blob's name inside its container."""
    return (blob.name or "").partition("/")[2]
