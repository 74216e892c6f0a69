"""Signing in, the one door, and what each role has: told by requests."""

import base64
import json
import logging
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from devhost.operators import local_operators as made_operators
from functions import http, kiosks, operators
from shared.domain.credentials import parse_credentials
from shared.domain.roles import TABLE, Role, may
from shared.settings import Settings
from tests.desk import PASSWORD, STAFF, Desk, local_operators


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, http, operators, kiosks)


def principal(*roles: str, directory: str = "aad", oid: str | None = "1f7c") -> dict[str, str]:
    claims = [{"typ": "roles", "val": role} for role in roles]
    claims += [{"typ": "oid", "val": oid}] if oid else []
    claims += [{"typ": "preferred_username", "val": "anna@bank.example"}]
    told = {"auth_typ": directory, "name_typ": "name", "role_typ": "roles", "claims": claims}
    return {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(json.dumps(told).encode()).decode()}


def test_signing_in_gives_a_cookie_no_script_reads_and_no_other_site_sends(desk: Desk) -> None:
    status, told = desk.call(operators.login, body={"name": "otto", "password": PASSWORD})
    assert (status, told["role"]) == (200, "officer")
    assert desk.answer is not None
    name, _, flags = desk.answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-operator"
    assert flags.endswith("; Max-Age=28800; Path=/; HttpOnly; SameSite=Strict; Secure")
    token = flags.partition(";")[0]
    assert len(token) == 43
    assert token not in "".join(desk.app.fake_documents.texts())


def test_the_local_host_has_no_tls_and_so_no_secure_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, local_host=True)
    desk.login("otto")
    assert desk.cookies["otto"].startswith("operator=")
    assert desk.call(operators.me, "otto", method="GET")[0] == 200


@pytest.mark.parametrize(("name", "password"), [("otto", "wrong"), ("nobody", PASSWORD), ("OTTO", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_look_alike(desk: Desk, name: str, password: str) -> None:
    assert desk.code(operators.login, body={"name": name, "password": password}) == (401, "not_allowed")
    assert len(desk.audited("operator_refused")) == 1


def test_tries_for_a_name_are_counted_wherever_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, limit_operator_tries=3)
    for address in ("10.0.0.1", "10.0.0.2", "10.0.0.3"):
        guess = {"name": "otto", "password": "guess"}
        assert desk.call(operators.login, body=guess, headers={"X-Forwarded-For": address})[0] == 401
    right = {"name": "otto", "password": PASSWORD}
    assert desk.code(operators.login, body=right, headers={"X-Forwarded-For": "10.0.0.4"}) == (429, "limit_reached")


def test_tries_from_an_address_are_counted_whatever_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, limit_operator_tries_address=3)
    for name in ("a", "b", "c"):
        assert desk.call(operators.login, body={"name": name, "password": "guess"})[0] == 401
    assert desk.code(operators.login, body={"name": "otto", "password": PASSWORD}) == (429, "limit_reached")


def test_a_session_ends_after_half_an_hour_without_a_request(desk: Desk) -> None:
    desk.login("otto")
    for _ in range(4):
        desk.app.fake_clock.advance(29 * 60)
        assert desk.call(operators.me, "otto", method="GET")[0] == 200
    desk.app.fake_clock.advance(30 * 60)
    assert desk.code(operators.me, "otto", method="GET") == (401, "not_allowed")


def test_and_after_eight_hours_whatever_happens(desk: Desk) -> None:
    desk.login("otto")
    for _ in range(8 * 3 - 1):
        desk.app.fake_clock.advance(20 * 60)
        assert desk.call(operators.me, "otto", method="GET")[0] == 200
    desk.app.fake_clock.advance(20 * 60)
    assert desk.call(operators.me, "otto", method="GET")[0] == 401


def test_signing_out_ends_the_session_at_once(desk: Desk) -> None:
    desk.login("otto")
    assert desk.call(operators.logout, "otto") == (204, b"")
    assert desk.answer is not None and "Max-Age=0" in desk.answer.headers["Set-Cookie"]
    assert desk.call(operators.me, "otto", method="GET")[0] == 401


def test_a_withdrawn_or_changed_credential_ends_its_sessions(desk: Desk) -> None:
    desk.login("otto")
    desk.app.operators._credentials = parse_credentials(local_operators().replace("otto:officer", "otto:admin"))
    assert desk.call(operators.me, "otto", method="GET")[0] == 401


def test_a_change_needs_the_consoles_own_header(desk: Desk) -> None:
    desk.login("otto")
    foreign = {"X-Requested-With": ""}
    assert desk.code(operators.logout, "otto", headers=foreign) == (401, "not_allowed")
    assert desk.code(operators.login, body={"name": "otto", "password": PASSWORD}, headers=foreign)[0] == 401
    assert desk.call(operators.me, "otto", method="GET", headers=foreign)[0] == 200


def test_by_default_nobody_is_an_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, operators="none")
    assert desk.code(operators.login, body={"name": "otto", "password": PASSWORD}) == (401, "not_allowed")
    for headers in ({}, principal("admin"), {"Cookie": "__Host-operator=" + "A" * 43}):
        assert desk.code(operators.me, method="GET", headers=headers) == (401, "not_allowed")


