"""Triggers only: parse, authorise, call a service, shape the answer. One blueprint a file."""

from collections.abc import Iterator

import azure.functions as func


def blueprints() -> Iterator[func.Blueprint]:
    """Every blueprint of this folder."""
    from functions import (
        assistance,
        attention,
        audit,
        enrolment,
        handoff,
        health,
        kiosk_admin,
        kiosks,
        operators,
        pages,
        people,
        recordings,
        sessions,
        teller,
        timers,
    )

    for module in (
        assistance,
        attention,
        audit,
        enrolment,
        handoff,
        health,
        kiosk_admin,
        kiosks,
        operators,
        pages,
        people,
        recordings,
        sessions,
        teller,
        timers,
    ):
        yield module.blueprint
