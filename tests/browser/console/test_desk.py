"""What an officer, a viewer and an administrator do at the desk, against the fake back end."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from shared.domain.roles import Role
from tests.browser.console import records
from tests.browser.console.fake_desk import PASSWORD, FakeDesk, Served
from tests.browser.console.stations import act, go, heading


def say_why(page: Page, reason: str = "Asked for by the police", case: str | None = "C-2041") -> None:
    page.locator("#field-reason").fill(reason)
    if case:
        page.locator("#field-case").fill(case)
    act(page, "dialog-confirm").click()


def test_signing_in_leads_to_the_address_that_was_asked_for_and_a_lost_session_comes_back_to_it(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    desk.role = None
    go(page, server.url, desk, "sign-in")
    page.locator("#field-name").fill("otto")
    page.locator("#field-password").fill("wrong")
    act(page, "sign-in").click()
    expect(page.get_by_role("alert")).to_contain_text("Name or password is wrong")
    expect(page.locator("#field-password")).to_be_focused()
    page.locator("#field-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(heading(page, "Visits")).to_be_focused()
    desk.refuse(
        "/api/people/search", 401, "not_allowed"
    )  # here and not before: the list of visits may still be on its way
    page.get_by_role("link", name="People").click()
    expect(page.get_by_text("You were signed out")).to_be_visible()
    page.locator("#field-name").fill("otto")
    page.locator("#field-password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(heading(page, "People")).to_be_visible()
    page.goto(f"{server.url}#/me")
    act(page, "sign-out").click()
    expect(heading(page, "Sign in")).to_be_visible()


def test_a_viewer_is_offered_neither_names_nor_pictures_nor_acts(page: Page, desk: FakeDesk, server: Served) -> None:
    desk.role = Role.VIEWER
    go(page, server.url, desk, "visits")
    expect(page.locator(".grid-body .row").first).to_be_visible()
    expect(page.locator(".grid-body img")).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text(records.NAMES[0])
    expect(act(page, "export")).to_have_count(0)
    for section in ("People", "Audit", "Search by face", "Holds and retention"):
        expect(page.get_by_role("navigation").get_by_role("link", name=section)).to_have_count(0)
    page.goto(f"{server.url}#/visits/{desk.visits[3]['id']}")
    expect(heading(page, "Visit")).to_be_visible()
    for name in ("export", "verify", "hold", "find-face"):
        expect(act(page, name)).to_have_count(0)
    page.goto(f"{server.url}#/kiosks")
    expect(heading(page, "Kiosks")).to_be_visible()
    expect(act(page, "add")).to_have_count(0)
    assert desk.pictures == []


def test_a_new_call_rings_and_is_counted_and_the_muted_desk_stays_quiet(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    page.add_init_script(
        "window.rung = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (at) { window.rung++; return start.call(this, at); };"
    )
    calls, desk.items = desk.items, []
    go(page, server.url, desk, "attention-empty")
    page.locator("h1").click()
    desk.items = calls
    expect(page.locator(".card.call")).to_be_visible()
    expect(page.locator(".side .badge").last).to_contain_text("5 open items")
    page.wait_for_function("() => window.rung > 0")
    act(page, "mute").click()
    rung = page.evaluate("window.rung")
    desk.items = [records.item("a9", "assistance", desk.now, kiosk="K2", session=desk.live["id"]), *calls]
    expect(page.locator(".card.call")).to_have_count(2)
    assert page.evaluate("window.rung") == rung
    page.reload()
    expect(act(page, "mute")).to_contain_text("Turn the sound on")


def test_an_officer_answers_for_exactly_the_picture_that_was_looked_at(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    go(page, server.url, desk, "vouch")
    act(page, "dialog-confirm").click()
    assert desk.posted[f"/api/assistance/{desk.live['id']}/vouch"] == []  # no document is chosen yet
    page.get_by_label("Passport").check()
    act(page, "dialog-confirm").click()
    expect(heading(page, "Needs attention")).to_be_visible()
    body = desk.posted[f"/api/assistance/{desk.live['id']}/vouch"][0]
    assert body == {"person": records.person_id(0), "seq": 3, "document": "passport", "case": None}


def test_where_the_machine_knew_nobody_the_person_is_found_and_a_second_officer_is_asked_for(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    go(page, server.url, desk, "call-unrecognised")
    expect(act(page, "vouch")).to_have_count(0)
    page.get_by_label("Find the person").fill("ben")
    act(page, "pick-search").click()
    act(page, "pick").click()
    act(page, "vouch").click()
    expect(page.get_by_role("dialog")).to_contain_text("second officer")
    page.get_by_label("Identity card").check()
    act(page, "dialog-confirm").click()
    expect(page.locator(".notices")).to_contain_text("A second officer has to answer now")
    desk.call_over = True
    expect(page.get_by_text("This call is over")).to_be_visible()


def test_filters_stand_in_the_address_survive_a_reload_and_times_are_the_kiosks_own(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    go(page, server.url, desk, "visits")
    page.locator("#field-kiosk").select_option("K7")
    page.locator("#field-outcome").select_option("denied")
    page.locator("#filter-reason").select_option("presentation")
    expect(page.locator(".row .tag.bad").first).to_be_visible()
    assert page.url.endswith("#/visits?kiosk=K7&outcome=denied&reason=presentation")
    page.reload()
    expect(page.locator("#filter-reason")).to_have_value("presentation")
    page.locator("#field-outcome").select_option("")
    page.locator("#field-when").select_option("custom")
    expect(page.locator(".zone")).to_contain_text("Asia/Tokyo, GMT+9")
    page.locator("#field-from").fill("2026-11-22T14:00")
    page.locator("#field-to").fill("2026-11-22T15:00")
    with page.expect_response(lambda answer: "/api/visits?" in answer.url and "to=2026-11-22T06" in answer.url):
        page.locator("#field-to").blur()
    page.wait_for_url("**from=2026-11-22T05*to=2026-11-22T06*")
    assert desk.asked[-1]["from"] == "2026-11-22T05:00:00.000Z"
    page.locator("#field-kiosk").select_option("")
    page.locator("#field-reference").fill("k7-0000")
    page.locator("#field-reference").press("Enter")
    expect(page.get_by_text("No visits match")).to_be_visible()
    assert desk.asked[-1]["reference"] == "K7-0000"


def test_ten_thousand_rows_scroll_with_few_of_them_in_the_document(page: Page, server: Served, desk: FakeDesk) -> None:
    desk.visits, desk.at_once = records.visits(10_000, desk.now, timedelta(seconds=8)), 2500
    page.goto(f"{server.url}#/visits")
    expect(page.locator(".head .tag")).to_have_text("10,000 visits")
    loaded = "Number(document.querySelector('.grid-body').style.getPropertyValue('--rows'))"
    page.locator("#visit-0").focus()
    while (before := page.evaluate(loaded)) < 10_000:
        page.keyboard.press("End")
        page.wait_for_function(f"before => {loaded} > before", arg=before)
    page.keyboard.press("End")
    expect(page.locator("#visit-9999")).to_be_focused()
    assert page.locator(".grid-body .row").count() < 80
    expect(page.get_by_role("grid")).to_have_attribute("aria-rowcount", "10001")
    looked = len(desk.pictures)
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator("#visit-0")).to_be_visible()
    assert looked < 1500, "pictures of rows that rushed by were fetched"


def test_a_name_that_is_markup_stands_there_as_it_was_written(page: Page, desk: FakeDesk, server: Served) -> None:
    for visit in desk.visits:
        visit["person"] = {"id": "person9", "name": records.HOSTILE}
        visit["kioskName"] = records.HOSTILE
    go(page, server.url, desk, "visits")
    expect(page.get_by_text(records.HOSTILE).first).to_be_visible()
    page.goto(f"{server.url}#/people/person9")
    expect(heading(page, records.HOSTILE)).to_be_visible()
    expect(page.locator('img[src="x"]')).to_have_count(0)


def test_a_visit_is_checked_held_and_exported_for_a_reason(page: Page, desk: FakeDesk, server: Served) -> None:
    go(page, server.url, desk, "visit")
    act(page, "verify").click()
    expect(page.locator("main .notice.good")).to_contain_text("All 15 recordings are exactly as they were made")
    act(page, "hold").click()
    say_why(page)
    expect(act(page, "holds")).to_be_visible()
    act(page, "export").click()
    act(page, "dialog-confirm").click()
    assert desk.posted["/api/exports"] == []  # a reason is needed
    say_why(page)
    expect(page.get_by_text("waits for its turn")).to_be_visible()
    desk.export = {"state": "running", "done": 6, "total": 15}
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "40")
    desk.export = {"state": "done", "done": 15, "total": 15}
    with page.expect_download() as download:
        act(page, "download").click()
    assert download.value.suggested_filename == "x1.zip"
    assert desk.posted["/api/exports"] == [
        {"visit": desk.visits[3]["id"], "reason": "Asked for by the police", "case": "C-2041"}
    ]


def test_a_changed_recording_and_a_broken_audit_are_named(page: Page, desk: FakeDesk, server: Served) -> None:
    go(page, server.url, desk, "visit-changed")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("Changed: Picture 4")
    go(page, server.url, desk, "audit-broken")
    expect(page.locator("main").get_by_role("alert")).to_contain_text("2026-11-20 · 101530.204.ab")


def test_a_face_is_searched_and_strangers_only_after_a_second_officer(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    page.goto(f"{server.url}#/visits/{desk.visits[3]['id']}?frame=4")
    act(page, "find-face").click()
    expect(heading(page, "Search by face")).to_be_focused()
    page.locator("#field-reason").fill("Asked for by the police")
    page.locator("#field-case").fill("C-2041")
    act(page, "search-face").click()
    expect(heading(page, "What was found")).to_be_visible()
    assert desk.posted["/api/face-search"][0]["frame"] == 4
    expect(page.get_by_text("Possible").first).to_be_visible()
    act(page, "approve").click()
    act(page, "dialog-confirm").click()
    expect(page.get_by_text("approved by a second officer")).to_be_visible()
    page.goto(f"{server.url}#/face-search")
    page.locator("#field-photo").set_input_files(
        {"name": "face.jpg", "mimeType": "image/jpeg", "buffer": records.picture(2, 480)}
    )
    page.locator("#field-reason").fill("Asked for by the police")
    page.locator("#field-case").fill("C-2041")
    act(page, "search-face").click()
    expect(heading(page, "What was found")).to_be_visible()
    assert desk.posted["/api/face-search"][1]["photo"].startswith("/9j/")


def test_people_are_suspended_shown_in_clear_and_deleted_each_for_a_reason(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    go(page, server.url, desk, "person")
    act(page, "reveal").click()
    say_why(page)
    expect(page.get_by_text("+12025550142")).to_be_visible()
    act(page, "suspend").click()
    say_why(page)
    expect(page.locator(".head .tag").first).to_have_text("Suspended")
    act(page, "customer").click()
    page.locator("#field-customer").fill("C-77")
    act(page, "dialog-confirm").click()
    expect(page.locator("main")).to_contain_text("C-77")
    desk.holds.append(desk.hold("person", "person1"))
    act(page, "erase").click()
    say_why(page)
    expect(page.get_by_text("A hold suspends the erasure")).to_be_visible()
    page.goto(f"{server.url}#/people")
    page.locator("#field-name").fill("am")
    act(page, "search").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    assert "am" not in page.url.split("#")[1]
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(1)


def test_people_are_imported_after_a_trial_and_exported(page: Page, desk: FakeDesk, server: Served) -> None:
    go(page, server.url, desk, "import")
    expect(page.locator("tbody tr")).to_have_count(2)
    act(page, "import").click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    page.goto(f"{server.url}#/people")
    act(page, "export").click()
    with page.expect_download() as download:
        act(page, "dialog-confirm").click()
    assert download.value.suggested_filename == "people.csv"


def test_a_kiosk_is_added_paired_and_locked_out(page: Page, desk: FakeDesk, server: Served) -> None:
    go(page, server.url, desk, "kiosks")
    act(page, "add").click()
    page.locator("#field-id").fill("B4")
    page.locator("#field-name").fill("Branch 4")
    page.locator("#field-timeZone").select_option("Asia/Tokyo")
    act(page, "dialog-confirm").click()
    row = page.locator("tbody tr", has_text="Branch 4")
    row.locator('[data-act="pair"]').click()
    expect(page.locator(".code")).to_have_text("7KQ4M XW9RT")
    act(page, "dialog-cancel").click()
    expect(page.locator("body")).not_to_contain_text("7KQ4M")
    row.locator('[data-act="revoke"]').click()
    say_why(page)
    expect(row).to_contain_text("Locked out")


@pytest.mark.parametrize("station", ["visits-broken"])
def test_what_fails_says_so_and_can_be_tried_again(page: Page, desk: FakeDesk, server: Served, station: str) -> None:
    go(page, server.url, desk, station)
    act(page, "retry").click()
    expect(page.locator(".grid-body .row").first).to_be_visible()
    desk.reachable = False
    page.get_by_role("link", name="Charts").click()
    expect(page.get_by_text("The server cannot be reached").first).to_be_visible()
    expect(act(page, "retry")).to_be_visible()  # the words may be those of something else that asked
    desk.reachable = True
    act(page, "retry").click()
    expect(page.locator("svg.chart")).to_be_visible()


def test_hours_are_shown_as_bars_and_as_a_table(page: Page, desk: FakeDesk, server: Served) -> None:
    del desk.charts["hours"][2:4]
    go(page, server.url, desk, "charts")
    expect(page.locator("svg.chart g")).to_have_count(24)
    page.get_by_text("The numbers as a table").click()
    expect(page.locator("details tbody tr")).to_have_count(24)
    expect(page.get_by_text("Time to grant")).to_be_visible()


def test_a_visit_is_printed_with_all_its_pictures_and_without_controls(
    page: Page, desk: FakeDesk, server: Served
) -> None:
    page.add_init_script("window.printed = 0; window.print = () => window.printed++;")
    go(page, server.url, desk, "visit")
    act(page, "print").click()
    page.wait_for_function("() => window.printed === 1")
    broken = page.locator(".film img").evaluate_all("list => list.filter((e) => !e.complete || !e.naturalWidth).length")
    assert broken == 0
    page.emulate_media(media="print")
    expect(page.locator(".only-print")).to_contain_text("printed by anna")
    for hidden in (".side", ".actions", ".film-acts"):
        expect(page.locator(hidden).first).to_be_hidden()
