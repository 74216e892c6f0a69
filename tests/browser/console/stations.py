"""Every view of the console, where it stands and what is seen there: for accessibility tests and the gallery."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import FilePayload, Locator, Page, expect

from shared.domain.roles import Role
from tests.browser.console.fake_desk import FakeDesk
from tests.browser.console.records import person_id


def nothing(page: Page, desk: FakeDesk) -> None:
    """The view as it opens."""


@dataclass(frozen=True)
class Station:
    """`address` may name the desk's visits: `{live}`, `{visit}`. `act` goes on from there to the state meant."""

    address: str
    title: str
    act: Callable[[Page, FakeDesk], None] = nothing
    before: Callable[[FakeDesk], None] = lambda desk: None
    role: Role | None = Role.ADMIN


def act(page: Page, name: str) -> Locator:
    return page.locator(f'[data-act="{name}"]').first


def heading(page: Page, title: str) -> Locator:
    return page.get_by_role("heading", level=1, name=title)


def go(page: Page, url: str, desk: FakeDesk, name: str) -> None:
    """From anywhere to a view, and what it shows is there."""
    station = STATIONS[name]
    station.before(desk)
    address = station.address.format(live=desk.live["id"], visit=desk.visits[3]["id"])
    page.goto(f"{url}#/{address}")
    expect(heading(page, station.title)).to_be_visible()
    expect(page.locator(".spinner")).to_have_count(0)
    station.act(page, desk)


def click(name: str, then: str) -> Callable[[Page, FakeDesk], None]:
    def go_on(page: Page, desk: FakeDesk) -> None:
        act(page, name).click()
        expect(page.locator(then).first).to_be_visible()

    return go_on


def try_import(page: Page, desk: FakeDesk) -> None:
    lines = b"name,phone\nAna Example,+12025550142\n"
    page.locator("#field-file").set_input_files(FilePayload(name="people.csv", mimeType="text/csv", buffer=lines))
    act(page, "try").click()
    expect(act(page, "import")).to_be_visible()


def search_off(page: Page, desk: FakeDesk) -> None:
    page.locator("#field-reason").fill("Asked for by the police")
    page.locator("#field-case").fill("C-2041")
    act(page, "search-face").click()
    expect(page.locator(".notice.warm", has_text="Search by face")).to_be_visible()


def tampered(desk: FakeDesk) -> None:
    desk.tampered = True


def no_search(desk: FakeDesk) -> None:
    desk.search = None


def exported(desk: FakeDesk) -> None:
    desk.export = {"state": "done", "done": 15, "total": 15}


def exporting(desk: FakeDesk) -> None:
    desk.export = {"state": "running", "done": 6, "total": 15}


def unrecognised(desk: FakeDesk) -> None:
    desk.recognised = None


def quiet(desk: FakeDesk) -> None:
    desk.items = []


def broken(desk: FakeDesk) -> None:
    desk.refuse("/api/visits", 503, "unavailable")


STATIONS = {
    "sign-in": Station("visits", "Sign in", role=None),
    "attention": Station("attention", "Needs attention"),
    "attention-empty": Station("attention", "Needs attention", before=quiet),
    "acknowledge": Station("attention", "Needs attention", click("acknowledge", "dialog")),
    "call": Station("assistance/{live}", "A customer waits for staff"),
    "call-unrecognised": Station("assistance/{live}", "A customer waits for staff", before=unrecognised),
    "vouch": Station("assistance/{live}", "A customer waits for staff", click("vouch", "dialog")),
    "visits": Station("visits", "Visits"),
    "visits-viewer": Station("visits", "Visits", role=Role.VIEWER),
    "visits-denied": Station("visits?kiosk=K7&when=30d&outcome=denied&reason=presentation", "Visits"),
    "visits-custom": Station("visits?kiosk=K7&from=2026-11-22T05:00:00.000Z&to=2026-11-22T06:00:00.000Z", "Visits"),
    "visits-none": Station("visits?reference=K7-0000", "Visits"),
    "visits-broken": Station("visits", "Visits", before=broken),
    "visit": Station("visits/{visit}", "Visit"),
    "visit-live": Station("visits/{live}", "Visit"),
    "visit-changed": Station("visits/{visit}", "Visit", click("verify", ".notice.bad"), before=tampered),
    "visit-export": Station("visits/{visit}", "Visit", click("export", "dialog")),
    "export-running": Station("exports/x1", "Export", before=exporting),
    "export-done": Station("exports/x1", "Export", before=exported),
    "live": Station("live", "Live"),
    "face-search": Station("face-search", "Search by face"),
    "face-search-off": Station("face-search?visit={visit}&frame=4", "Search by face", search_off, before=no_search),
    "face-result": Station("face-search/s1", "What was found"),
    "charts": Station("charts", "Charts"),
    "people": Station("people", "People"),
    "person": Station(f"people/{person_id(1)}", "Benjamin Hart"),
    "person-erase": Station(f"people/{person_id(0)}", "Amara Okafor", click("erase", "dialog")),
    "import": Station("people/import", "Import people", try_import),
    "kiosks": Station("kiosks", "Kiosks"),
    "pairing-code": Station("kiosks", "Kiosks", click("pair", "dialog")),
    "holds": Station("holds", "Holds and retention", click("preview", "text=1 item would be deleted")),
    "audit": Station("audit", "Audit", click("verify-audit", ".notice.good")),
    "audit-broken": Station("audit", "Audit", click("verify-audit", ".notice.bad"), before=tampered),
    "me": Station("me", "Your own page"),
    "forbidden": Station("people", "Not for your role", role=Role.VIEWER),
    "missing": Station("nowhere", "No such page"),
}
