"""Searches: pages, slices past 1,000 results, incomplete answers asked again more narrowly.

Define here what makes a search's result complete. Which searches Trender
makes belongs to `sources`, the outcome's record to `discovery`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from trender_assets.github.client import GitHubClient
from trender_assets.github.pages import Listing, read_pages
from trender_assets.github.slices import halves

SEARCH_CAP = 1_000
MOST_SLICES = 64
MOST_NARROWINGS = 6
_SORT_KEYS = {"stars": "stargazers_count", "forks": "forks_count", "updated": "updated_at"}


@dataclass(frozen=True)
class Search:
    """A search to be made.

    Attributes:
        path: ``/search/repositories`` or ``/search/code``.
        resource: The budget that pays; code search has its own.
        query: The query's text.
        sort: How it is sorted; None for best match.
        order: ``desc`` or ``asc``.
        most: The most items wanted.
        key: An item's identity.
    """

    path: str
    resource: str
    query: str
    sort: str | None
    order: str
    most: int
    key: Callable[[dict[str, Any]], Any]

    @property
    def is_code(self) -> bool:
        """Whether code is searched."""
        return self.resource == "code_search"


async def search(client: GitHubClient, wanted: Search, today: date) -> Listing:
    """Make a search as completely as GitHub allows.

    More than 1,000 results are had by slices. A result that GitHub calls incomplete is asked
    again in narrower slices; if some slice stays incomplete, so does the whole.
    """
    listing = await _read(client, wanted, wanted.query, min(wanted.most, SEARCH_CAP))
    if listing.problem is not None:
        return listing
    is_capped = wanted.most > SEARCH_CAP and (listing.total_count or 0) > SEARCH_CAP
    if not is_capped and not listing.is_incomplete:
        return listing
    left = [MOST_SLICES if is_capped else MOST_NARROWINGS]
    parts = await _halved(client, wanted, wanted.query, listing, today, left)
    return _merged(wanted, listing, parts)


async def _halved(
    client: GitHubClient, wanted: Search, query: str, whole: Listing, today: date, left: list[int]
) -> list[Listing]:
    cut = halves(query, today, is_code=wanted.is_code)
    if cut is None or left[0] < 2:
        return [whole]
    left[0] -= 2
    return [
        leaf
        for leaves in await asyncio.gather(
            *(_slice(client, wanted, half, today, left) for half in cut)
        )
        for leaf in leaves
    ]


async def _slice(
    client: GitHubClient, wanted: Search, query: str, today: date, left: list[int]
) -> list[Listing]:
    listing = await _read(client, wanted, query, min(wanted.most, SEARCH_CAP))
    is_capped = wanted.most > SEARCH_CAP and (listing.total_count or 0) > SEARCH_CAP
    if listing.problem is None and (is_capped or listing.is_incomplete):
        return await _halved(client, wanted, query, listing, today, left)
    return [listing]


async def _read(client: GitHubClient, wanted: Search, query: str, most: int) -> Listing:
    params = {"q": query}
    if wanted.sort:
        params |= {"sort": wanted.sort, "order": wanted.order}
    return await read_pages(
        client,
        wanted.path,
        params,
        resource=wanted.resource,
        purpose="code search" if wanted.is_code else "search",
        most=most,
        key=wanted.key,
        is_search=True,
    )


def _merged(wanted: Search, whole: Listing, parts: list[Listing]) -> Listing:
    items = {wanted.key(item): item for part in [*parts, whole] for item in part.items}
    ordered = list(items.values())
    field = _SORT_KEYS.get(wanted.sort or "")
    if field:
        ordered.sort(key=lambda item: _sortable(item.get(field)), reverse=wanted.order == "desc")
    return Listing(
        items=ordered[: wanted.most],
        total_count=whole.total_count,
        pages=whole.pages + sum(part.pages for part in parts if part is not whole),
        is_incomplete=any(part.is_incomplete for part in parts),
        has_more=len(ordered) > wanted.most or any(part.has_more for part in parts),
        problem=next((part.problem for part in parts if part.problem is not None), None),
    )


def _sortable(value: Any) -> tuple[int, Any]:
    return (0, "") if value is None else (1, value)