def test_the_platforms_header_counts_only_where_the_platform_stands_in_front(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.call(operators.me, method="GET", headers=principal("admin"))[0] == 401
    behind = Desk(monkeypatch, http, operators, kiosks, operators="entra")
    status, told = behind.call(operators.me, method="GET", headers=principal("viewer", "officer"))
    assert (status, told["name"], told["role"]) == (200, "anna@bank.example", "officer")
    assert behind.call(operators.login, body={"name": "otto", "password": PASSWORD})[0] == 401


@pytest.mark.parametrize(
    "headers",
    [
        {},
        principal(),
        principal("owner"),
        principal("admin", directory="google"),
        principal("admin", oid=None),
        {"X-MS-CLIENT-PRINCIPAL": "not base64!"},
        {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(b"[1]").decode()},
        {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(b'{"auth_typ":"aad","claims":[7]}').decode()},
        {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(b'{"claims":"' + b"x" * 40_000 + b'"}').decode()},
    ],
)
def test_a_principal_without_a_role_of_ours_is_nobody(monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, operators="entra")
    assert desk.code(operators.me, method="GET", headers=headers) == (401, "not_allowed")


TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
LONG = "http://schemas.microsoft.com"


def as_documented(tenant: str = TENANT, **changes: Any) -> dict[str, str]:
    """A principal as App Service Authentication gives it for Entra ID: claims mapped to their long names."""
    told = {
        "auth_typ": "aad",
        "name_typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "role_typ": f"{LONG}/ws/2008/06/identity/claims/role",
        "claims": [
            {"typ": "groups", "val": "admin"},
            {"typ": "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress", "val": "otto@bank.example"},
            {"typ": f"{LONG}/identity/claims/objectidentifier", "val": "5b5450db-eb26-4c1a-981c-ba1d25f0483d"},
            {"typ": f"{LONG}/identity/claims/tenantid", "val": tenant},
            {"typ": f"{LONG}/ws/2008/06/identity/claims/role", "val": "officer"},
            {"typ": "preferred_username", "val": "otto@bank.example"},
        ],
        **changes,
    }
    return {"X-MS-CLIENT-PRINCIPAL": base64.b64encode(json.dumps(told).encode()).decode()}


def test_a_principal_with_the_platforms_long_names_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, operators="entra", operator_tenant=TENANT)
    status, told = desk.call(operators.me, method="GET", headers=as_documented())
    assert (status, told["name"], told["role"]) == (200, "otto@bank.example", "officer"), "a group is no role"


def test_another_directory_gives_nobody_a_role_here(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, http, operators, kiosks, operators="entra", operator_tenant=TENANT)
    foreign = as_documented("11111111-86f1-41af-91ab-2d7cd011db47")
    for headers in (foreign, principal("admin")):
        assert desk.code(operators.me, method="GET", headers=headers) == (401, "not_allowed")


def test_entra_and_the_local_host_never_go_together() -> None:
    with pytest.raises(ValueError, match="OPERATORS=entra"):
        Settings(ATM_KEYS=f"k1:{'A' * 44}", AzureWebJobsStorage="x", operators="entra", local_host=True)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("operation", sorted(TABLE))
def test_each_cell_of_the_table_is_what_the_door_does(desk: Desk, role: Role, operation: str) -> None:
    def opened(req: Any, operator: Any) -> Any:
        return http.answer({})

    name = next(n for n, r in STAFF.items() if r is role)
    status, told = desk.call(operators.operated(operation)(opened), name)
    assert status == (200 if may(role, operation) else 403)
    if status == 403:
        assert told["code"] == "forbidden"
        assert [e["facts"] for e in desk.audited("refused")] == [{"operation": operation}]


