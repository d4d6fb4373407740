"""Reads a GraphQL connection to its end: page by page, or a long one in slices of time at once.

Define here how a listing is made whole and when it counts as cut. What is listed, and how a page
is asked for, belongs to the wings; REST's pages to `pages`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST_PAGES = 30
PAGE_SIZE = 100

Page = dict[str, Any]
# A page, or why there is none.
NextPage = Callable[[str], Awaitable[Page | str]]
FirstPage = Callable[[datetime, datetime], Awaitable[Page | str]]
NextOfSlice = Callable[[datetime, datetime, str], Awaitable[Page | str]]


@dataclass(frozen=True)
class Listing:
    """A listing read to its end, or as far as it went.

    Attributes:
        nodes: What was listed, each once.
        total: How many GitHub says there are.
        is_truncated: Whether something is missing: pages were cut, or the listing moved while it
            was read and holds fewer than GitHub counted.
        problem: Why a page could not be had, or None.
    """

    nodes: list[dict[str, Any]]
    total: int
    is_truncated: bool
    problem: str | None


@dataclass(frozen=True)
class Slices:
    """How a long listing is read in slices of time.

    Attributes:
        start: Where the listing's time begins; its first page ends at the newest.
        dated_by: The field of a node that says its time.
        first: Asks for a slice's first page.
        following: Asks for the page of a slice after a cursor.
        reaches: Whether a page of a slice, oldest first, has come to the slice's end; None where
            GitHub itself ends a slice there.
    """

    start: datetime
    dated_by: str
    first: FirstPage
    following: NextOfSlice
    reaches: Callable[[Page, datetime], bool] | None = None


def is_page(value: Any) -> bool:
    """Whether an answer is a page of a connection."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("nodes"), list)
        and isinstance(value.get("totalCount"), int)
    )


async def read_whole(page: Page, next_page: NextPage, slices: Slices, *, key: str) -> Listing:
    """Everything from the first page on.

    Pages can only be asked one after the other, which takes seconds for a busy repository: a long
    listing's rest is read in slices of time, all asked together. When what they bring does not
    add up to GitHub's total, the listing moved meanwhile, and it is read page by page.

    Args:
        page: The first page, newest first.
        next_page: Asks for the page after a cursor.
        slices: How the listing can be sliced.
        key: A node's identity; a listing that moves between pages repeats nodes.
    """
    at_once = await _all_at_once(page, slices, key)
    return at_once or await _page_by_page(page, next_page, key=key)


def borders(start: datetime, end: datetime, count: int) -> list[tuple[datetime, datetime]]:
    """Equal parts of a span, newest first; neighbours share their border."""
    width = (end - start) / count
    marks = [start + width * number for number in range(count)] + [end]
    return list(itertools.pairwise(marks))[::-1]


async def _all_at_once(page: Page, slices: Slices, key: str) -> Listing | None:
    missing = page["totalCount"] - len(page["nodes"])
    oldest = _oldest(page["nodes"], slices.dated_by)
    if not PAGE_SIZE < missing <= PAGE_SIZE * MOST_PAGES or oldest is None:
        return None

    async def one(start: datetime, end: datetime) -> Listing | None:
        first = await slices.first(start, end)
        if isinstance(first, str) or not is_page(first):
            return None
        reaches = slices.reaches
        return await _page_by_page(
            first,
            lambda cursor: slices.following(start, end, cursor),
            key=key,
            is_last=None if reaches is None else lambda page: reaches(page, end),
        )

    parts = borders(slices.start, oldest, -(-missing // PAGE_SIZE) + 1)
    listings = await asyncio.gather(*(one(start, end) for start, end in parts))
    nodes: dict[Any, dict[str, Any]] = {}
    for found in (page["nodes"], *(listing.nodes if listing else None for listing in listings)):
        if found is None:
            return None
        _add(nodes, found, key)
    if len(nodes) != page["totalCount"]:
        return None
    return Listing(list(nodes.values()), page["totalCount"], False, None)


async def _page_by_page(
    page: Page,
    next_page: NextPage,
    *,
    key: str,
    is_last: Callable[[Page], bool] | None = None,
) -> Listing:
    nodes: dict[Any, dict[str, Any]] = {}
    total = page["totalCount"]
    for number in range(1, MOST_PAGES + 1):
        _add(nodes, page["nodes"], key)
        info = page.get("pageInfo") or {}
        cursor = info.get("endCursor")
        is_over = is_last is not None and is_last(page)
        if is_over or not info.get("hasNextPage") or not isinstance(cursor, str):
            return Listing(list(nodes.values()), total, len(nodes) < total, None)
        if number == MOST_PAGES:
            break
        answer = await next_page(cursor)
        if isinstance(answer, str) or not is_page(answer):
            problem = answer if isinstance(answer, str) else "malformed: a page is no page"
            return Listing(list(nodes.values()), total, True, problem)
        page = answer
    return Listing(list(nodes.values()), total, True, None)


def _add(nodes: dict[Any, dict[str, Any]], found: list[Any], key: str) -> None:
    for item in found:
        if isinstance(item, dict) and item.get(key) is not None:
            nodes.setdefault(item[key], item)


def instant(value: Any) -> datetime:
    """GitHub's time of a node (UTC).

    Raises:
        ValueError: When it can't be read.
    """
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).astimezone(UTC)


def _oldest(nodes: list[Any], dated_by: str) -> datetime | None:
    """The oldest time on a page; None when one can't be read."""
    try:
        return min(instant(node[dated_by]) for node in nodes)
    except (TypeError, KeyError, ValueError):
        return None
