"""Routes match as ASP.NET's do."""

import pytest

from devhost.routing import Route


def test_a_literal_route_ignores_letter_case_and_a_closing_slash() -> None:
    route = Route("api/Sessions", ["GET"])
    assert route.match("GET", "/api/sessions") == {}
    assert route.match("GET", "/API/SESSIONS/") == {}
    assert route.match("GET", "/api/sessions/x") is None


def test_a_parameter_is_one_segment_and_is_decoded() -> None:
    route = Route("api/people/{id}/name", None)
    assert route.match("GET", "/api/people/a%20b%2Fc/name") == {"id": "a b/c"}
    assert route.match("GET", "/api/people/a/b/name") is None


def test_only_the_listed_methods_match_and_head_is_not_get() -> None:
    route = Route("api/x", ["get", "POST"])
    assert route.match("GET", "/api/x") == {}
    assert route.match("POST", "/api/x") == {}
    assert route.match("HEAD", "/api/x") is None
    assert route.match("DELETE", "/api/x") is None


def test_optional_and_default_parameters_may_be_missing() -> None:
    assert Route("api/day/{day?}", None).match("GET", "/api/day") == {}
    assert Route("api/day/{day?}", None).match("GET", "/api/day/2026-11-22") == {"day": "2026-11-22"}
    assert Route("api/day/{day=today}", None).match("GET", "/api/day") == {"day": "today"}


def test_a_catch_all_takes_the_rest_of_the_path() -> None:
    route = Route("kiosk/{*path}", None)
    assert route.match("GET", "/kiosk") == {}
    assert route.match("GET", "/kiosk/js/main.js") == {"path": "js/main.js"}


def test_two_parameters_may_share_a_segment() -> None:
    assert Route("media/{name}.{kind}", None).match("GET", "/media/frame.jpg") == {"name": "frame", "kind": "jpg"}


@pytest.mark.parametrize(
    ("constraint", "fits", "fails"),
    [
        ("int", "-12", "1.5"),
        ("int", "2147483647", "2147483648"),
        ("long", "2147483648", "x"),
        ("bool", "True", "1"),
        ("guid", "0f8fad5b-d9cb-469f-a165-70867728950e", "0f8fad5b"),
        ("alpha", "abc", "ab1"),
        ("length(3)", "abc", "abcd"),
        ("length(2,3)", "abc", "abcd"),
        ("minlength(2)", "ab", "a"),
        ("maxlength(2)", "ab", "abc"),
        ("min(18)", "18", "17"),
        ("max(18)", "18", "19"),
        ("range(1,9)", "9", "10"),
        ("datetime", "2026-11-22", "yesterday"),
        ("double", "1.5e3", "one"),
        (r"regex(^k\d+$)", "K7", "kiosk"),
    ],
)
def test_a_constraint_decides_whether_the_route_matches(constraint: str, fits: str, fails: str) -> None:
    route = Route(f"x/{{value:{constraint}}}", None)
    assert route.match("GET", f"/x/{fits}") == {"value": fits}
    assert route.match("GET", f"/x/{fails}") is None


@pytest.mark.parametrize("template", ["x/{1a}", "x/{a:colour}", "x/{a b}"])
def test_a_malformed_template_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match="route"):
        Route(template, None)
