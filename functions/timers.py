"""What the clock starts."""

import azure.functions as func

from shared.logs import invocation_id
from shared.settings import FaceProvider
from shared.wiring import app, settings

blueprint = func.Blueprint()


@blueprint.function_name("sweep_visits")
@blueprint.timer_trigger("timer", schedule="15 * * * * *")
def sweep_visits(timer: func.TimerRequest, context: func.Context) -> None:
    invocation_id.set(context.invocation_id)
    app().sweep.run()


@blueprint.function_name("settle_visits")
@blueprint.timer_trigger("timer", schedule="*/10 * * * * *")
def settle_visits(timer: func.TimerRequest, context: func.Context) -> None:
    """Visits that are over tell their recordings how they ended."""
    invocation_id.set(context.invocation_id)
    app().index.settle_due()


@blueprint.function_name("tend_gallery")
@blueprint.timer_trigger("timer", schedule="30 */2 * * * *")
def tend_gallery(timer: func.TimerRequest, context: func.Context) -> None:
    """The gallery's snapshot follows its log."""
    invocation_id.set(context.invocation_id)
    app().snapshots.tend(app().face_engine.model)


@blueprint.function_name("follow_recognition")
@blueprint.timer_trigger("timer", schedule="*/20 * * * * *")
def follow_recognition(timer: func.TimerRequest, context: func.Context) -> None:
    """A face service outside is trained again after every change, until it has succeeded."""
    invocation_id.set(context.invocation_id)
    if settings().face_provider is FaceProvider.AZURE:
        app().recognition.follow()


@blueprint.function_name("recompute_templates")
@blueprint.timer_trigger("timer", schedule="40 7 * * * *")
def recompute_templates(timer: func.TimerRequest, context: func.Context) -> None:
    """After a change of the recogniser; otherwise it finds nothing to do."""
    invocation_id.set(context.invocation_id)
    app().recompute.run(settings().recompute_most)
