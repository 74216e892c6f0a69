"""Charts for the console, reports for spreadsheets and Power BI, and the nightly files."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import azure.functions as func

from functions.http import Handler, answer, endpoint
from functions.operators import OperatorHandler, operated
from functions.visit_params import cursor_of, limit_of, question_of, time_of
from shared.domain.errors import BadRequest, NotAllowed
from shared.domain.roles import Operator, Role
from shared.domain.tally import Sums, grouped, whole
from shared.logs import invocation_id
from shared.services.exports.reports import Report
from shared.wiring import app, settings

blueprint = func.Blueprint()

_KEY = "x-report-key"
_ROWS_MOST = 1_000
_FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_RECENT = timedelta(days=1)
_PROGRAM = Operator("report-key", "REPORT_KEY", Role.VIEWER)
"""Who a program is in the audit."""


@blueprint.function_name("charts")
@blueprint.route(route="api/charts", methods=["GET"])
@operated("charts")
def charts(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """The last 24 hours unless it is said otherwise."""
    question = question_of({name: req.params.get(name) for name in ("from", "to", "kiosk")})
    low, high = _span(question.low, question.high)
    cells = app().tallies.between(low, high, question.kiosk)
    total = whole(cells)
    hours = [{"at": f"{hour}:00:00.000Z", **_counts(sums)} for hour, sums in grouped(cells, lambda c: c.hour).items()]
    reasons = [{"reason": reason, "count": count} for reason, count in total.reasons.most_common()]
    return answer(
        {
            "hours": hours,
            "reasons": reasons,
            "timeToGrant": {"medianS": total.quantile_s(0.5), "p95S": total.quantile_s(0.95)},
            "kiosks": [{"kiosk": k, **_counts(sums)} for k, sums in grouped(cells, lambda c: c.kiosk).items()],
        }
    )


def _for_programs(operation: str) -> Callable[[OperatorHandler], Handler]:
    """Opened by an operator's sign-in, or by the setting REPORT_KEY in a header."""

    def door(handler: OperatorHandler) -> Handler:
        by_sign_in = operated(operation)(handler)

        def guarded(req: func.HttpRequest) -> func.HttpResponse:
            return by_key(req) if _KEY in req.headers else by_sign_in(req)

        @endpoint
        def by_key(req: func.HttpRequest) -> func.HttpResponse:
            given, kept = req.headers.get(_KEY, "").encode(), settings().report_key.get_secret_value().encode()
            if not kept or not hmac.compare_digest(given, kept):
                raise NotAllowed("not the key of the reports")
            return handler(req, _PROGRAM)

        # Not `wraps`: the worker would follow it to the handler, and ask what binding its operator is.
        guarded.__name__, guarded.__doc__ = handler.__name__, handler.__doc__
        return guarded

    return door


@blueprint.function_name("reports_visits")
@blueprint.route(route="api/reports/visits", methods=["GET"])
@_for_programs("reports_visits")
def visits(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """Newest first, page by page; the next page's cursor is in the body, or in `X-Next-Cursor`."""
    question = question_of({name: req.params.get(name) for name in ("from", "to", "kiosk", "outcome")})
    form = _format(req)
    limit, cursor = limit_of(req.params, _ROWS_MOST, _ROWS_MOST), cursor_of(req.params)
    app().viewing.note(operator, "report_read", "visits", kind="report")
    return _answer(app().reports.visits(question, limit, cursor), form)


@blueprint.function_name("reports_daily")
@blueprint.route(route="api/reports/daily", methods=["GET"])
@_for_programs("reports_daily")
def daily(req: func.HttpRequest, operator: Operator) -> func.HttpResponse:
    """A row for each day and kiosk; the last seven days unless it is said otherwise."""
    form = _format(req)
    high = time_of(req.params, "to") or app().clock.now()
    today = datetime.combine(high.date(), time(), UTC)
    low = time_of(req.params, "from") or today - timedelta(days=6)
    app().viewing.note(operator, "report_read", "daily", kind="report")
    return _answer(app().reports.daily(low, high), form)


@blueprint.function_name("drop_reports")
@blueprint.timer_trigger("timer", schedule="0 10 3 * * *")
def drop_reports(timer: func.TimerRequest, context: func.Context) -> None:
    """After a day is closed (two hours after midnight, UTC)."""
    invocation_id.set(context.invocation_id)
    app().reports.drop()


def _span(low: datetime | None, high: datetime | None) -> tuple[datetime, datetime]:
    end = high or app().clock.now() + timedelta(milliseconds=1)
    return low or end - _RECENT, end


def _counts(sums: Sums) -> dict[str, int]:
    return {"visits": sums.visits, "granted": sums.let_in, "denied": sums.denied}


def _format(req: func.HttpRequest) -> str:
    form = req.params.get("format") or "json"
    if form not in _FORMATS:
        raise BadRequest("bad_format", "`format` is csv or json")
    return form


def _answer(report: Report, form: str) -> func.HttpResponse:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": _FORMATS[form]}
    if report.cursor:
        headers["X-Next-Cursor"] = report.cursor
    body = report.csv() if form == "csv" else report.json()
    return func.HttpResponse(body, headers=headers, mimetype=_FORMATS[form].partition(";")[0])
