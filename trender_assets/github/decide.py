"""An answer of GitHub and what to do about it; pure.

Define here the meaning of a status, a limit header or a GraphQL error.
Waiting, retrying and counting belong to `client`, halving to `batches`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Literal

Action = Literal["use", "retry", "smaller", "absent", "fail", "refused", "give_up"]
Scope = Literal["request", "resource", "everyone"]

CEILING_SECONDS = 900.0
SECONDARY_SECONDS = 60.0
RATE_TRIES = 5
TRANSIENT_TRIES = 4
PENDING_TRIES = 6

_SECONDARY = re.compile(r"secondary rate|abuse detection", re.I)
_TIMEOUT_TEXT = re.compile(r"something went wrong|in time|timed? ?out", re.I)
_RATE_TYPES = frozenset({"RATE_LIMIT", "RATE_LIMITED"})
_TOO_MUCH = frozenset({"RESOURCE_LIMITS_EXCEEDED", "MAX_NODE_LIMIT_EXCEEDED", "ARGUMENT_LIMIT"})


@dataclass(frozen=True)
class Exchange:
    """What came back for one request.

    Attributes:
        status: HTTP status; 0 when there was no answer.
        headers: Headers, names in lower case.
        body: Parsed JSON, or text when it is none, or None.
        problem: Why there is no usable body: ``timeout``, ``connection …``, ``malformed …``,
            ``oversized``; None when all is well.
        is_graphql: Whether it was a GraphQL query.
        unreached: Why no connection came about, for people; None when GitHub was reached.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    problem: str | None = None
    is_graphql: bool = False
    unreached: str | None = None


@dataclass(frozen=True)
class Decision:
    """What to do.

    Attributes:
        action: ``use`` the body; ``retry`` after `wait`; ask for something ``smaller`` (GraphQL);
            it is ``absent``; ``fail`` this request; the token was ``refused``; ``give_up`` the
            resource until it resets.
        reason: A stable word, with details after a colon.
        wait: Seconds to wait before a retry, before jitter.
        scope: Who has to wait: this request, everyone who uses the resource with this token, or
            everyone.
        tries: How many tries such a reason gets in all.
    """

    action: Action
    reason: str = ""
    wait: float = 0.0
    scope: Scope = "request"
    tries: int = 1


def decide(exchange: Exchange, *, now: float, attempt: int = 0) -> Decision:
    """What to do about an answer.

    Args:
        exchange: The answer.
        now: Local time in seconds since 1970; the Date header, where there is one, overrules it.
        attempt: How often this request was tried before (0 the first time).
    """
    status = exchange.status
    if status in (403, 429):
        return _forbidden(exchange, now, attempt)
    if status == 401:
        return Decision("refused", "bad_credentials")
    if exchange.problem:
        return _broken(exchange, attempt)
    if status == 202:
        return _retry("pending", min(2.0 * 2**attempt, 30.0), PENDING_TRIES)
    if status in (500, 502, 503, 504):
        return _server_error(exchange, now, attempt)
    if status in (404, 409, 410, 451):
        return Decision("absent", _absence(status, exchange.body))
    if status == 422:
        return Decision("fail", f"refused: {message_of(exchange.body) or 'validation failed'}")
    if 200 <= status < 300 or status == 304:
        errors = _errors(exchange)
        return _graphql(exchange, errors, now, attempt) if errors else Decision("use")
    text = message_of(exchange.body)
    return Decision("fail", f"http {status}" + (f": {text}" if text else ""))


def looks_foreign(exchange: Exchange, decision: Decision) -> str:
    """What of an answer to /rate_limit no GitHub would give; empty when one may have given it.

    GitHub names budgets; its errors, such as Enterprise's without limits, hold a message.
    """
    if decision.reason.startswith("a redirect"):
        return "a redirect to another host or in circles"
    is_whole = exchange.problem is None or exchange.problem.startswith("malformed")
    is_limit = decision.scope != "request" or decision.action == "refused"
    if not 200 <= exchange.status < 500 or not is_whole or is_limit:
        return ""
    if isinstance(exchange.body, dict) and {"resources", "message"} & exchange.body.keys():
        return ""
    kind = exchange.headers.get("content-type", "no content type").split(";")[0]
    return f"HTTP {exchange.status} and {kind} that is no word of GitHub's"


def retry_after_seconds(value: str | None, server_now: float) -> float | None:
    """Seconds of a Retry-After header: a number or an HTTP date; None when it is neither.

    A negative or unreadable value is None, so that the caller's floor applies.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = http_date(value)
        seconds = math.nan if moment is None else moment - server_now
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def http_date(value: str | None) -> float | None:
    """An HTTP date as seconds since 1970; None when it is none."""
    if not value:
        return None
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def server_time(headers: Mapping[str, str], now: float) -> float:
    """The server's time by its Date header; a local clock that is off must not matter."""
    moment = http_date(headers.get("date"))
    return now if moment is None else moment


