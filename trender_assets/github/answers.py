"""What an answer can be: found, absent, or unknown; an error never becomes "no data".

Define here the three states every value from GitHub has, and the failures for which every other
request would fail too. Reasons are stable words that SQL can group by, messages never hold a
token; what happened on the wire belongs to `decide`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


USE_THIS_ADDRESS = (
    "Set GITHUB_API_BASE_URL to https://api.github.com (or leave it unset), or to "
    "https://HOST/api/v3 of a GitHub Enterprise server"
)


@dataclass(frozen=True)
class Found(Generic[T_co]):
    """GitHub said what it is.

    Attributes:
        value: What GitHub said.
        note: What of it could not be had, and why; None when it is whole.
    """

    value: T_co
    note: str | None = None


@dataclass(frozen=True)
class Absent:
    """GitHub said that there is none.

    Attributes:
        reason: ``not_found``, ``blocked_dmca``, ``blocked_tos``, ``empty`` or ``disabled``.
    """

    reason: str


@dataclass(frozen=True)
class Unknown:
    """GitHub could not be asked, or its answer can't be trusted; what was known stays known.

    Attributes:
        reason: A short text for people, without secrets.
    """

    reason: str


Answer = Found[T_co] | Absent | Unknown


class GitHubError(Exception):
    """A failure of the whole client."""


class MissingToken(GitHubError):
    """No token is configured, and GraphQL answers nobody without one."""

    def __init__(self) -> None:
        super().__init__(
            "GITHUB_TOKEN is not set. GitHub's GraphQL API needs a token; one without any scope "
            "that reads public repositories is enough. Set GITHUB_TOKEN in the environment or "
            "in .env."
        )


class BadCredentials(GitHubError):
    """GitHub refused every configured token."""

    def __init__(self, number: int, count: int) -> None:
        which = "the token" if count == 1 else f"all {count} tokens (last: number {number})"
        super().__init__(
            f"GitHub refused {which} in GITHUB_TOKEN (401 Bad credentials): expired, revoked or "
            "mistyped. Set a valid one; stored data stays as it is."
        )


class Unreachable(GitHubError):
    """GitHub's host can't be reached at all.

    Attributes:
        host: The host that was tried.
        cause: Why no connection came about, for people.
    """

    def __init__(self, host: str, cause: str) -> None:
        super().__init__(
            f"{host} can't be reached: {cause}. Check the network and GITHUB_API_BASE_URL; "
            "stored data stays as it is."
        )
        self.host = host
        self.cause = cause

    @property
    def reason(self) -> str:
        """The one reason of every answer while the host is down."""
        return f"unreachable: {self.host} ({self.cause})"


class NotGitHub(GitHubError):
    """What answers at the configured address is not GitHub's API."""

    def __init__(self, address: str, what: str) -> None:
        super().__init__(
            f"{address} is not GitHub's API: it answers with {what}. {USE_THIS_ADDRESS}; stored "
            "data stays as it is."
        )


class BudgetSpent(GitHubError):
    """A resource's budget is spent for longer than anybody should wait; internal to the client."""
