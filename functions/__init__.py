"""Triggers only: parse, authorise, call a service, shape the answer. One blueprint a file."""

from collections.abc import Iterator

import azure.functions as func


def blueprints() -> Iterator[func.Blueprint]:
    """Every blueprint of this folder."""
    from functions import (
        assistance,
        attention,
        audit,
        authenticator,
        enrolment,
        exports,
        face_search,
        handoff,
        health,
        holds,
        kiosk_admin,
        kiosks,
        operators,
        pages,
        people,
        phones,
        photos,
        recordings,
        reports,
        retention,
        sessions,
        sms,
        teller,
        timers,
        visits,
    )

    for module in (
        assistance,
        attention,
        audit,
        authenticator,
        enrolment,
        exports,
        face_search,
        handoff,
        health,
        holds,
        kiosk_admin,
        kiosks,
        operators,
        pages,
        people,
        phones,
        photos,
        recordings,
        reports,
        retention,
        sessions,
        sms,
        teller,
        timers,
        visits,
    ):
        yield module.blueprint
