"""Releases of 90 days: which are kept, when the list is cut, and what is no list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.github.asking import AS_OF, nobody
from trender_assets.github.answers import Found, Unknown
from trender_assets.trending.reading.reading import timestamp
from trender_assets.trending.reading.releases import RELEASES


def release(number: int, days_ago: float | None) -> dict[str, Any]:
    at = None if days_ago is None else timestamp(AS_OF - timedelta(days=days_ago))
    return {"tagName": f"v{number}", "name": "", "publishedAt": at, "isPrerelease": False}


async def read(nodes: Any, more: bool = False) -> Any:
    page = {"pageInfo": {"hasNextPage": more}, "nodes": nodes}
    return (await RELEASES.read({"recentReleases": page}, AS_OF, nobody))["releases"]


async def test_the_last_90_days_without_drafts() -> None:
    found = await read([release(3, None), release(2, 3), release(1, 91)], more=True)
    assert isinstance(found, Found)
    assert [item["tagName"] for item in found.value.data] == ["v2"]
    assert not found.value.is_truncated, "GitHub has more, and all of it is older"
    assert found.value.window_end - found.value.window_start == timedelta(days=90)


async def test_a_list_that_does_not_reach_back_is_cut() -> None:
    found = await read([release(n, n / 10) for n in range(50)], more=True)
    assert isinstance(found, Found) and found.value.is_truncated


@pytest.mark.parametrize("nodes", [None, [None], [{}], [release(1, 1) | {"publishedAt": "soon"}]])
async def test_what_is_no_list_of_releases_is_unknown(nodes: Any) -> None:
    """An error must not look like a project that never publishes."""
    assert await read(nodes) == Unknown("malformed: no list of releases")


async def test_a_page_that_does_not_say_whether_there_is_more_is_whole() -> None:
    """A null there would have been refused by the database, and cost the whole source."""
    found = await read([release(1, 1)], more=None)  # pyright: ignore[reportArgumentType]
    assert isinstance(found, Found) and found.value.is_truncated is False


async def test_no_release_is_an_empty_list() -> None:
    found = await read([])
    assert isinstance(found, Found) and found.value.data == []
