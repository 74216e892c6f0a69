"""Spans of OpenTelemetry, where the worker's own switch has set it up; elsewhere nothing is imported and nothing made.

A trigger runs in the host's trace, which begins with the event. Its span is linked to the visit's trace, so that one
click leads from the kiosk's upload to what was made of it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.trace import SpanContext, Tracer

SWITCHES = ("PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY", "PYTHON_ENABLE_OPENTELEMETRY")
"""The application settings of azure-functions-runtime; each sets OpenTelemetry up when the worker starts."""

type Spans = Callable[[str, str | None], AbstractContextManager[None]]
"""Work within a span of this name, linked to this `traceparent`."""


def spans(environment: Mapping[str, str] = os.environ) -> Spans:
    if not any(environment.get(name, "").lower() in {"1", "true"} for name in SWITCHES):
        return lambda _name, _traceparent: nullcontext()
    from opentelemetry import trace

    return linked_spans(trace.get_tracer("face_atm"))


def linked_spans(tracer: "Tracer") -> Spans:
    from opentelemetry.trace import Link, StatusCode

    @contextmanager
    def span(name: str, traceparent: str | None) -> Iterator[None]:
        parent = _context(traceparent) if traceparent else None
        links = [Link(parent)] if parent else []
        attributes = {"atm.trace": traceparent.split("-")[1]} if traceparent else {}
        # An exception's message may hold what must not be read: its type alone is kept.
        with tracer.start_as_current_span(
            name, links=links, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as made:
            try:
                yield
            except BaseException as failure:
                made.set_status(StatusCode.ERROR, type(failure).__name__)
                raise

    return span


def _context(traceparent: str) -> "SpanContext":
    from opentelemetry.trace import SpanContext, TraceFlags

    _, trace_id, span_id, flags = traceparent.split("-")
    return SpanContext(int(trace_id, 16), int(span_id, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))
