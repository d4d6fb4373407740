"""What can go wrong, told the same way everywhere: RFC 9457 for machines, a page for people.

Define here how a failure becomes an answer. A message names the cause and the next step, never a
table, a path or a version of what runs inside.
"""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from trender_web.answer.formats import iso, span, utc_text
from trender_web.answer.text import repository_path
from trender_web.data.store import Reading, StoreUnavailable

log = logging.getLogger(__name__)
PROBLEM_TYPE = "application/problem+json"
MACHINE_ENDINGS = (".json", ".csv", ".atom", ".svg", ".png", ".md", ".txt", ".xml")
MACHINE_PATHS = ("/analytics/", "/health", "/ready", "/badge/", "/feed/")
BANNER_MARK = b"<!--banner-->"


@dataclass
class Problem(Exception):
    """A failure with its status; raise it anywhere in a page.

    Attributes:
        status: HTTP status.
        title: What it is, in a few words.
        detail: Why, and what to do.
        errors: One entry per wrong parameter: ``parameter``, ``message``, ``allowed``.
        suggestions: Links that help: (address, text).
        retry_after: Seconds after which trying again makes sense.
        extra: Further members of the problem document.
        headers: Further headers.
    """

    status: int
    title: str
    detail: str = ""
    errors: list[dict[str, Any]] = field(default_factory=list)
    suggestions: Sequence[tuple[str, str]] = ()
    retry_after: int | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def document(self, request_id: str, path: str) -> dict[str, Any]:
        """The RFC 9457 problem document."""
        return {
            "type": f"/methodology#error-{self.status}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": path,
            "errors": self.errors,
            "request_id": request_id,
            **self.extra,
        }


class Elsewhere(Exception):
    """What was asked for has another address; the answer is a 308 to it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class Moved(Exception):
    """The repository that was asked for is known under another name (or in other letters)."""

    def __init__(self, asked: str, full_name: str) -> None:
        super().__init__(full_name)
        self.asked = asked
        self.full_name = full_name

    def address(self, request: Request) -> str:
        """The same address with the present name in the place of the one that was asked for."""
        before, _, after = request.url.path.rpartition(f"/{self.asked}")
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{before}{repository_path(self.full_name, '/')}{after}{query}"


def needs_data(reading: Reading) -> None:
    """Refuse a page that is nothing without data.

    Raises:
        Problem: 404 before the first run.
    """
    if reading.version.is_empty:
        raise Problem(404, "No data yet", "Trender has not made its first run.")


def invalid(parameter: str, message: str, allowed: Sequence[object] | str | None = None) -> Problem:
    """422 for one parameter, naming what is allowed."""
    return invalid_all([wrong(parameter, message, allowed)])


def wrong(
    parameter: str, message: str, allowed: Sequence[object] | str | None = None
) -> dict[str, Any]:
    """One entry of a problem's ``errors``."""
    entry: dict[str, Any] = {"parameter": parameter, "message": message}
    if allowed is not None:
        entry["allowed"] = allowed if isinstance(allowed, str) else list(allowed)
    return entry


def invalid_all(errors: list[dict[str, Any]]) -> Problem:
    """422 for several parameters."""
    detail = "; ".join(f"{error['parameter']}: {error['message']}" for error in errors)
    return Problem(422, "Invalid parameters", detail, errors=errors)


def wants_json(scope: Scope) -> bool:
    """Whether the one who asked is a program."""
    path: str = scope["path"]
    if path.endswith(MACHINE_ENDINGS) or path.startswith(MACHINE_PATHS):
        return True
    accept = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
    return "json" in accept and "text/html" not in accept


def problem_response(
    scope: Scope, problem: Problem, *, last_good: datetime | None = None
) -> Response:
    """A problem as an answer: JSON for programs, a page for people."""
    request_id = scope.get("state", {}).get("request_id", "")
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Encoding", **problem.headers}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    path = quote(scope["path"].encode("utf-8", "replace"), safe="/")[:200]
    if wants_json(scope):
        document = problem.document(request_id, path)
        if last_good is not None:
            document["last_good"] = iso(last_good)
        body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
        return Response(body, problem.status, headers, PROBLEM_TYPE)
    from trender_web.answer.templating import error_page

    page = error_page(problem, request_id)
    return Response(page, problem.status, headers, "text/html; charset=utf-8")


def stale_banner(page: bytes, made_at: datetime, now: datetime, reason: str) -> bytes:
    """The last good page with a banner that says what it is and how old."""
    banner = (
        '<div class="banner warn" role="alert"><strong>The data can’t be reached right now.'
        "</strong> "
        f"{html.escape(reason)} This is the last good page, made {html.escape(utc_text(made_at))} "
        f"({span(now - made_at)} old). Try again in a few seconds.</div>"
    )
    return page.replace(BANNER_MARK, banner.encode(), 1)


def away_response(scope: Scope, error: StoreUnavailable) -> Response:
    """The mark by which the serving layer knows that the database failed under a page."""
    response = problem_response(
        scope, Problem(503, "The data can't be reached", str(error), retry_after=10)
    )
    response.headers["x-database"] = "away"
    response.headers["x-reason"] = str(error)
    return response


def register(app: FastAPI) -> None:
    """Install the handlers of every failure."""

    @app.exception_handler(Problem)
    def on_problem(request: Request, error: Problem) -> Response:
        return problem_response(request.scope, error)

    @app.exception_handler(Elsewhere)
    def on_elsewhere(request: Request, error: Elsewhere) -> Response:
        return RedirectResponse(error.address, 308)

    @app.exception_handler(Moved)
    def on_moved(request: Request, error: Moved) -> Response:
        return RedirectResponse(error.address(request), 308)

    @app.exception_handler(StoreUnavailable)
    def on_store(request: Request, error: StoreUnavailable) -> Response:
        return away_response(request.scope, error)

    @app.exception_handler(RequestValidationError)
    def on_invalid(request: Request, error: RequestValidationError) -> Response:
        return problem_response(request.scope, invalid_all(_validation_errors(error)))

    @app.exception_handler(HTTPException)
    def on_http(request: Request, error: HTTPException) -> Response:
        return problem_response(request.scope, _http_problem(error))

    @app.exception_handler(Exception)
    def on_anything(request: Request, error: Exception) -> Response:
        request_id = request.scope.get("state", {}).get("request_id", "")
        log.error("request %s failed: %s", request_id, type(error).__name__, exc_info=error)
        return problem_response(
            request.scope,
            Problem(500, "Something went wrong", "The fault is ours. It was noted with this id."),
        )


def _validation_errors(error: RequestValidationError) -> list[dict[str, Any]]:
    found = []
    for item in error.errors():
        context = item.get("ctx") or {}
        allowed = context.get("expected") or context.get("pattern")
        bounds = [f"{word} {context[key]}" for key, word in BOUNDS.items() if key in context]
        message = item["msg"].removeprefix("Value error, ")
        found.append(wrong(str(item["loc"][-1]), message, allowed or " and ".join(bounds) or None))
    return found


BOUNDS = {"ge": "at least", "le": "at most", "gt": "more than", "lt": "less than"}


def _http_problem(error: HTTPException) -> Problem:
    phrase = HTTPStatus(error.status_code).phrase
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return Problem(404, "Not found", "There is no such page here.", headers=headers)
    if error.status_code == 405:
        headers["Allow"] = "GET, HEAD"
        return Problem(405, phrase, "Only GET and HEAD are understood here.", headers=headers)
    detail = error.detail if error.detail != phrase else ""
    return Problem(error.status_code, phrase, str(detail), headers=headers)