EXPECTED = {
    Role.VIEWER: {
        "operators_me",
        "operators_logout",
        "kiosks_list",
        "assistance_list",
        "attention_list",
        "visits_list",
        "visits_count",
        "visits_live",
        "charts",
        "visits_one",
    },
    Role.OFFICER: set(TABLE)
    - {"kiosks_create", "kiosks_change", "kiosks_pairing", "people_change", "people_phone", "people_erase"}
    - {"people_import", "holds_release"},
    Role.ADMIN: set(TABLE),
}


@pytest.mark.parametrize("role", list(Role))
def test_what_each_role_has_written_out_a_second_time(role: Role) -> None:
    assert {operation for operation in TABLE if may(role, operation)} == EXPECTED[role]
    assert not may(role, "anything_else")


PUBLIC = {
    *("health_live", "health_ready", "kiosk_config", "kiosk_pair", "operators_login", "handoff_redeem", "handoff_keys"),
    *("page_home", "page_kiosk", "page_console", "page_openapi", "session_start", "teller_open", "sms_status"),
}
BY_ITS_VISIT = ("session_", "enrolment_", "teller_")


def behind_the_door() -> dict[str, Any]:
    """Every HTTP function that is neither public nor opened by a visit's own token, by its name."""
    from functions import blueprints

    found: dict[str, Any] = {}
    for blueprint in blueprints():
        for builder in blueprint._function_builders:
            function = builder._function
            name = str(function.get_function_name())
            http_trigger = any(b.type == "httpTrigger" for b in function.get_bindings())
            if http_trigger and name not in PUBLIC and not name.startswith(BY_ITS_VISIT):
                found[name] = function.get_user_function()
    return found


def test_every_function_that_is_not_public_has_a_row_and_every_row_a_function() -> None:
    assert set(behind_the_door()) == set(TABLE)


def test_and_opens_to_nobody_who_is_not_signed_in(desk: Desk) -> None:
    for name, function in behind_the_door().items():
        assert desk.code(function, method="GET") == (401, "not_allowed"), name


@pytest.mark.parametrize("name", ["vera", "otto"])
def test_each_function_asks_for_its_own_row(desk: Desk, name: str) -> None:
    refused = {n: f for n, f in behind_the_door().items() if not may(STAFF[name], n)}
    assert refused
    for function in refused.values():
        assert desk.code(function, name) == (403, "forbidden")
    assert {e["facts"]["operation"] for e in desk.audited("refused")} == set(refused)


def test_an_operation_without_a_row_cannot_even_be_wired() -> None:
    with pytest.raises(ValueError, match="no row"):
        operators.operated("people_everything")


def test_neither_password_nor_token_reaches_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk.login("otto")
    desk.app.fake_documents.down = True
    assert desk.call(operators.me, "otto", method="GET")[0] == 503
    logged = " ".join(str(vars(record)) for record in caplog.records)
    for secret in (PASSWORD, desk.cookies["otto"].partition("=")[2]):
        assert secret not in logged


@pytest.mark.parametrize(
    "setting",
    [
        "otto",
        "otto:officer:secret",
        "otto:owner:" + "x",
        "Otto Müller:officer:x",
        "otto:officer:scrypt$10$8$1$c3Nzc3Nzc3Nzc3Nzc3Nzcw==$" + "A" * 43 + "=",
        "otto:officer:scrypt$14$8$1$c2hvcnQ=$" + "A" * 43 + "=",
        local_operators() + "," + local_operators(),
    ],
)
def test_a_bad_setting_stops_the_start_and_is_not_quoted(setting: str) -> None:
    with pytest.raises(ValueError, match="LOCAL_OPERATORS") as caught:
        parse_credentials(setting)
    assert "secret" not in str(caught.value)


def test_the_launchers_credentials_are_made_once_for_their_owner_and_open_the_door(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting, people = made_operators(tmp_path / "state")
    assert made_operators(tmp_path / "state") == (setting, people)
    assert [role for _, role, _ in people] == [Role.VIEWER, Role.OFFICER, Role.OFFICER, Role.ADMIN]
    if sys.platform != "win32":
        (file,) = (tmp_path / "state").iterdir()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(password in setting for *_, password in people)
    desk = Desk(monkeypatch, http, operators, kiosks, local_operators=setting)
    name, role, password = people[-1]
    assert desk.call(operators.login, body={"name": name, "password": password})[1]["role"] == role
