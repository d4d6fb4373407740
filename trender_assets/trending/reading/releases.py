"""Releases of the last 90 days: what is asked for, and what of the answer is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from trender_assets.github.answers import Unknown
from trender_assets.github.listings import instant
from trender_assets.trending.reading.fields import Ask
from trender_assets.trending.reading.reading import StreamReader, Streams, Window

DAYS = 90


async def read_releases(node: dict[str, Any], as_of: datetime, _: Ask) -> Streams:
    """The releases published in the window, newest first, exactly GitHub's values.

    Drafts have no date yet. Beyond the first page nothing is asked: a project with more than 50
    releases in 90 days publishes by the hour, and its listing says that it is cut.
    """
    window = Window.before(as_of, DAYS)
    page: Any = node.get("recentReleases")
    try:
        published = [item for item in page["nodes"] if item["publishedAt"] is not None]
        inside = [item for item in published if instant(item["publishedAt"]) >= window.start]
        is_cut = bool(page["pageInfo"]["hasNextPage"]) and len(inside) == len(published)
    except (KeyError, TypeError, ValueError):
        return {"releases": Unknown("malformed: no list of releases")}
    return {"releases": window.reading(inside, is_truncated=is_cut)}


RELEASES = StreamReader(
    streams=("releases",),
    field="recentReleases",
    selection="""recentReleases: releases(
    first: 50
    orderBy: { field: CREATED_AT, direction: DESC }
  ) {
    pageInfo { hasNextPage }
    nodes { tagName name url publishedAt isPrerelease }
  }""",
    read=read_releases,
)
