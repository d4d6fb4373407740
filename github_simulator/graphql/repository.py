"""The Repository object of the GraphQL API and its connections.

Define a field of Repository here. Commits and files belong to `graphql.git`, the entry points to
`graphql.query`; every function reads the world at the request's instant.
"""

from __future__ import annotations

import base64
from typing import Any

from graphql import GraphQLResolveInfo

from github_simulator.graphql.paging import connection
from github_simulator.world.calendars import iso, parse_iso
from github_simulator.world.issues import Issue
from github_simulator.world.model import Owner, Repository
from github_simulator.world.names import LICENSE_NAMES
from github_simulator.world.truth import is_archived
from github_simulator.world.world import World

Fields = dict[str, Any]


def node_id(kind: str, *parts: object) -> str:
    """An opaque id of a thing that is not looked up again."""
    raw = ":".join(map(str, (kind, *parts))).encode()
    return f"{kind}_{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"


def resolve_id(source: Fields, info: GraphQLResolveInfo) -> str:
    """The `id` of a thing that comes in numbers, made only when asked for."""
    return node_id(*source["_id"])


def owner_fields(owner: Owner) -> Fields:
    """A User or Organization."""
    return {
        "__typename": owner.kind,
        "id": owner.node_id,
        "databaseId": owner.id,
        "login": owner.login,
        "name": owner.login,
        "url": f"https://github.com/{owner.login}",
    }


def repository_fields(world: World, repository: Repository, now: int) -> Fields:
    """The scalar fields of a Repository at an instant; connections are resolved on demand."""
    naming = repository.naming_at(now)
    archived = is_archived(repository, now)
    pushed = world.pushed_at(repository, now)
    spdx = repository.license
    key = "other" if spdx == "NOASSERTION" else (spdx or "").lower()
    return {
        "__typename": "Repository",
        "_": repository,
        "_now": now,
        "id": repository.node_id,
        "databaseId": repository.id,
        "name": naming.name,
        "nameWithOwner": naming.full_name,
        "url": f"https://github.com/{naming.full_name}",
        "description": repository.description,
        "homepageUrl": repository.homepage,
        "createdAt": iso(repository.created_at),
        "updatedAt": iso(world.updated_at(repository, now)),
        "pushedAt": iso(pushed),
        "archivedAt": iso(repository.archived_at or 0) if archived else None,
        "isArchived": archived,
        "isDisabled": repository.is_disabled,
        "isEmpty": repository.is_empty,
        "isFork": repository.parent_id is not None,
        "isMirror": repository.is_mirror,
        "isPrivate": False,
        "isTemplate": repository.is_template,
        "isLocked": False,
        "isInOrganization": naming.owner.kind == "Organization",
        "visibility": "PUBLIC",
        "hasIssuesEnabled": repository.has_issues,
        "stargazerCount": world.star_count(repository, now),
        "forkCount": world.fork_count(repository, now),
        "diskUsage": repository.size,
        "primaryLanguage": language_fields(repository.language) if repository.language else None,
        "licenseInfo": {
            "id": node_id("L", spdx),
            "key": key,
            "name": LICENSE_NAMES.get(spdx, spdx),
            "spdxId": spdx,
        }
        if spdx
        else None,
        "owner": owner_fields(naming.owner),
    }


def language_fields(name: str) -> Fields:
    """A Language."""
    return {"id": node_id("LA", name), "name": name, "color": None}


def issue_fields(world: World, repository: Repository, issue: Issue, now: int) -> Fields:
    """An Issue or PullRequest at an instant."""
    closed = issue.closed_at(now)
    kind = "PullRequest" if issue.is_pull else "Issue"
    full_name = repository.naming_at(now).full_name
    path = "pull" if issue.is_pull else "issues"
    merged = issue.is_merged and closed is not None
    reopened = closed is None and any(again <= now for _, again in issue.closings)
    reason = issue.reason if closed is not None else ("REOPENED" if reopened else None)
    state = "OPEN" if closed is None else ("MERGED" if merged else "CLOSED")
    closed_text = iso(closed) if closed is not None else None
    return {
        "__typename": kind,
        "_id": ("PR" if issue.is_pull else "I", repository.id, issue.number),
        "databaseId": repository.id % 100_000 * 10_000 + issue.number,
        "number": issue.number,
        "title": f"Item {issue.number}",
        "url": f"https://github.com/{full_name}/{path}/{issue.number}",
        "state": state,
        "stateReason": reason,
        "createdAt": iso(issue.created),
        "updatedAt": iso(issue.updated_at(now)),
        "closedAt": closed_text,
        "closed": closed is not None,
        "mergedAt": closed_text if merged else None,
        "merged": merged,
        "isDraft": False,
        "author": {
            "__typename": "User",
            "login": issue.author,
            "url": f"https://github.com/{issue.author}",
        },
        "authorAssociation": "CONTRIBUTOR",
        "_repository": repository,
        "_now": now,
        "_world": world,
    }


