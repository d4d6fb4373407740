"""Repositories as a search lists them, and asking for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx

from tests.github.fakes import NOW, FakeGitHub, answer
from trender_assets.trending.reading.discovery import DiscoveryQuery, discover

AS_OF = datetime.fromtimestamp(NOW, UTC)


def repo(number: int, stars: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "node_id": f"R_{number}",
        "full_name": f"o/r{number}",
        "stargazers_count": stars,
        **more,
    }


def found(items: list[dict[str, Any]], total: int | None = None, **more: Any) -> httpx.Response:
    body = {
        "total_count": len(items) if total is None else total,
        "incomplete_results": False,
        "items": items,
    }
    headers = more.pop("headers", None)
    return answer({**body, **more}, resource="search", remaining=29, limit=30, headers=headers)


async def ask(fake: FakeGitHub, *queries: DiscoveryQuery):
    async with fake.client() as client:
        return await discover(client, queries, as_of=AS_OF)


def stars_query(most: int = 100, text: str = "language:python") -> DiscoveryQuery:
    return DiscoveryQuery("q", "search_repositories", text, sort="stars", max_results=most)
