"""Kiosks from naming to revoking, told by requests."""

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from functions import http, kiosk_admin, kiosks, operators
from shared.domain.errors import NotAllowed
from shared.domain.session import Reason, State
from shared.services.kiosks.pairing import SignedStart, signed_message
from tests.desk import Desk


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, http, operators, kiosks, kiosk_admin)


class Page:
    """A kiosk's page with its own key."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        numbers = self.key.public_key().public_numbers()
        x, y = (base64.urlsafe_b64encode(n.to_bytes(32)).rstrip(b"=").decode() for n in (numbers.x, numbers.y))
        self.jwk = {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def start(self, desk: Desk, kiosk: str, nonce: str) -> SignedStart:
        time_ms = str(round(desk.app.clock.now().timestamp() * 1000))
        der = self.key.sign(signed_message(kiosk, time_ms, nonce, b"{}"), ec.ECDSA(SHA256()))
        raw = b"".join(part.to_bytes(32) for part in utils.decode_dss_signature(der))
        return SignedStart(
            kiosk=kiosk,
            time_ms=time_ms,
            nonce=nonce,
            signature=base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
            body=b"{}",
        )


def pair(desk: Desk, kiosk: str) -> Page:
    page = Page()
    status, given = desk.call(kiosk_admin.pairing_code, "anna", id=kiosk)
    assert status == 201
    status, told = desk.call(kiosks.pair, body={"code": given["code"], "publicKey": page.jwk})
    assert (status, told["kiosk"]) == (201, kiosk)
    return page


def test_a_kiosk_is_created_paired_once_and_signs(desk: Desk) -> None:
    new = {"id": "K12", "name": "  Osaka   North ", "timeZone": "Asia/Tokyo"}
    status, told = desk.call(kiosk_admin.create, "anna", body=new)
    assert status == 201
    assert told == {
        "id": "K12",
        "name": "Osaka North",
        "timeZone": "Asia/Tokyo",
        "state": "unpaired",
        "createdAt": "2026-11-22T12:00:00.000Z",
        "pairedAt": None,
    }
    page = pair(desk, "K12")
    assert desk.app.kiosks.authenticate(page.start(desk, "K12", "n1")).id == "K12"
    _, listed = desk.call(kiosk_admin.all_kiosks, "vera", method="GET")
    assert {k["id"]: k["state"] for k in listed["kiosks"]} == {"K7": "unpaired", "K12": "paired"}


def test_a_pairing_code_works_once_and_is_nowhere_written_down(desk: Desk) -> None:
    _, given = desk.call(kiosk_admin.pairing_code, "anna", id="K7")
    assert given["expiresAt"] == "2026-11-22T12:15:00.000Z"
    wanted = {"code": given["code"], "publicKey": Page().jwk}
    assert desk.call(kiosks.pair, body=wanted)[0] == 201
    assert desk.call(kiosks.pair, body=wanted)[0] == 401
    assert given["code"] not in "".join(desk.app.fake_documents.texts())
    assert [e["subjects"] for e in desk.audited("kiosk_pairing_code")] == [{"kiosk": "K7"}]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "k12"}, "bad_id"),
        ({"id": "7K"}, "bad_id"),
        ({"id": "K_1"}, "bad_id"),
        ({"id": "K12345678"}, "bad_id"),
        ({"name": "   "}, "bad_name"),
        ({"name": "x" * 61}, "bad_name"),
        ({"name": "tab\x07"}, "bad_name"),
        ({"timeZone": "Tokyo"}, "bad_time_zone"),
        ({"timeZone": "asia/tokyo"}, "bad_time_zone"),
        ({"timeZone": "../../etc/passwd"}, "bad_time_zone"),
        ({"timeZone": "America"}, "bad_time_zone"),
        ({"timeZone": "localtime"}, "bad_time_zone"),
        ({"timeZone": 9}, "bad_timezone"),
    ],
)
def test_what_is_no_kiosk_is_refused_by_name(desk: Desk, change: dict[str, object], code: str) -> None:
    new = {"id": "K12", "name": "Osaka", "timeZone": "Asia/Tokyo", **change}
    assert desk.code(kiosk_admin.create, "anna", body=new) == (400, code)
    assert desk.audited("kiosk_created") == []


def test_no_two_kiosks_share_an_id_and_the_try_is_in_the_audit(desk: Desk) -> None:
    new = {"id": "K7", "name": "Another", "timeZone": "UTC"}
    assert desk.code(kiosk_admin.create, "anna", body=new) == (409, "already_exists")
    assert [e["facts"]["code"] for e in desk.audited("kiosk_created.failed")] == ["already_exists"]


def test_a_kiosk_is_renamed_and_moves_to_another_zone(desk: Desk) -> None:
    status, told = desk.call(kiosk_admin.change, "anna", method="PATCH", body={"timeZone": "Europe/Berlin"}, id="K7")
    assert (status, told["name"], told["timeZone"]) == (200, "Shibuya Station", "Europe/Berlin")
    assert desk.call(kiosk_admin.change, "anna", method="PATCH", body={"name": "Mitte"}, id="K7")[1]["name"] == "Mitte"
    assert desk.code(kiosk_admin.change, "anna", method="PATCH", body={}, id="K7") == (400, "nothing_to_change")
    assert desk.code(kiosk_admin.change, "anna", method="PATCH", body={"name": "x"}, id="K8") == (404, "not_found")


def test_a_revoked_kiosk_signs_no_more_and_its_visits_end_at_once(desk: Desk) -> None:
    page = pair(desk, "K7")
    desk.stage.enrol("ada")
    desk.stage.to_pin()
    desk.app.kiosks.create("K77", "Elsewhere", "UTC")
    other, _ = desk.app.visit.start("K77", "en")
    status, told = desk.call(
        kiosk_admin.revoke, "otto", body={"reason": "Machine was stolen", "case": "INC-9"}, id="K7"
    )
    assert (status, told) == (200, {"visitsEnded": 1})
    assert (desk.stage.state, desk.stage.now().reason) == (State.ENDED, Reason.CUT_OFF)
    assert not desk.app.sessions.load(other.id).session.over
    with pytest.raises(NotAllowed):
        desk.app.kiosks.authenticate(page.start(desk, "K7", "n2"))
    (entry,) = desk.audited("kiosk_revoked")
    assert (entry["operator"], entry["reason"], entry["case"]) == ("otto", "Machine was stolen", "INC-9")


def test_a_new_code_for_a_revoked_kiosk_brings_the_old_key_not_back(desk: Desk) -> None:
    page = pair(desk, "K7")
    desk.call(kiosk_admin.revoke, "otto", body={"reason": "Machine was stolen"}, id="K7")
    desk.call(kiosk_admin.pairing_code, "anna", id="K7")
    with pytest.raises(NotAllowed):
        desk.app.kiosks.authenticate(page.start(desk, "K7", "n3"))
    again = pair(desk, "K7")
    assert desk.app.kiosks.authenticate(again.start(desk, "K7", hashlib.sha256(b"n").hexdigest())).id == "K7"


def test_revoking_needs_a_reason(desk: Desk) -> None:
    assert desk.code(kiosk_admin.revoke, "otto", body={}, id="K7") == (400, "reason_needed")
