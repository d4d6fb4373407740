"""Commits, their authors and closed issues of a window: every page, and whether it is all.

Define here how listings become the three metrics of the raw layer. How a listing
is read to its end belongs to `listings`, what is counted in it to dbt.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.batches import Part
from trender_assets.github.listings import Page, Slices, instant, is_page, read_whole
from trender_assets.trending.reading.fields import (
    Field,
    commit_page,
    commit_slice,
    issue_page,
    issue_slice,
)

WINDOW = timedelta(days=7)

Ask = Callable[[Field], Awaitable[Part]]


@dataclass(frozen=True)
class MetricReading:
    """One metric of one repository.

    Attributes:
        data: What GitHub listed; the shape is the raw layer's ``metric_data``.
        is_truncated: Whether a page cap or a failing page cut the listing, or it moved meanwhile.
        window_start: Start of the window (UTC), inclusive.
        window_end: End of the window (UTC), inclusive.
    """

    data: dict[str, Any]
    is_truncated: bool
    window_start: datetime
    window_end: datetime


@dataclass(frozen=True)
class Window:
    """The seven days before a run's logical time."""

    start: datetime
    end: datetime

    @classmethod
    def before(cls, as_of: datetime) -> Window:
        """The window that ends at an aware time."""
        return cls(as_of - WINDOW, as_of)

    @property
    def since(self) -> str:
        """The start as GitHub wants it: UTC with Z, to the second."""
        return timestamp(self.start)

    @property
    def until(self) -> str:
        """The end as GitHub wants it."""
        return timestamp(self.end)

    def reading(self, data: dict[str, Any], *, is_truncated: bool) -> Found[MetricReading]:
        """A metric of this window."""
        return Found(MetricReading(data, is_truncated, self.start, self.end))


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with Z; naive times are refused because they mean nothing."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def read_commits(
    node: dict[str, Any], window: Window, ask: Ask
) -> tuple[Answer[MetricReading], Answer[MetricReading]]:
    """Commits of the default branch in the window, and who wrote them.

    Args:
        node: The repository as answered; ``commits`` is its default branch with page 1.
        window: The window.
        ask: Asks for a further page.

    Returns:
        The metrics ``commits`` and ``contributors``. An empty repository has 0 commits.
    """
    branch = node.get("commits")
    if branch is None:
        if node.get("defaultBranchRef") is not None:
            unknown = Unknown("the commits did not come")
            return unknown, unknown
        nothing = {"branch": None, "totalCount": 0, "nodes": []}
        return (
            window.reading(nothing, is_truncated=False),
            window.reading({"nodes": []}, is_truncated=False),
        )
    node_id = node["id"]
    page = _history(branch)
    if page is None:
        unknown = Unknown("malformed: commits without a history")
        return unknown, unknown

    async def read(field: Field) -> Page | str:
        part = await ask(field)
        return part.problem or _error(part) or _history(part.data) or "malformed: no history"

    def of_slice(start: datetime, end: datetime, after: str) -> Awaitable[Page | str]:
        return read(commit_page(node_id, timestamp(start), timestamp(end), after))

    listing = await read_whole(
        page,
        lambda after: read(commit_page(node_id, window.since, window.until, after)),
        Slices(
            start=window.start,
            dated_by="committedDate",
            first=lambda start, end: read(commit_slice(node_id, timestamp(start), timestamp(end))),
            following=of_slice,
        ),
        key="oid",
    )
    commits = [_commit(item) for item in listing.nodes]
    bare = [{"oid": item["oid"], "committedDate": item["committedDate"]} for item in commits]
    is_cut = listing.is_truncated or listing.problem is not None
    data = {"branch": branch.get("name"), "totalCount": listing.total, "nodes": bare}
    if listing.problem:
        # The total is whole, only the list is not; who wrote the rest is not known.
        return window.reading(data, is_truncated=True), Unknown(listing.problem)
    return (
        window.reading(data, is_truncated=is_cut),
        window.reading({"nodes": commits}, is_truncated=is_cut),
    )


async def read_issues(node: dict[str, Any], window: Window, ask: Ask) -> Answer[MetricReading]:
    """Closed issues that were updated in the window.

    Updated is more than closed: whoever counts compares ``closedAt``. Pull requests are
    never among GraphQL's issues.
    """
    if not node.get("hasIssuesEnabled", True):
        return Absent("disabled")
    page = node.get("recentlyClosed")
    if not isinstance(page, dict) or not is_page(page):
        return Unknown("the issues did not come")

    async def read(field: Field) -> Page | str:
        part = await ask(field)
        return part.problem or _error(part) or part.data

    def of_slice(start: datetime, _: datetime, after: str | None = None) -> Awaitable[Page | str]:
        return read(issue_slice(node_id, timestamp(start), after))

    node_id = node["id"]
    listing = await read_whole(
        page,
        lambda after: read(issue_page(node_id, window.since, after)),
        Slices(
            start=window.start,
            dated_by="updatedAt",
            first=of_slice,
            following=of_slice,
            # GitHub's filter for issues has a beginning and no end.
            reaches=_ends_after,
        ),
        key="number",
    )
    if listing.problem:
        return Unknown(listing.problem)
    data = {"hasIssuesEnabled": True, "nodes": listing.nodes}
    return window.reading(data, is_truncated=listing.is_truncated)


def _ends_after(page: Page, moment: datetime) -> bool:
    """Whether the last issue of a page, oldest first, was updated after a moment."""
    try:
        return instant(page["nodes"][-1]["updatedAt"]) > moment
    except (TypeError, KeyError, IndexError, ValueError):
        return False


def _history(branch: Any) -> dict[str, Any] | None:
    target = branch.get("target") if isinstance(branch, dict) else None
    history = target.get("history") if isinstance(target, dict) else None
    return history if is_page(history) else None


def _commit(node: dict[str, Any]) -> dict[str, Any]:
    authors = (node.get("authors") or {}).get("nodes") or []
    return {
        "oid": node["oid"],
        "committedDate": node.get("committedDate"),
        "authors": [_author(author) for author in authors if isinstance(author, dict)],
    }


def _author(author: dict[str, Any]) -> dict[str, Any]:
    user = author.get("user") or {}
    return {
        "login": user.get("login"),
        "databaseId": user.get("databaseId"),
        "name": author.get("name"),
        "email": author.get("email"),
    }


def _error(part: Part) -> str | None:
    return str(part.errors[0].get("message", "error"))[:200] if part.errors else None
