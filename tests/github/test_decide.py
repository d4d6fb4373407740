"""What every answer means, as a table."""

from __future__ import annotations

from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trender_assets.github.decide import (
    Exchange,
    decide,
    http_date,
    retry_after_seconds,
    until_reset,
)

NOW = 1_795_600_000.0
SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
PRIMARY = {"message": "API rate limit exceeded for user ID 12345."}
SOON = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 30)}


def graphql(*errors: dict[str, Any], data: Any = None) -> dict[str, Any]:
    return {"errors": list(errors), **({} if data is None else {"data": data})}


def decided(status: int, headers: dict[str, str] | None = None, body: Any = None, **more: Any):
    attempt = more.pop("attempt", 0)
    exchange = Exchange(status, headers or {}, body, **more)
    return decide(exchange, now=NOW, attempt=attempt)


@pytest.mark.parametrize("status", [200, 201, 204, 304])
def test_success_is_used(status: int) -> None:
    assert decided(status).action == "use"


@pytest.mark.parametrize("status", [403, 429])
def test_primary_limit_waits_until_the_reset(status: int) -> None:
    """403 and 429 with remaining 0 wait until the reset, for this resource only."""
    decision = decided(status, SOON, PRIMARY)
    assert (decision.action, decision.wait, decision.scope) == ("retry", 31.0, "resource")


@pytest.mark.parametrize("status", [403, 429])
def test_retry_after_is_obeyed_by_everyone(status: int) -> None:
    """Retry-after comes before everything else and holds all workers."""
    decision = decided(status, {**SOON, "retry-after": "60"}, SECONDARY)
    assert (decision.action, decision.wait, decision.scope) == ("retry", 60.0, "everyone")


@pytest.mark.parametrize(("attempt", "wait"), [(0, 60.0), (1, 120.0), (2, 240.0), (5, 900.0)])
def test_limit_without_headers_grows_from_a_minute(attempt: int, wait: float) -> None:
    """429 without headers, and 403 that says "secondary": at least 60 s, growing, 5 tries."""
    for status, body in ((429, None), (403, SECONDARY)):
        decision = decided(status, {}, body, attempt=attempt)
        assert (decision.action, decision.wait, decision.tries) == ("retry", wait, 5)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("60", 60.0),
        ("1.5", 1.5),
        ("0", 1.0),
        ("-1", 60.0),
        ("abc", 60.0),
        ("", 60.0),
        ("nan", 60.0),
        ("inf", 60.0),
        (formatdate(NOW + 90, usegmt=True), 90.0),
        (formatdate(NOW - 90, usegmt=True), 60.0),
    ],
)
def test_retry_after_values(value: str, wait: float) -> None:
    """Numbers and HTTP dates are understood; anything else means the floor of 60 s."""
    assert decided(429, {"retry-after": value}).wait == pytest.approx(wait)


@pytest.mark.parametrize("value", ["7200", "901", formatdate(NOW + 7200, usegmt=True)])
def test_more_than_a_quarter_of_an_hour_is_given_up(value: str) -> None:
    """Nobody waits two hours; the stream is given up and says so."""
    decision = decided(429, {"retry-after": value})
    assert decision.action == "give_up"
    assert "to wait" in decision.reason


def test_reset_beyond_the_ceiling_is_given_up() -> None:
    """The ceiling of 15 minutes holds for the primary limit too."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 3000)}
    assert decided(403, headers, PRIMARY).action == "give_up"


def test_reset_in_the_past_is_never_a_negative_sleep() -> None:
    """The window just rolled: one second, then longer."""
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) - 500)}
    assert decided(403, headers).wait == 1.0
    assert decided(403, headers, attempt=3).wait == 8.0


@pytest.mark.parametrize("skew", [-600, 0, 600])
def test_waits_follow_the_servers_clock(skew: int) -> None:
    """With a local clock that is ten minutes off, the Date header decides."""
    headers = {
        "date": formatdate(NOW + skew, usegmt=True),
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(NOW) + skew + 30),
    }
    assert decided(403, headers, PRIMARY).wait == 31.0


@pytest.mark.parametrize(
    ("status", "body", "action", "reason"),
    [
        (401, {"message": "Bad credentials"}, "refused", "bad_credentials"),
        (404, {"message": "Not Found"}, "absent", "not_found"),
        (409, {"message": "Git Repository is empty."}, "absent", "empty"),
        (410, {"message": "Issues are disabled for this repo"}, "absent", "disabled"),
        (451, {"block": {"reason": "dmca"}}, "absent", "blocked_dmca"),
        (451, None, "absent", "blocked_dmca"),
        (403, {"block": {"reason": "tos"}}, "absent", "blocked_tos"),
        (403, {"message": "Must have push access"}, "fail", "forbidden: Must have push access"),
        (403, "<html>proxy</html>", "fail", "forbidden: <html>proxy</html>"),
        (400, {"message": "Problems parsing JSON"}, "fail", "http 400: Problems parsing JSON"),
        (422, {"message": "Validation Failed"}, "fail", "refused: Validation Failed"),
        (418, None, "fail", "http 418"),
    ],
)
def test_final_answers_are_not_repeated(status: int, body: Any, action: str, reason: str) -> None:
    """401 ends the token; one repository's 403, 404, 410 or 451 is an answer about it."""
    decision = decided(status, {"x-ratelimit-remaining": "0"} if status == 401 else {}, body)
    assert (decision.action, decision.reason) == (action, reason)


