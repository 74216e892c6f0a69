"""An officer's five questions, asked in a real browser of the real stack, of visits with real faces."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from shared.domain.recording import CONTAINER, RecordingKind, recording_name
from shared.domain.roles import Role
from shared.domain.session import Reason
from shared.domain.visit_facts import VisitFacts
from tests.browser.chromium import visitor
from tests.browser.console.conftest import watched
from tests.browser.console.seeded import ADA, BEN, STRANGER, Bank, running
from tests.browser.console.stations import act, heading

TOKYO = ZoneInfo("Asia/Tokyo")
pytestmark = pytest.mark.timeout(290)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    with running(tmp_path_factory.mktemp("desk")) as bank:
        yield bank


@pytest.fixture(scope="module")
def visits(bank: Bank) -> dict[str, VisitFacts]:
    """Yesterday at kiosk 7: one just before two, two between two and three, one at three; and two denials of today."""
    yesterday = datetime.now(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    today = datetime.now(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
    just = max(today + timedelta(seconds=2), datetime.now(TOKYO) - timedelta(minutes=5))

    def at(hour: int, minute: int) -> datetime:
        return (yesterday + timedelta(hours=hour, minutes=minute)).astimezone(UTC)

    return {
        "before": bank.visit("K7", at(13, 58), BEN),
        "ada": bank.visit("K7", at(14, 5), ADA),
        "stranger": bank.visit("K7", at(14, 40), STRANGER),
        "after": bank.visit("K7", at(15, 0), BEN),
        "elsewhere": bank.visit("K2", at(14, 10), ADA),
        "wrong_pin": bank.visit("K7", just.astimezone(UTC), BEN, Reason.WRONG_PIN),
        "mask": bank.visit("K7", just.astimezone(UTC) - timedelta(seconds=1), ADA, Reason.PRESENTATION),
    }


@pytest.fixture
def page(browser: Browser, bank: Bank, visits: dict[str, VisitFacts]) -> Iterator[Page]:
    """The officer Otto, signed in."""
    with visitor(browser, 1440, 900) as context:
        page = context.new_page()
        errors = watched(page)
        page.goto(bank.url)
        name, password = bank.credentials(Role.OFFICER)
        page.locator("#field-name").fill(name)
        page.locator("#field-password").fill(password)
        act(page, "sign-in").click()
        expect(heading(page, "Needs attention")).to_be_visible()
        yield page
        assert errors == []


def listed(page: Page, *expected: VisitFacts) -> None:
    """Exactly these visits are in the list, newest first."""
    newest_first = sorted(expected, key=lambda facts: facts.at, reverse=True)
    rows = page.locator(".grid-body .row .reference")
    expect(rows).to_have_text([facts.reference for facts in newest_first])


def test_who_was_at_kiosk_7_between_two_and_three(page: Page, visits: dict[str, VisitFacts]) -> None:
    page.get_by_role("link", name="Visits").click()
    page.locator("#field-kiosk").select_option("K7")
    page.locator("#field-when").select_option("custom")
    day = visits["ada"].at.astimezone(TOKYO).date()
    page.locator("#field-from").fill(f"{day}T14:00")
    page.locator("#field-from").blur()
    page.locator("#field-to").fill(f"{day}T15:00")
    page.locator("#field-to").blur()
    listed(page, visits["ada"], visits["stranger"])
    expect(page.locator(".grid-body .row").nth(1)).to_contain_text("14:05:00")
    expect(page.locator(".grid-body .row").nth(1)).to_contain_text(ADA.name)
    expect(page.locator(".grid-body .row").nth(0)).to_contain_text("Unknown face")


def test_all_visits_of_this_person(page: Page, visits: dict[str, VisitFacts]) -> None:
    page.get_by_role("link", name="People").click()
    page.locator("#field-name").fill(ADA.name.split()[0].lower())
    act(page, "search").click()
    page.get_by_role("link", name=ADA.name).click()
    expect(heading(page, ADA.name)).to_be_visible()
    act(page, "all-visits").click()
    listed(page, visits["ada"], visits["elsewhere"], visits["mask"])
    page.go_back()
    act(page, "claimed-visits").click()
    listed(page, visits["mask"])


def test_every_denied_visit_of_today_and_why(page: Page, visits: dict[str, VisitFacts]) -> None:
    page.get_by_role("link", name="Visits").click()
    page.locator("#field-kiosk").select_option("K7")
    page.locator("#field-when").select_option("today")
    page.locator("#field-outcome").select_option("denied")
    listed(page, visits["wrong_pin"], visits["mask"])
    expect(page.locator(".grid-body .outcome").first).to_contain_text("Wrong code three times")
    page.locator("#filter-reason").select_option("presentation")
    listed(page, visits["mask"])


def test_where_this_face_was_seen(page: Page, bank: Bank, visits: dict[str, VisitFacts]) -> None:
    page.goto(f"{bank.url}#/visits/{visits['elsewhere'].session}?frame=2")
    act(page, "find-face").click()
    page.locator("#field-reason").fill("Asked for by the police")
    page.locator("#field-case").fill("C-2041")
    act(page, "search-face").click()
    expect(heading(page, "What was found")).to_be_visible(timeout=60_000)
    expect(page.locator(".card h3")).to_have_text([ADA.name])
    expect(page.locator(".card")).to_contain_text("Match")
    found = {visits[name].reference for name in ("ada", "elsewhere", "mask")}
    assert set(page.locator(".tile b").all_inner_texts()) == found
    page.reload()
    expect(page.locator(".card h3")).to_have_text([ADA.name])


def test_that_visit_is_exported_and_what_was_changed_since_is_named(
    page: Page, bank: Bank, visits: dict[str, VisitFacts]
) -> None:
    visit = visits["ada"].session
    page.goto(f"{bank.url}#/visits/{visit}")
    expect(page.locator("figure.screen img")).to_be_visible()
    expect(page.locator(".film img")).to_have_count(3)
    act(page, "verify").click()
    expect(page.locator("main .notice.good")).to_contain_text("All 4 recordings")
    act(page, "export").click()
    page.locator("#field-reason").fill("Asked for by the police")
    act(page, "dialog-confirm").click()
    expect(act(page, "download")).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        act(page, "download").click()
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    manifest = next(name for name in archive.namelist() if name.endswith("manifest.sha256"))
    for line in archive.read(manifest).decode().splitlines():
        digest, name = line.split(maxsplit=1)
        assert hashlib.sha256(archive.read(name.lstrip("*"))).hexdigest() == digest
    name = str(recording_name(visit, RecordingKind.FRAME, 2))
    info = bank.app.media.info(CONTAINER, name)
    assert info
    bank.app.media.put(CONTAINER, name, BEN.frames()[0], content_type="image/jpeg", etag=info.etag)
    page.goto(f"{bank.url}#/visits/{visit}")
    act(page, "verify").click()
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Changed: Picture 2")
