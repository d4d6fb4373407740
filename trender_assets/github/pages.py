"""Follows a REST listing page by page, by GitHub's own links and no further than asked.

Define here how pages are walked safely (faults A14, A15). What the items are belongs to the
callers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.client import GitHubClient
from trender_assets.github.links import is_same_origin, parse_link

PER_PAGE = 100


@dataclass
class Listing:
    """What a listing gave.

    Attributes:
        items: Items in GitHub's order, each id once.
        total_count: What a search says it matches; None where nothing says it.
        pages: Pages read.
        is_incomplete: Whether a search timed out on GitHub's side.
        has_more: Whether GitHub has more than was read.
        problem: Why the listing ended early, or None.
    """

    items: list[dict[str, Any]] = field(default_factory=list)
    total_count: int | None = None
    pages: int = 0
    is_incomplete: bool = False
    has_more: bool = False
    problem: Absent | Unknown | None = None


async def read_pages(
    client: GitHubClient,
    path: str,
    params: Mapping[str, str],
    *,
    resource: str,
    purpose: str,
    most: int,
    key: Callable[[dict[str, Any]], Any],
    is_search: bool,
) -> Listing:
    """Read pages until there is no next one or `most` items are there.

    Args:
        client: The client.
        path: The listing's path.
        params: Its parameters, without the page's size.
        resource: The budget that pays.
        purpose: What the time is spent for.
        most: The most items wanted.
        key: An item's identity; pages that shift repeat items.
        is_search: Whether the body is a search result.
    """
    listing = Listing()
    seen_items: set[Any] = set()
    seen_addresses: set[str] = set()
    address, query = path, {**params, "per_page": str(min(PER_PAGE, most))}
    for _ in range(-(-most // PER_PAGE) + 1):
        answer = await client.get(
            address,
            query,
            resource=resource,
            purpose=purpose,
            expect=dict if is_search else list,
        )
        if not isinstance(answer, Found):
            listing.problem = answer
            listing.has_more = True
            break
        reply = answer.value
        items = reply.body.get("items") if is_search else reply.body
        if not isinstance(items, list):
            listing.problem = Unknown("malformed: a search without items")
            break
        listing.pages += 1
        if is_search:
            total = reply.body.get("total_count")
            listing.total_count = total if isinstance(total, int) else listing.total_count
            listing.is_incomplete |= reply.body.get("incomplete_results") is True
        for item in items:
            identity = key(item) if isinstance(item, dict) else None
            if identity is not None and identity not in seen_items:
                seen_items.add(identity)
                listing.items.append(item)
        following = parse_link(reply.link).get("next")
        listing.has_more = following is not None or len(listing.items) > most
        if following is None or len(listing.items) >= most:
            break
        if not is_same_origin(following, client.base) or following in seen_addresses:
            listing.problem = Unknown("a next page on another host, or in circles, was refused")
            break
        seen_addresses.add(following)
        address, query = following, {}
    del listing.items[most:]
    return listing
