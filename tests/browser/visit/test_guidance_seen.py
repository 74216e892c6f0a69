"""What stands in front of the camera, and what the page then says: the real engines, one hint at a time."""

from playwright.sync_api import expect

from tests.browser.visit.conftest import Kiosk

HINTS = {
    "dark": "more_light",
    "too-far": "come_closer",
    "off-centre": "centre_face",
    "turned-left": "face_camera",
    "blurred": "hold_still",
    "two-people": "one_person",
    "mask": "uncover_face",
    "sunglasses": "take_off_sunglasses",
}


def test_each_way_of_standing_wrong_gets_the_hint_that_puts_it_right(kiosk: Kiosk) -> None:
    kiosk.starts("dark")
    for scene, hint in HINTS.items():
        kiosk.stands(scene)
        expect(kiosk.page.locator(f'.hint[data-hint="{hint}"]')).to_be_visible(timeout=60_000)
        expect(kiosk.page.locator("html")).to_have_attribute("data-screen", "identifying")
    kiosk.act("terminate")
    kiosk.sees("final")
