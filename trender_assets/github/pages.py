"""Follows a REST listing page by page, by GitHub's own links and no further than asked.

Define here how pages are walked safely. What the items are belongs to the
callers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.cache import CachedAnswer
from trender_assets.github.client import GitHubClient
from trender_assets.github.replies import linked_pages
from trender_assets.github.wire import is_same_origin

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
        entries: Pages that came anew, for the ETag store.
    """

    items: list[dict[str, Any]] = field(default_factory=list)
    total_count: int | None = None
    pages: int = 0
    is_incomplete: bool = False
    has_more: bool = False
    problem: Absent | Unknown | None = None
    entries: list[CachedAnswer] = field(default_factory=list)


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
    known: Mapping[str, CachedAnswer] | None = None,
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
        known: Stored answers by `first_address`, to ask only for what changed; further pages are
            looked up in the client's store. None asks for all in full.
    """
    listing = Listing()
    seen_items: set[Any] = set()
    seen_addresses: set[str] = set()
    address = first_address(path, params, most)
    entry = known.get(address) if known is not None else None
    for _ in range(-(-most // PER_PAGE) + 1):
        answer = await client.get(
            address,
            resource=resource,
            purpose=purpose,
            expect=dict if is_search else list,
            entry=entry,
        )
        if not isinstance(answer, Found):
            listing.problem = answer
            listing.has_more = True
            break
        reply = answer.value
        items = reply.body.get("items") if is_search else reply.body
        if not isinstance(items, list):
            listing.problem = Unknown("malformed: a search without items")
            client.unreadable.add_reply(reply, listing.problem.reason, purpose=purpose)
            break
        listing.pages += 1
        if known is not None and reply.entry is not None and not reply.is_not_modified:
            listing.entries.append(reply.entry)
        if is_search:
            total = reply.body.get("total_count")
            listing.total_count = total if isinstance(total, int) else listing.total_count
            listing.is_incomplete |= reply.body.get("incomplete_results") is True
        for item in items:
            identity = key(item) if isinstance(item, dict) else None
            if identity is not None and identity not in seen_items:
                seen_items.add(identity)
                listing.items.append(item)
        following = linked_pages(reply.link).get("next")
        listing.has_more = following is not None or len(listing.items) > most
        if following is None or len(listing.items) >= most:
            break
        if not is_same_origin(following, client.base) or following in seen_addresses:
            listing.problem = Unknown("a next page on another host, or in circles, was refused")
            break
        seen_addresses.add(following)
        address = following
        entry = (await client.cached([address])).get(address) if known is not None else None
    del listing.items[most:]
    return listing


def first_address(path: str, params: Mapping[str, str], most: int) -> str:
    """The address of a listing's first page, the same every time: answers are stored by it."""
    return f"{path}?{urlencode({**params, 'per_page': str(min(PER_PAGE, most))})}"
