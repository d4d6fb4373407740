"""A GitHub whose GraphQL answers first passes over made-up repositories, and a reader of them.

Define here what a whole answer looks like. What goes wrong with it belongs to the tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.github.fakes import NOW, FakeGitHub, answer
from trender_assets.trending.reading.discovery import Candidate
from trender_assets.trending.reading.repositories import RepositoryReader, RepositoryReading

AS_OF = datetime.fromtimestamp(NOW, UTC)


def node(node_id: str) -> dict[str, Any]:
    """A whole Repository as GitHub answers it."""
    number = int(node_id.split("_")[1])
    totals = dict.fromkeys(("watchers", "openIssues", "closedIssues", "openPRs", "mergedPRs"))
    flags = (
        "isArchived",
        "isDisabled",
        "isEmpty",
        "isFork",
        "isMirror",
        "isPrivate",
        "isTemplate",
        "isLocked",
    )
    page = {"totalCount": 0, "pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": []}
    return {
        "__typename": "Repository",
        "id": node_id,
        "databaseId": number,
        "nameWithOwner": f"owner/repo-{number}",
        "url": f"https://github.com/owner/repo-{number}",
        "createdAt": "2026-01-01T00:00:00Z",
        "stargazerCount": number,
        "forkCount": 0,
        "hasIssuesEnabled": True,
        "owner": {"__typename": "User", "login": "owner", "databaseId": 1},
        "defaultBranchRef": {"name": "main", "target": {"oid": "h", "committedDate": "2026-01-01T00:00:00Z"}},
        **{key: {"totalCount": 0} for key in totals},
        **dict.fromkeys(flags, False),
        "commits": {"name": "main", "target": {"history": dict(page)}},
        "recentlyClosed": dict(page),
        **dict.fromkeys(
            ("renderYaml", "renderYml", "packageJson", "pnpmWorkspace", "dockerfile", "readme",
             "vercelJson", "railwayJson", "railwayToml", "flyToml")
        ),
        "root": {"entries": []},
    }  # fmt: skip


def respond(variables: dict[str, Any]) -> dict[str, Any]:
    """A whole answer to a first pass."""
    ids = {name: value for name, value in variables.items() if name.startswith("id")}
    data: dict[str, Any] = {"rateLimit": {"cost": len(ids)}}
    for name, node_id in ids.items():
        item = node(node_id)
        if not variables.get("withListings", True):
            del item["commits"], item["recentlyClosed"]
        if not variables.get("withFiles", True):
            del item["packageJson"]
        data[f"r{name.removeprefix('id')}"] = item
    return {"data": data}


def github(change: Callable[[dict[str, Any]], httpx.Response | None]) -> FakeGitHub:
    """A GitHub whose GraphQL answers everything unless `change` answers first."""

    def handler(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/graphql":
            return answer({"message": "Not Found"}, 404)
        variables = json.loads(request.content)["variables"]
        return change(variables) or answer(respond(variables), resource="graphql")

    return FakeGitHub(handler)


def candidates(count: int, start: int = 1) -> list[Candidate]:
    return [Candidate(n, f"R_{n}", f"owner/repo-{n}", ("q",)) for n in range(start, start + count)]


async def read_all(
    fake: FakeGitHub, wanted: list[Candidate], **options: Any
) -> dict[str, RepositoryReading]:
    async with fake.client() as client:
        reader = RepositoryReader(client, as_of=AS_OF, **options)
        readings = {r.candidate_id: r async for r in reader.read(wanted)}
    fake.report = client.report  # type: ignore[attr-defined]
    return readings