def test_plain_403_with_budget_left_is_no_limit() -> None:
    """Remaining > 0, no retry-after, no "secondary": repeating would not help."""
    body = {"message": "The history or contributor list is too large"}
    assert decided(403, {"x-ratelimit-remaining": "4000"}, body).action == "fail"


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_server_errors_are_repeated(status: int) -> None:
    """1, 2, 4 seconds, four tries."""
    waits = [decided(status, attempt=attempt).wait for attempt in range(3)]
    assert waits == [1.0, 2.0, 4.0]
    assert decided(status).tries == 4


def test_statistics_under_computation_are_asked_again() -> None:
    assert [decided(202, attempt=n).wait for n in range(4)] == [2.0, 4.0, 8.0, 16.0]


@pytest.mark.parametrize(
    "problem", ["malformed: empty body", "malformed: not JSON (text/html)", "connection: ReadError"]
)
def test_broken_bodies_are_repeated_then_unknown(problem: str) -> None:
    """HTML, nothing, half a JSON text and broken connections may heal."""
    decision = decided(200, problem=problem)
    assert (decision.action, decision.reason, decision.scope) == ("retry", problem, "request")


def test_oversized_bodies_are_not_repeated() -> None:
    """What is too large stays too large; GraphQL can ask for less."""
    assert decided(200, problem="oversized").action == "fail"
    assert decided(200, problem="oversized", is_graphql=True).action == "smaller"


@pytest.mark.parametrize("kind", ["RATE_LIMIT", "RATE_LIMITED"])
def test_graphql_limit_in_a_200(kind: str) -> None:
    """Both generations of the error count, although the headers say one is left."""
    headers = {"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(int(NOW) + 30)}
    body = graphql({"type": kind, "message": "API rate limit already exceeded"})
    decision = decided(200, headers, body, is_graphql=True)
    assert (decision.action, decision.wait, decision.scope) == ("retry", 31.0, "resource")


def test_graphql_limit_by_code_and_without_headers() -> None:
    """Without a reset the floor of a minute holds."""
    body = graphql({"code": "graphql_rate_limit", "message": "exceeded"})
    assert decided(200, {}, body, is_graphql=True).wait == 60.0


def test_graphql_secondary_limit() -> None:
    """The secondary limit may come as an error of a 200."""
    decision = decided(200, {"retry-after": "75"}, graphql(SECONDARY), is_graphql=True)
    assert (decision.action, decision.wait, decision.scope) == ("retry", 75.0, "everyone")


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (502, "<html>nginx</html>", None),
        (504, None, None),
        (200, graphql({"message": "Something went wrong while executing your query."}), None),
        (200, graphql({"message": "We couldn't respond to your request in time"}), None),
        (200, graphql({"type": "MAX_NODE_LIMIT_EXCEEDED", "message": "too many"}), None),
        (200, graphql({"type": "RESOURCE_LIMITS_EXCEEDED", "message": "limits"}), None),
        (0, None, "timeout"),
    ],
)
def test_graphql_that_was_too_much_asks_for_less(
    status: int, body: Any, problem: str | None
) -> None:
    """Timeouts and resource limits halve the batch instead of repeating it."""
    assert decided(status, {}, body, problem=problem, is_graphql=True).action == "smaller"


def test_graphql_errors_with_a_path_keep_the_data() -> None:
    """One repository's error does not make the others unknown."""
    error = {"type": "NOT_FOUND", "path": ["r1"], "message": "Could not resolve"}
    body = graphql(error, data={"r0": {}, "r1": None})
    assert decided(200, {}, body, is_graphql=True).action == "use"


def test_graphql_that_is_wrong_fails() -> None:
    body = graphql({"message": "Field 'foo' doesn't exist on type 'Repository'"})
    decision = decided(200, {}, body, is_graphql=True)
    assert decision.action == "fail"
    assert "foo" in decision.reason


def test_rest_bodies_with_errors_are_no_graphql_errors() -> None:
    assert decided(200, {}, {"errors": [{"type": "RATE_LIMIT"}]}).action == "use"


@given(st.text(max_size=40))
def test_any_header_value_is_survived(value: str) -> None:
    """No header value can raise or give a negative or endless wait."""
    seconds = retry_after_seconds(value, NOW)
    assert seconds is None or 0 <= seconds < float("inf")
    left = until_reset({"x-ratelimit-reset": value, "date": value}, NOW)
    assert left is None or 0 <= left < float("inf")
    http_date(value)


@given(
    st.integers(0, 599),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "date"]),
        st.text(max_size=12),
    ),
    st.none()
    | st.text(max_size=20)
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.none() | st.integers()),
    st.booleans(),
)
def test_every_answer_has_a_decision(
    status: int, headers: dict[str, str], body: Any, is_graphql: bool
) -> None:
    """Whatever comes, something is decided and no wait exceeds the ceiling."""
    decision = decide(Exchange(status, headers, body, None, is_graphql), now=NOW)
    assert decision.action == "give_up" or 0 <= decision.wait <= 900
