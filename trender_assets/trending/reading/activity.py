"""Commits, their authors and closed issues of 7 days: every page, and whether it is all.

Define here how listings become the three metrics of the raw layer. How a listing
is read to its end belongs to `listings`, what is counted in it to dbt.
"""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from typing import Any

from trender_assets.github.answers import Absent, Unknown
from trender_assets.github.batches import Part
from trender_assets.github.listings import Page, Slices, instant, is_page, read_whole
from trender_assets.trending.reading.fields import (
    Ask,
    Field,
    commit_page,
    commit_slice,
    issue_page,
    issue_slice,
)
from trender_assets.trending.reading.reading import StreamReader, Streams, Window, timestamp


async def read_commits(node: dict[str, Any], as_of: datetime, ask: Ask) -> Streams:
    """Commits of the default branch in the window, and who wrote them.

    Args:
        node: The repository as answered; ``commits`` is its default branch with page 1.
        as_of: The run's logical time, the end of the window.
        ask: Asks for a further page.

    Returns:
        The streams ``commits`` and ``contributors``. An empty repository has 0 commits.
    """
    window = Window.before(as_of)
    branch = node.get("commits")
    if branch is None:
        if node.get("defaultBranchRef") is not None:
            return dict.fromkeys(COMMITS.streams, Unknown("the commits did not come"))
        nothing = {"branch": None, "totalCount": 0, "nodes": []}
        return {
            "commits": window.reading(nothing, is_truncated=False),
            "contributors": window.reading({"nodes": []}, is_truncated=False),
        }
    node_id = node["id"]
    page = _history(branch)
    if page is None:
        return dict.fromkeys(COMMITS.streams, Unknown("malformed: commits without a history"))

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
        return {
            "commits": window.reading(data, is_truncated=True),
            "contributors": Unknown(listing.problem),
        }
    return {
        "commits": window.reading(data, is_truncated=is_cut),
        "contributors": window.reading({"nodes": commits}, is_truncated=is_cut),
    }


async def read_issues(node: dict[str, Any], as_of: datetime, ask: Ask) -> Streams:
    """Closed issues that were updated in the window.

    Updated is more than closed: whoever counts compares ``closedAt``. Pull requests are
    never among GraphQL's issues.
    """
    if not node.get("hasIssuesEnabled", True):
        return {"issues": Absent("disabled")}
    page = node.get("recentlyClosed")
    if not isinstance(page, dict) or not is_page(page):
        return {"issues": Unknown("the issues did not come")}
    window = Window.before(as_of)

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
        return {"issues": Unknown(listing.problem)}
    data = {"hasIssuesEnabled": True, "nodes": listing.nodes}
    return {"issues": window.reading(data, is_truncated=listing.is_truncated)}


COMMITS = StreamReader(
    streams=("commits", "contributors"),
    field="commits",
    selection="""commits: defaultBranchRef {
    name
    target { ... on Commit { history(first: 100, since: $since, until: $until) { ...CommitPage } } }
  }""",
    read=read_commits,
)
CLOSED_ISSUES = StreamReader(
    streams=("issues",),
    field="recentlyClosed",
    selection="""recentlyClosed: issues(
    first: 100
    states: CLOSED
    filterBy: { since: $updatedSince }
    orderBy: { field: UPDATED_AT, direction: DESC }
  ) { ...IssuePage }""",
    read=read_issues,
)


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