def until_reset(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds until x-ratelimit-reset by the server's clock, never negative; None without one."""
    try:
        reset = float(headers["x-ratelimit-reset"])
    except (KeyError, ValueError):
        return None
    if not math.isfinite(reset) or reset <= 0:
        return None
    return max(reset - server_time(headers, now), 0.0)


def message_of(body: Any) -> str:
    """GitHub's message in an error body, on one line and short."""
    text = body.get("message") if isinstance(body, dict) else body
    if not isinstance(text, str):
        return ""
    return " ".join(text.split())[:200]


def _retry(reason: str, wait: float, tries: int, scope: Scope = "request") -> Decision:
    if wait > CEILING_SECONDS:
        return Decision("give_up", f"{reason}: {wait:,.0f} s to wait", wait, scope, tries)
    return Decision("retry", reason, wait, scope, tries)


def _growing(attempt: int) -> float:
    return min(SECONDARY_SECONDS * 2.0**attempt, CEILING_SECONDS)


def _after_reset(headers: Mapping[str, str], now: float, attempt: int) -> float:
    left = until_reset(headers, now)
    # A reset that lies in the past means the window just rolled: a second, then longer.
    return _growing(attempt) if left is None else max(left + 1.0, min(2.0**attempt, 60.0))


def _forbidden(exchange: Exchange, now: float, attempt: int) -> Decision:
    headers, body = exchange.headers, exchange.body
    text = message_of(body)
    if "retry-after" in headers:
        asked = retry_after_seconds(headers["retry-after"], server_time(headers, now))
        wait = _growing(attempt) if asked is None else max(asked, 1.0)
        return _retry("secondary_limit", wait, RATE_TRIES, "everyone")
    if headers.get("x-ratelimit-remaining") == "0":
        return _retry("primary_limit", _after_reset(headers, now, attempt), RATE_TRIES, "resource")
    if exchange.status == 429 or _SECONDARY.search(text):
        return _retry("secondary_limit", _growing(attempt), RATE_TRIES, "everyone")
    if isinstance(body, dict) and isinstance(body.get("block"), dict):
        return Decision("absent", _absence(451, body))
    return Decision("fail", f"forbidden: {text}" if text else "forbidden")


def _absence(status: int, body: Any) -> str:
    if status == 451:
        block = body.get("block") if isinstance(body, dict) else None
        reason = block.get("reason") if isinstance(block, dict) else None
        return "blocked_dmca" if reason in (None, "dmca") else "blocked_tos"
    return {404: "not_found", 409: "empty", 410: "disabled"}[status]


def _broken(exchange: Exchange, attempt: int) -> Decision:
    problem = exchange.problem or ""
    if problem == "oversized":
        return Decision("smaller" if exchange.is_graphql else "fail", problem)
    if exchange.is_graphql and (problem == "timeout" or exchange.status in (502, 504)):
        return Decision("smaller", problem)
    return _retry(problem, min(2.0**attempt, 30.0), TRANSIENT_TRIES)


def _server_error(exchange: Exchange, now: float, attempt: int) -> Decision:
    reason = f"http {exchange.status}"
    headers = exchange.headers
    if exchange.is_graphql and exchange.status in (502, 504):
        return Decision("smaller", reason)
    asked = retry_after_seconds(headers.get("retry-after"), server_time(headers, now))
    return _retry(reason, max(asked or 0.0, min(2.0**attempt, 30.0)), TRANSIENT_TRIES)


def _errors(exchange: Exchange) -> list[dict[str, Any]]:
    body = exchange.body
    errors = body.get("errors") if exchange.is_graphql and isinstance(body, dict) else None
    return (
        [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []
    )


def _graphql(
    exchange: Exchange, errors: list[dict[str, Any]], now: float, attempt: int
) -> Decision:
    headers = exchange.headers
    types = {error.get("type") for error in errors}
    text = " ".join(str(error.get("message", "")) for error in errors)
    has_data = isinstance(exchange.body.get("data"), dict)
    if types & _RATE_TYPES or any(error.get("code") == "graphql_rate_limit" for error in errors):
        asked = retry_after_seconds(headers.get("retry-after"), server_time(headers, now))
        wait = _after_reset(headers, now, attempt) if asked is None else max(asked, 1.0)
        return _retry("primary_limit", wait, RATE_TRIES, "resource")
    if _SECONDARY.search(text):
        asked = retry_after_seconds(headers.get("retry-after"), server_time(headers, now))
        wait = _growing(attempt) if asked is None else max(asked, 1.0)
        return _retry("secondary_limit", wait, RATE_TRIES, "everyone")
    if has_data and all(error.get("path") for error in errors):
        return Decision("use")  # `batches` maps each error to its repository
    if types & _TOO_MUCH or _TIMEOUT_TEXT.search(text):
        return Decision("smaller", "resource_limits" if types & _TOO_MUCH else "timeout")
    return Decision("fail", f"graphql: {' '.join(text.split())[:200]}")
