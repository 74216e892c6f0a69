"""A server that plays the operators' contract from made-up records, so that the console can be brought to every state.

It serves the console's own files under the function app's headers. `refuse` queues problems for a route; everything
that was posted is kept for the test to look at.
"""

import asyncio
import json
import threading
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from devhost.setup.emulators import MODULES
from functions.pages import _HEADERS as PAGE_HEADERS
from shared.domain.roles import TABLE, Role, may
from tests.browser.console import records
from tests.browser.console.records import Record, iso

ROOT = Path(__file__).parents[3]
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".json": "application/json"}
NAMES = {Role.VIEWER: "vera", Role.OFFICER: "otto", Role.ADMIN: "anna"}
PASSWORD = "correct horse"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class FakeDesk:
    """One bank's back end, signed in as `role` unless that is None."""

    def __init__(self, role: Role | None = Role.ADMIN, visits: int = 60) -> None:
        self.role = role
        self.now = datetime.now(UTC)
        self.kiosks = [k | {"createdAt": iso(self.now), "pairedAt": iso(self.now)} for k in records.KIOSKS]
        self.people = records.people()
        self.visits = records.visits(visits, self.now)
        self.live = self.visits[0] | {"outcome": "live", "state": "assistance", "endedAt": None, "durationS": None}
        self.visits[0] = self.live
        self.items = records.attention(self.now, self.live)
        self.charts = records.charts(self.now)
        self.audit = records.audit(self.now)
        self.holds: list[Record] = [self.hold("visit", self.visits[5]["id"])]
        self.recognised: str | None = records.person_id(0)
        self.call_over = False
        self.search: Record | None = self.search_result("needs_second_officer")
        self.export = {"state": "waiting", "done": 0, "total": 15}
        self.tampered = False
        self.live_turned = False
        self.at_once: int | None = None  # visits a page of the list, whatever was asked for: a long list is soon there
        self.reachable = True
        self.posted: dict[str, list[Any]] = defaultdict(list)
        self.refusals: dict[str, deque[tuple[int, str]]] = defaultdict(deque)
        self.pictures: list[str] = []
        self.asked: list[dict[str, str]] = []

    # what a test does

    def refuse(self, path: str, status: int, code: str) -> None:
        """The next request to this path gets this problem."""
        self.refusals[path].append((status, code))

    def hold(self, kind: str, subject: str) -> Record:
        return {
            "id": "h1",
            "kind": kind,
            "subject": subject,
            "reason": "Police request",
            "case": "C-2041",
            "by": "otto",
            "at": iso(self.now),
            "released": None,
        }

    def search_result(self, strangers: str) -> Record:
        bands = ["match", "match", "possible"]
        seen = [visit | {"band": band} for visit, band in zip(self.visits[1:4], bands, strict=True)]
        found = [
            {"person": records.person_id(0), "name": records.NAMES[0], "band": "match", "visits": 12},
            {"person": records.person_id(4), "name": records.NAMES[4], "band": "possible", "visits": 1},
        ]
        return {"id": "s1", "people": found, "strangers": {"state": strangers}, "visits": seen}

    # answering

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if not self.reachable:
            if request.transport:
                request.transport.abort()
            return web.Response()
        if self.refusals.get(request.path):
            return problem(*self.refusals[request.path].popleft())
        if request.method not in ("GET", "HEAD") and request.headers.get("X-Requested-With") != "console":
            return problem(401, "not_allowed")
        for method, pattern, handler, operation in ROUTES:
            found = matched(pattern, request.path) if method == request.method else None
            if found is None:
                continue
            if operation is not None and self.role is None:
                return problem(401, "not_allowed")
            if operation and self.role and not may(self.role, operation):
                return problem(403, "forbidden")
            body = await self.body(request)
            return handler(self, request, body, *found)
        return problem(404, "not_found")

    async def body(self, request: web.Request) -> Any:
        raw = await request.read()
        body = json.loads(raw) if raw and request.content_type == "application/json" else raw.decode("utf-8", "replace")
        if request.method != "GET":
            self.posted[request.path].append(body)
        return body

    # operators

    def me(self, _: web.Request, __: Any) -> web.Response:
        assert self.role
        operations = sorted(name for name in TABLE if may(self.role, name))
        return web.json_response({"name": NAMES[self.role], "role": self.role, "operations": operations})

    def login(self, request: web.Request, body: Any) -> web.Response:
        role = next((role for role, name in NAMES.items() if name == body["name"]), None)
        if role is None or body["password"] != PASSWORD:
            return problem(401, "not_allowed")
        self.role = role
        return self.me(request, body)

    def logout(self, _: web.Request, __: Any) -> web.Response:
        self.role = None
        return web.Response(status=204)

    # attention and assistance

    def attention(self, _: web.Request, __: Any) -> web.Response:
        return web.json_response({"items": self.items, "cursor": None, "counts": {}})

    def acknowledge(self, _: web.Request, body: Any, id: str) -> web.Response:
        assert self.role
        item = next(one for one in self.items if one["id"] == id)
        item["acknowledged"] = {"by": NAMES[self.role], "at": iso(datetime.now(UTC)), "note": body.get("note")}
        return web.json_response(item)

    def call(self, request: web.Request, _: Any, id: str) -> web.Response:
        if self.call_over:
            return problem(409, "wrong_state")
        person = request.query.get("person") or self.recognised
        frame = {"seq": 3, "at": iso(datetime.now(UTC)), "name": "frame"}
        until = iso(datetime.now(UTC) + timedelta(seconds=150))
        call = {"session": id, "reference": self.live["reference"], "kiosk": "K7", "place": "Shibuya Station"}
        times = {"language": "en", "since": self.live["at"], "expiresAt": until, "frame": frame}
        who = {"person": person, "photo": "photo" if person else None}
        return web.json_response(call | times | who | {"recognised": self.recognised, "firstOfficer": None})

    def vouch(self, _: web.Request, body: Any, id: str) -> web.Response:
        complete = self.recognised is not None
        return web.json_response({"state": "pin", "complete": complete}, status=200 if complete else 202)

    def refuse_call(self, _: web.Request, body: Any, id: str) -> web.Response:
        return web.json_response({"state": "denied"})

    # visits

    def matching(self, asked: Any) -> list[Record]:
        found = self.visits
        for name in ("kiosk", "outcome", "reason", "faces", "reference"):
            if asked.get(name):
                found = [visit for visit in found if visit[name] == asked[name]]
        if asked.get("person"):
            found = [visit for visit in found if (visit["person"] or {}).get("id") == asked["person"]]
        if asked.get("two"):
            found = [visit for visit in found if visit["two"]]
        if asked.get("held"):
            found = [visit for visit in found if visit["hold"]]
        low, high = asked.get("from", ""), asked.get("to", "9")
        return [visit for visit in found if low <= visit["at"] < high]

    def find(self, request: web.Request, _: Any) -> web.Response:
        self.asked.append(dict(request.query))
        found = self.matching(request.query)
        at, limit = int(request.query.get("cursor") or 0), self.at_once or int(request.query.get("limit", 50))
        more = str(at + limit) if at + limit < len(found) else None
        return web.json_response({"items": [self.masked(visit) for visit in found[at : at + limit]], "cursor": more})

    def masked(self, visit: Record) -> Record:
        """Viewers see no names and no pictures."""
        if self.role is not Role.VIEWER:
            return visit
        nameless = {who: visit[who] and visit[who] | {"name": None} for who in ("person", "claimed")}
        return visit | nameless | {"thumbnail": None}

    def count(self, request: web.Request, _: Any) -> web.Response:
        return web.json_response({"count": len(self.matching(request.query))})

    def live_now(self, _: web.Request, __: Any) -> web.Response:
        now = {"guidance": "come_closer", "seconds": 41.2, "lastFrame": 3}
        second = self.visits[1] | {
            "outcome": "live",
            "state": "voice",
            "person": None,
            "claimed": self.visits[2]["claimed"],
        }
        items = [self.masked(self.live) | now, self.masked(second) | now | {"lastFrame": 5}]
        return web.json_response({"items": items[::-1] if self.live_turned else items})

    def one(self, _: web.Request, __: Any, id: str) -> web.Response:
        brief = next((visit for visit in self.visits if visit["id"] == id), None)
        return web.json_response(records.whole_visit(self.masked(brief))) if brief else problem(404, "not_found")

    def media(self, request: web.Request, _: Any, id: str, kind: str, number: str) -> web.Response:
        self.pictures.append(request.path)
        return jpeg(int(number), 480) if kind == "frame" else web.Response(body=b"", content_type="audio/wav")

    def thumbnail(self, request: web.Request, _: Any, id: str, number: str) -> web.Response:
        self.pictures.append(request.path)
        return jpeg(int(number), 120)

    def verify(self, _: web.Request, __: Any, id: str) -> web.Response:
        changed = [{"kind": "frame", "number": 4}] if self.tampered else []
        return web.json_response({"checked": 15, "changed": changed, "missing": []})

    def show_charts(self, _: web.Request, __: Any) -> web.Response:
        return web.json_response(self.charts)

    # exports, holds, retention

    def start_export(self, _: web.Request, __: Any) -> web.Response:
        return web.json_response(self.exported("x1") | {"state": "waiting"}, status=202)

    def show_export(self, _: web.Request, __: Any, id: str) -> web.Response:
        return web.json_response(self.exported(id))

    def exported(self, id: str) -> Record:
        done = self.export["state"] == "done"
        file = {"size": 734_003 if done else None, "sha256": "ab" * 32 if done else None}
        return {"id": id, **self.export, **file, "expiresAt": iso(self.now + timedelta(hours=24))}

    def export_file(self, _: web.Request, __: Any, id: str) -> web.Response:
        return web.Response(body=b"PK\x05\x06" + bytes(18), content_type="application/zip")

    def list_holds(self, _: web.Request, __: Any) -> web.Response:
        return web.json_response({"items": self.holds, "cursor": None})

    def make_hold(self, _: web.Request, body: Any) -> web.Response:
        kind = "visit" if "visit" in body else "person"
        self.holds.append(self.hold(kind, body[kind]) | {"id": f"h{len(self.holds) + 1}", "reason": body["reason"]})
        for visit in self.visits:
            visit["hold"] = visit["hold"] or visit["id"] == body.get("visit")
        return web.json_response(self.holds[-1], status=201)

    def release(self, _: web.Request, __: Any, id: str) -> web.Response:
        hold = next(hold for hold in self.holds if hold["id"] == id)
        hold["released"] = {"by": "anna", "at": iso(self.now)}
        return web.json_response(hold)

    def retention(self, _: web.Request, __: Any) -> web.Response:
        rules = [{"kind": "frame", "outcome": "denied", "days": 90}, {"kind": "frame", "outcome": None, "days": 30}]
        last = {"at": iso(self.now), "deleted": 1204, "failed": 0, "held": 3}
        return web.json_response({"rules": rules, "lastRun": last})

    def preview(self, _: web.Request, __: Any) -> web.Response:
        item = {"visit": self.visits[9]["id"], "kind": "frame", "at": iso(self.now), "rule": "frame, 30 days"}
        return web.json_response({"items": [item], "total": 1, "cursor": None})

    # search by face

    def face_search(self, _: web.Request, __: Any) -> web.Response:
        return web.json_response(self.search) if self.search else problem(409, "search_off")

    def face_found(self, _: web.Request, __: Any, id: str) -> web.Response:
        return web.json_response(self.search) if self.search and id == "s1" else problem(404, "not_found")

    def face_approve(self, _: web.Request, __: Any, id: str) -> web.Response:
        self.search = self.search_result("approved")
        return web.json_response(self.search)

    # people and kiosks

    def find_people(self, _: web.Request, body: Any) -> web.Response:
        begins, status = (body.get("name") or "").lower(), body.get("status")
        found = [p for p in self.people if p["name"].lower().startswith(begins) and status in (None, p["status"])]
        return web.json_response({"people": found, "cursor": None})

    def person(self, _: web.Request, __: Any, id: str) -> web.Response:
        found = next((one for one in self.people if one["id"] == id), None)
        return web.json_response(records.person_detail(found)) if found else problem(404, "not_found")

    def photo(self, _: web.Request, __: Any, id: str) -> web.Response:
        return jpeg(3, 480)

    def phone(self, _: web.Request, body: Any, id: str) -> web.Response:
        return web.json_response({"phone": "+12025550142"})

    def change_person(self, _: web.Request, body: Any, id: str) -> web.Response:
        return self.with_person(id, **body)

    def act_on_person(self, request: web.Request, body: Any, id: str, act: str) -> web.Response:
        if act == "erase":
            held = any(hold["subject"] == id for hold in self.holds)
            self.with_person(id, status="erasing")
            told = {"person": id, "done": not held, "held": held, "steps": ["found"]}
            return web.json_response(told, status=202 if held else 200)
        status = {"approve": "active", "suspend": "suspended", "reactivate": "active"}.get(act)
        return self.with_person(id, **({"status": status} if status else {}))

    def with_person(self, id: str, **changes: Any) -> web.Response:
        person = next(one for one in self.people if one["id"] == id)
        person.update(changes)
        return web.json_response(person)

    def import_people(self, request: web.Request, body: Any) -> web.Response:
        lines = [
            {"line": 2, "outcome": "new", "status": "pending", "person": None},
            {"line": 3, "outcome": "bad_phone", "status": None, "person": None},
        ]
        dry = request.query.get("dryRun", "true") == "true"
        return web.json_response({"dryRun": dry, "new": 1, "counts": {"new": 1, "bad_phone": 1}, "lines": lines})

    def export_people(self, _: web.Request, __: Any) -> web.Response:
        return web.Response(text="\ufeffname,phone\r\n", content_type="text/csv")

    def list_kiosks(self, _: web.Request, __: Any) -> web.Response:
        return web.json_response({"kiosks": self.kiosks})

    def add_kiosk(self, _: web.Request, body: Any) -> web.Response:
        self.kiosks.append({**body, "state": "unpaired", "createdAt": iso(self.now), "pairedAt": None})
        return web.json_response(self.kiosks[-1], status=201)

    def change_kiosk(self, _: web.Request, body: Any, id: str) -> web.Response:
        kiosk = next(one for one in self.kiosks if one["id"] == id)
        kiosk.update(body)
        return web.json_response(kiosk)

    def pairing_code(self, _: web.Request, __: Any, id: str) -> web.Response:
        until = iso(self.now + timedelta(minutes=15))
        return web.json_response({"code": "7KQ4MXW9RT", "expiresAt": until}, status=201)

    def revoke(self, _: web.Request, __: Any, id: str) -> web.Response:
        next(one for one in self.kiosks if one["id"] == id)["state"] = "revoked"
        return web.json_response({"visitsEnded": 1})

    # audit

    def read_audit(self, _: web.Request, __: Any) -> web.Response:
        return web.json_response({"entries": self.audit, "cursor": None})

    def verify_audit(self, _: web.Request, __: Any) -> web.Response:
        broken = {"day": "2026-11-20", "entry": "101530.204.ab", "why": "changed"} if self.tampered else None
        return web.json_response({"ok": not broken, "checked": 412, "days": 30, "waiting": 2, "firstBroken": broken})

    # the page

    def file(self, request: web.Request, _: Any, folder: str, *rest: str) -> web.Response:
        path = (ROOT / folder / ("/".join(part for part in rest if part) or "index.html")).resolve()
        if folder not in ("console", "kiosk") or not path.is_file():
            return web.Response(status=404)
        kind = TYPES.get(path.suffix, "text/html")
        headers = {**PAGE_HEADERS, "Cache-Control": "max-age=600"}  # read once for all tests of a session
        return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8", headers=headers)

    def axe_source(self, _: web.Request, __: Any) -> web.Response:
        source = (MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        return web.Response(text=source, content_type="text/javascript")

    def blank(self, _: web.Request, __: Any) -> web.Response:
        return web.Response(text="<!doctype html><title>blank</title>", content_type="text/html")


ROUTES: list[tuple[str, str, Callable[..., web.Response], str | None]] = [
    ("GET", "/api/operators/me", FakeDesk.me, "operators_me"),
    ("POST", "/api/operators/login", FakeDesk.login, None),
    ("POST", "/api/operators/logout", FakeDesk.logout, "operators_logout"),
    ("GET", "/api/attention", FakeDesk.attention, "attention_list"),
    ("POST", "/api/attention/*/acknowledge", FakeDesk.acknowledge, "attention_acknowledge"),
    ("GET", "/api/assistance/*", FakeDesk.call, "assistance_call"),
    ("GET", "/api/assistance/*/frames/*", lambda desk, request, body, id, seq: jpeg(int(seq), 480), "assistance_frame"),
    ("POST", "/api/assistance/*/vouch", FakeDesk.vouch, "assistance_vouch"),
    ("POST", "/api/assistance/*/refuse", FakeDesk.refuse_call, "assistance_refuse"),
    ("GET", "/api/visits", FakeDesk.find, "visits_list"),
    ("GET", "/api/visits/count", FakeDesk.count, "visits_count"),
    ("GET", "/api/visits/live", FakeDesk.live_now, "visits_live"),
    ("GET", "/api/visits/*", FakeDesk.one, "visits_one"),
    ("GET", "/api/visits/*/media/*/*", FakeDesk.media, "visits_media"),
    ("GET", "/api/visits/*/thumbnails/*", FakeDesk.thumbnail, "visits_thumbnail"),
    ("POST", "/api/visits/*/verify", FakeDesk.verify, "visits_verify"),
    ("GET", "/api/charts", FakeDesk.show_charts, "charts"),
    ("POST", "/api/exports", FakeDesk.start_export, "exports_ask"),
    ("GET", "/api/exports/*", FakeDesk.show_export, "exports_state"),
    ("GET", "/api/exports/*/file", FakeDesk.export_file, "exports_file"),
    ("GET", "/api/holds", FakeDesk.list_holds, "holds_list"),
    ("POST", "/api/holds", FakeDesk.make_hold, "holds_create"),
    ("POST", "/api/holds/*/release", FakeDesk.release, "holds_release"),
    ("GET", "/api/retention", FakeDesk.retention, "retention_rules"),
    ("POST", "/api/retention/preview", FakeDesk.preview, "retention_preview"),
    ("POST", "/api/face-search", FakeDesk.face_search, "face_search"),
    ("GET", "/api/face-search/*", FakeDesk.face_found, "face_search_one"),
    ("POST", "/api/face-search/*/approve", FakeDesk.face_approve, "face_search_approve"),
    ("POST", "/api/people/search", FakeDesk.find_people, "people_list"),
    ("POST", "/api/people/import", FakeDesk.import_people, "people_import"),
    ("POST", "/api/people/export", FakeDesk.export_people, "people_export"),
    ("GET", "/api/people/*", FakeDesk.person, "people_one"),
    ("PATCH", "/api/people/*", FakeDesk.change_person, "people_change"),
    ("GET", "/api/people/*/photo", FakeDesk.photo, "people_photo"),
    ("GET", "/api/people/*/photos/*", lambda desk, request, body, id, photo: jpeg(3, 480), "people_photo_waiting"),
    ("POST", "/api/people/*/phone", FakeDesk.phone, "people_phone"),
    ("POST", "/api/people/*/*", FakeDesk.act_on_person, "people_approve"),
    ("GET", "/api/kiosks", FakeDesk.list_kiosks, "kiosks_list"),
    ("POST", "/api/kiosks", FakeDesk.add_kiosk, "kiosks_create"),
    ("PATCH", "/api/kiosks/*", FakeDesk.change_kiosk, "kiosks_change"),
    ("POST", "/api/kiosks/*/pairing-code", FakeDesk.pairing_code, "kiosks_pairing"),
    ("POST", "/api/kiosks/*/revoke", FakeDesk.revoke, "kiosks_revoke"),
    ("GET", "/api/audit", FakeDesk.read_audit, "audit_list"),
    ("GET", "/api/audit/verify", FakeDesk.verify_audit, "audit_verify"),
    ("GET", "/test/axe.js", FakeDesk.axe_source, None),
    ("GET", "/test/blank", FakeDesk.blank, None),
    ("GET", "/*", FakeDesk.file, None),
    ("GET", "/*/*", FakeDesk.file, None),
    ("GET", "/*/*/*", FakeDesk.file, None),
    ("GET", "/*/*/*/*", FakeDesk.file, None),
]


def matched(pattern: str, path: str) -> list[str] | None:
    """The parts that stand for the stars."""
    wanted, parts = pattern.split("/"), path.split("/")
    if len(wanted) != len(parts) or any(w not in ("*", p) for w, p in zip(wanted, parts, strict=True)):
        return None
    return [p for w, p in zip(wanted, parts, strict=True) if w == "*"]


def jpeg(number: int, height: int) -> web.Response:
    return web.Response(body=records.picture(number, height), content_type="image/jpeg")


def problem(status: int, code: str) -> web.Response:
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": ""}
    return web.Response(status=status, text=json.dumps(body), content_type="application/problem+json")


class Served:
    """Runs the desk in a thread of its own. `desk` may be exchanged: the address stays, and the browser's cache."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.url = ""

    def __enter__(self) -> "Served":
        self.thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self.open(), self.loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.runner.cleanup(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    async def open(self) -> str:
        async def handler(request: web.Request) -> web.StreamResponse:
            return await self.desk.answer(request)

        app = web.Application(client_max_size=8_000_000)
        app.router.add_route("*", "/{path:.*}", handler)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", 0).start()
        return f"http://localhost:{self.runner.addresses[0][1]}/console/"
