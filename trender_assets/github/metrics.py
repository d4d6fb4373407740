"""Commits, their authors and closed issues of a window: every page, and whether it is all.

Define here how listings become the three metrics of the raw layer (traps T06–T08). What is
counted in them belongs to dbt.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.batches import Part
from trender_assets.github.followups import Field, commit_page, commit_slice, issue_page

WINDOW = timedelta(days=7)
MOST_PAGES = 30
PAGE_SIZE = 100

Ask = Callable[[Field], Awaitable[Part]]


@dataclass(frozen=True)
class MetricReading:
    """One metric of one repository.

    Attributes:
        data: What GitHub listed; the shape is the raw layer's ``metric_data``.
        is_truncated: Whether a page cap or a failing page cut the listing.
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


@dataclass(frozen=True)
class Listing:
    """A listing read to its end, or as far as it went."""

    nodes: list[dict[str, Any]]
    total: int
    is_truncated: bool
    problem: str | None


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with Z; naive times are refused because they mean nothing (T15)."""
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

    async def read(field: Field) -> Any:
        part = await ask(field)
        return part.problem or _error(part) or _history(part.data)

    listing = await _all_at_once(page, node_id, window, read)
    if listing is None:
        listing = await _all_pages(
            page,
            lambda after: read(commit_page(node_id, window.since, window.until, after)),
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

    Updated is more than closed: whoever counts compares ``closedAt`` (T07). Pull requests are
    never among GraphQL's issues.
    """
    if not node.get("hasIssuesEnabled", True):
        return Absent("disabled")
    page = node.get("recentlyClosed")
    if not isinstance(page, dict) or not _is_page(page):
        return Unknown("the issues did not come")

    async def next_page(after: str) -> Any:
        part = await ask(issue_page(node["id"], window.since, after))
        return part.problem or _error(part) or part.data

    listing = await _all_pages(page, next_page, key="number")
    if listing.problem:
        return Unknown(listing.problem)
    data = {"hasIssuesEnabled": True, "nodes": listing.nodes}
    return window.reading(data, is_truncated=listing.is_truncated)


async def _all_at_once(
    page: dict[str, Any], node_id: str, window: Window, read: Callable[[Field], Awaitable[Any]]
) -> Listing | None:
    """A long listing's rest in slices of time, all asked together.

    Pages can only be asked one after the other, which takes seconds for a busy repository.

    Returns:
        The whole listing, or None when it is short or the slices don't add up to GitHub's total:
        then it is read page by page.
    """
    missing = page["totalCount"] - len(page["nodes"])
    oldest = _oldest(page["nodes"])
    if not PAGE_SIZE < missing <= PAGE_SIZE * MOST_PAGES or oldest is None:
        return None

    async def slice_of(start: datetime, end: datetime) -> Listing | None:
        since, until = timestamp(start), timestamp(end)
        first = await read(commit_slice(node_id, since, until))
        if not _is_page(first):
            return None
        return await _all_pages(
            first, lambda after: read(commit_page(node_id, since, until, after)), key="oid"
        )

    parts = slices(window.start, oldest, -(-missing // PAGE_SIZE) + 1)
    listings = await asyncio.gather(*(slice_of(start, end) for start, end in parts))
    nodes: dict[Any, dict[str, Any]] = {}
    for found in (page["nodes"], *(listing.nodes if listing else None for listing in listings)):
        if found is None:
            return None
        for item in found:
            if isinstance(item, dict) and item.get("oid") is not None:
                nodes.setdefault(item["oid"], item)
    if len(nodes) != page["totalCount"]:
        return None
    return Listing(list(nodes.values()), page["totalCount"], False, None)


def slices(start: datetime, end: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """Equal parts of a span, newest first; neighbours share their border second."""
    width = (end - start) / count
    borders = [start + width * number for number in range(count)] + [end]
    return list(itertools.pairwise(borders))[::-1]


def _oldest(nodes: list[Any]) -> datetime | None:
    """The oldest committer date of a page; None when one can't be read."""
    try:
        return min(
            datetime.fromisoformat(str(node["committedDate"]).replace("Z", "+00:00"))
            for node in nodes
        ).astimezone(UTC)
    except (TypeError, KeyError, ValueError):
        return None


async def _all_pages(
    page: dict[str, Any], next_page: Callable[[str], Awaitable[Any]], *, key: str
) -> Listing:
    nodes: dict[Any, dict[str, Any]] = {}
    total = page["totalCount"]
    for number in range(1, MOST_PAGES + 1):
        for item in page["nodes"]:
            # A listing that moves between pages repeats items; each counts once.
            if isinstance(item, dict) and item.get(key) is not None:
                nodes.setdefault(item[key], item)
        info = page.get("pageInfo") or {}
        cursor = info.get("endCursor")
        if not info.get("hasNextPage") or not isinstance(cursor, str):
            return Listing(list(nodes.values()), total, False, None)
        if number == MOST_PAGES:
            break
        answer = await next_page(cursor)
        if not _is_page(answer):
            problem = answer if isinstance(answer, str) else "malformed: a page is no page"
            return Listing(list(nodes.values()), total, True, problem)
        page = dict(answer)
    return Listing(list(nodes.values()), total, True, None)


def _history(branch: Any) -> dict[str, Any] | None:
    target = branch.get("target") if isinstance(branch, dict) else None
    history = target.get("history") if isinstance(target, dict) else None
    return history if _is_page(history) else None


def _is_page(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and isinstance(value.get("nodes"), list)
        and isinstance(value.get("totalCount"), int)
    )


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
