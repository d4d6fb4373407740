"""How repositories are found: the queries, what came of each, and the candidates.

Define here a new kind of query. Which queries there are belongs to `sources`; how a search is
made complete to `search`. Importing this module must stay cheap: `sources` does.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from trender_assets.github.answers import Answer, Found, Unknown

if TYPE_CHECKING:
    from trender_assets.github.cache import CachedAnswer
    from trender_assets.github.client import GitHubClient
    from trender_assets.github.pages import Listing

QueryKind = Literal["search_repositories", "search_code", "organisation", "user"]

# Where an account's repositories are listed, and which of them are wanted.
_ACCOUNTS = {"organisation": ("orgs", "public"), "user": ("users", "owner")}
_FULL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:_[A-Za-z0-9]+)?/[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True)
class DiscoveryQuery:
    """One way to find repositories.

    Attributes:
        name: What the query is called in records.
        kind: What is asked.
        query: The search text, or the organisation's or user's login.
        sort: A search's sorting; None for best match.
        order: ``desc`` or ``asc``.
        max_results: The most repositories wanted.
    """

    name: str
    kind: QueryKind
    query: str
    sort: str | None = None
    order: str = "desc"
    max_results: int = 100


@dataclass(frozen=True)
class Candidate:
    """A repository that was found.

    Attributes:
        repo_id: GitHub's numeric id.
        node_id: GraphQL's id, which survives renames.
        full_name: Its name at the time.
        discovered_by: Names of the queries that listed it.
    """

    repo_id: int
    node_id: str
    full_name: str
    discovered_by: tuple[str, ...]


@dataclass(frozen=True)
class QueryOutcome:
    """What came of a query.

    Attributes:
        query: The query.
        answer: How many items were listed; Absent when the organisation or user does not exist,
            Unknown when the listing ended early.
        total_count: What GitHub says there is; None where it does not say.
        items: Repositories listed, also when the listing ended early.
        pages: Pages read.
        incomplete_results: Whether GitHub's search timed out; what is missing is not gone.
        is_capped: Whether more exist than were read.
        fetched_at: When the listing ended (UTC).
        reason: Why it is not whole, or None.
    """

    query: DiscoveryQuery
    answer: Answer[int]
    total_count: int | None
    items: int
    pages: int
    incomplete_results: bool
    is_capped: bool
    fetched_at: datetime
    reason: str | None


async def discover(
    client: GitHubClient, queries: Sequence[DiscoveryQuery], *, as_of: datetime
) -> tuple[list[Candidate], list[QueryOutcome]]:
    """Ask all queries at once; listings that did not change are not paid for.

    Args:
        client: The client.
        queries: What to ask.
        as_of: The run's logical time; open ranges of days end there.

    Returns:
        Candidates, each repository once and in the order of the queries; an outcome per query.
        Whatever GitHub does wrong becomes an outcome, not an exception.

    Raises:
        BadCredentials: When GitHub refused every token.
    """
    with client.searching():
        addresses = [_first_page(query) for query in queries if query.kind in _ACCOUNTS]
        known = await client.cached(addresses) if addresses else {}
        listings = await asyncio.gather(*(_list(client, query, as_of, known) for query in queries))
    await client.remember(entry for listing, _ in listings for entry in listing.entries)
    found: dict[int, Candidate] = {}
    outcomes = []
    for query, (listing, fetched_at) in zip(queries, listings, strict=True):
        candidates = [
            candidate
            for item in listing.items
            if (candidate := _candidate(item, query)) is not None
        ]
        for candidate in candidates:
            known = found.get(candidate.repo_id)
            names = known.discovered_by if known else ()
            if query.name not in names:
                found[candidate.repo_id] = Candidate(
                    candidate.repo_id,
                    candidate.node_id,
                    candidate.full_name,
                    (*names, query.name),
                )
        outcomes.append(_outcome(query, listing, len({c.repo_id for c in candidates}), fetched_at))
    return list(found.values()), outcomes


async def _list(
    client: GitHubClient,
    query: DiscoveryQuery,
    as_of: datetime,
    known: Mapping[str, CachedAnswer],
) -> tuple[Listing, datetime]:
    from trender_assets.github.clock import as_datetime
    from trender_assets.github.pages import read_pages
    from trender_assets.github.search import Search, search

    if query.kind in ("search_repositories", "search_code"):
        is_code = query.kind == "search_code"
        wanted = Search(
            path="/search/code" if is_code else "/search/repositories",
            resource="code_search" if is_code else "search",
            query=query.query,
            sort=query.sort,
            order=query.order,
            most=query.max_results,
            key=_repository_id,
        )
        return await search(client, wanted, as_of.date()), as_datetime(client.clock)
    path, params = _account_listing(query)
    listing = await read_pages(
        client,
        path,
        params,
        resource="core",
        purpose=query.kind,
        most=query.max_results,
        key=_repository_id,
        is_search=False,
        known=known,
    )
    return listing, as_datetime(client.clock)


def _account_listing(query: DiscoveryQuery) -> tuple[str, dict[str, str]]:
    """The path and parameters that list an organisation's or a user's repositories."""
    folder, kind = _ACCOUNTS[query.kind]
    path = f"/{folder}/{quote(query.query, safe='')}/repos"
    return path, {"type": kind, "sort": "pushed", "direction": "desc"}


def _first_page(query: DiscoveryQuery) -> str:
    from trender_assets.github.pages import first_address

    return first_address(*_account_listing(query), query.max_results)


def _outcome(
    query: DiscoveryQuery, listing: Listing, items: int, fetched_at: datetime
) -> QueryOutcome:
    reason = listing.problem.reason if listing.problem else None
    if reason is None and listing.is_incomplete:
        reason = "GitHub's search timed out: the result is not complete"
    is_whole = listing.problem is None
    answer: Answer[int] = Found(items) if is_whole else listing.problem or Unknown("no answer")
    if not is_whole and listing.pages:
        answer = Unknown(reason or "the listing ended early")
    total = listing.total_count
    return QueryOutcome(
        query=query,
        answer=answer,
        total_count=total,
        items=items,
        pages=listing.pages,
        incomplete_results=listing.is_incomplete,
        is_capped=listing.has_more or (total is not None and total > len(listing.items)),
        fetched_at=fetched_at,
        reason=reason,
    )


def _repository(item: dict[str, Any]) -> Any:
    """The repository of an item: code search nests it."""
    nested = item.get("repository")
    return nested if isinstance(nested, dict) else item


def _repository_id(item: dict[str, Any]) -> Any:
    repo_id = _repository(item).get("id")
    return repo_id if isinstance(repo_id, int) and repo_id > 0 else None


def _candidate(item: dict[str, Any], query: DiscoveryQuery) -> Candidate | None:
    repository = _repository(item)
    repo_id, node_id = _repository_id(item), repository.get("node_id")
    name = repository.get("full_name")
    if repo_id is None or not isinstance(node_id, str) or not node_id:
        return None
    if not isinstance(name, str) or not _FULL_NAME.fullmatch(name):
        return None
    # A token with too wide a scope sees private repositories; they are nobody's trend.
    if repository.get("private") is True:
        return None
    return Candidate(repo_id, node_id, name, (query.name,))