def issues_at(
    world: World, repository: Repository, now: int, *, pulls: bool, states: list[str] | None
) -> list[tuple[Issue, int | None]]:
    """Issues (or pull requests) with their closing, restricted to states."""
    found: list[tuple[Issue, int | None]] = []
    for issue, closed in world.issue_states(repository, now):
        if issue.is_pull == pulls:
            state = "OPEN" if closed is None else "CLOSED"
            if pulls and closed is not None and issue.is_merged:
                state = "MERGED"
            if not states or state in states:
                found.append((issue, closed))
    return found


def _ordered(
    rows: list[tuple[Issue, int | None]], order: Fields | None, now: int
) -> list[tuple[Issue, int | None]]:
    key, reverse = (lambda row: (row[0].created, row[0].number)), False
    if order is not None:
        reverse = order["direction"] == "DESC"
        if order["field"] == "UPDATED_AT":
            key = lambda row: (row[0].updated_at(now), row[0].number)  # noqa: E731
    return sorted(rows, key=key, reverse=reverse)


def resolve_issues(
    source: Fields,
    info: GraphQLResolveInfo,
    states: list[str] | None = None,
    filterBy: Fields | None = None,
    orderBy: Fields | None = None,
    **page: Any,
) -> Fields:
    """`Repository.issues`: never pull requests; `filterBy.since` means updated since."""
    return _issue_connection(source, info, False, states, filterBy, orderBy, page)


def resolve_pull_requests(
    source: Fields,
    info: GraphQLResolveInfo,
    states: list[str] | None = None,
    orderBy: Fields | None = None,
    **page: Any,
) -> Fields:
    """`Repository.pullRequests`."""
    return _issue_connection(source, info, True, states, None, orderBy, page)


def _issue_connection(
    source: Fields,
    info: GraphQLResolveInfo,
    pulls: bool,
    states: list[str] | None,
    filters: Fields | None,
    order: Fields | None,
    page: Fields,
) -> Fields:
    world: World = info.context.world
    repository, now = source["_"], source["_now"]
    rows: list[tuple[Issue, int | None]] = []
    if pulls or repository.has_issues:
        rows = issues_at(world, repository, now, pulls=pulls, states=states)
    if filters and filters.get("states"):
        rows = [
            row for row in rows if ("OPEN" if row[1] is None else "CLOSED") in filters["states"]
        ]
    if filters and filters.get("since"):
        since = parse_iso(filters["since"])
        rows = [row for row in rows if row[0].updated_at(now) >= since]
    if order is not None and len(rows) > 1:
        rows = _ordered(rows, order, now)
    return connection(rows, info, lambda row: issue_fields(world, repository, row[0], now), **page)


def resolve_watchers(source: Fields, info: GraphQLResolveInfo, **page: Any) -> Fields:
    """`Repository.watchers`: only the count can be seen."""
    return connection([], info, lambda x: x, total=source["_"].watchers, **page)


def resolve_mentionable_users(source: Fields, info: GraphQLResolveInfo, **page: Any) -> Fields:
    """`Repository.mentionableUsers`: only the count."""
    return connection([], info, lambda x: x, total=source["_"].commits.people, **page)


def resolve_stargazers(
    source: Fields,
    info: GraphQLResolveInfo,
    orderBy: Fields | None = None,
    **page: Any,
) -> Fields:
    """`Repository.stargazers`: counts still work, edges are empty since 2026."""
    found = connection([], info, lambda x: x, total=source["stargazerCount"], **page)
    return {**found, "edges": []}


def resolve_releases(
    source: Fields,
    info: GraphQLResolveInfo,
    orderBy: Fields | None = None,
    **page: Any,
) -> Fields:
    """`Repository.releases`, newest first unless asked otherwise."""
    repository, now = source["_"], source["_now"]
    releases = sorted(r for r in repository.releases if r[0] <= now)
    if orderBy is None or orderBy["direction"] == "DESC":
        releases.reverse()

    def fields(release: tuple[int, str, bool]) -> Fields:
        return {
            "id": node_id("RE", repository.id, release[1]),
            "tagName": release[1],
            "name": release[1],
            "publishedAt": iso(release[0]),
            "createdAt": iso(release[0]),
            "isPrerelease": release[2],
            "isDraft": False,
            "url": f"{source['url']}/releases/tag/{release[1]}",
        }

    return connection(releases, info, fields, **page)


def resolve_topics(source: Fields, info: GraphQLResolveInfo, **page: Any) -> Fields:
    """`Repository.repositoryTopics`."""

    def fields(topic: str) -> Fields:
        return {
            "id": node_id("RT", topic),
            "topic": {"id": node_id("T", topic), "name": topic},
            "url": f"https://github.com/topics/{topic}",
        }

    return connection(source["_"].topics, info, fields, **page)


def resolve_languages(
    source: Fields,
    info: GraphQLResolveInfo,
    orderBy: Fields | None = None,
    **page: Any,
) -> Fields:
    """`Repository.languages` with their bytes."""
    rows = sorted(source["_"].languages, key=lambda row: row[1], reverse=True)
    found = connection(rows, info, lambda row: row, **page)
    edges = [
        {"cursor": "c", "size": size, "node": language_fields(name)}
        for name, size in found["nodes"]
    ]
    return {
        **found,
        "totalSize": sum(size for _, size in rows),
        "edges": edges,
        "nodes": [edge["node"] for edge in edges],
    }
