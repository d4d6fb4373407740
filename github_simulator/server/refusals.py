"""Refusals: what GitHub answers when a limit is reached or a request is unacceptable.

Define a refusal's body here. When to refuse belongs to
`exchange`.
"""

from __future__ import annotations

import math

from github_simulator.server.limits import Account, LimitSettings
from github_simulator.server.replies import Reply, failure

RATE_DOCS = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"
SECONDARY_DOCS = (
    "https://docs.github.com/free-pro-team@latest/rest/overview/"
    "rate-limits-for-the-rest-api#about-secondary-rate-limits"
)
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID"
)
SOMETHING_WRONG = (
    "Something went wrong while executing your query. This may be the result of a timeout, or it "
    "could be a GitHub bug. Please include `{request}` when reporting this issue."
)
VERSIONS = ("2022-11-28", "2026-03-10")


def primary(account: Account, settings: LimitSettings, address: str) -> Reply:
    """REST: the budget is used up."""
    if account.is_anonymous:
        message = (
            f"API rate limit exceeded for {address}. (But here's the good news: Authenticated "
            "requests get a higher rate limit. Check out the documentation for more details.)"
        )
    else:
        message = f"API rate limit exceeded for user ID {account.user_id}."
    return failure(settings.status, message, RATE_DOCS)


def primary_graphql(account: Account, *, old_form: bool = False) -> Reply:
    """GraphQL: status 200, the error's type says it, no ``data`` key."""
    if old_form:
        message = f"API rate limit exceeded for user ID {account.user_id}."
        error = {"type": "RATE_LIMITED", "message": message}
    else:
        message = f"API rate limit already exceeded for user ID {account.user_id}."
        error = {"type": "RATE_LIMIT", "code": "graphql_rate_limit", "message": message}
    return Reply(200, {"errors": [error]}, cacheable=False)


def secondary(settings: LimitSettings, seconds: float, number: int) -> Reply:
    """A secondary limit; `retry-after` as the settings say."""
    reply = failure(settings.status, SECONDARY + ".", SECONDARY_DOCS)
    mode = settings.retry_after
    if mode == "always" or (mode == "sometimes" and number % 2 == 0):
        reply.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return reply


def bad_credentials() -> Reply:
    """401 before anything else."""
    return failure(401, "Bad credentials")


def needs_authentication() -> Reply:
    """401 on endpoints that need a token."""
    return failure(401, "Requires authentication")


def no_user_agent() -> Reply:
    """403 as plain text."""
    text = (
        "\r\nRequest forbidden by administrative rules. Please make sure your request has a "
        "User-Agent header (https://docs.github.com/en/rest/overview/"
        "resources-in-the-rest-api#user-agent-required). Check https://developer.github.com "
        "for other possible causes.\r\n"
    )
    return Reply(403, text, content_type="text/html; charset=utf-8", cacheable=False)


def unknown_version(version: str) -> Reply:
    """400: an API version GitHub does not know."""
    return failure(400, f"The API version {version!r} is not supported.")


def timeout(request_id: str, *, html: bool) -> Reply:
    """502 after the cut-off, as JSON or as the proxy's page."""
    if html:
        page = (
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>502</body></html>\r\n"
        )
        return Reply(502, page, content_type="text/html", cacheable=False)
    error = {"message": SOMETHING_WRONG.format(request=request_id)}
    return Reply(502, {"data": None, "errors": [error]}, cacheable=False)
