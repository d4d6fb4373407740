"""The failures that end a run at once, because no other request could succeed either.

Define an exception here only when every request would fail for the same reason; anything about
one repository or one resource is an `Unknown` answer instead. Messages never hold a token.
"""

from __future__ import annotations


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


class BudgetSpent(GitHubError):
    """A resource's budget is spent for longer than anybody should wait; internal to the client."""
