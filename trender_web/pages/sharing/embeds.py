"""Widgets for other people's pages: a repository's card and the top of the list, in a frame.

Define here what may be framed. These are the only pages that allow it; they set no cookie and need
no script, and every link of theirs opens the dashboard.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from trender_web.answer.answers import config_of, from_reading, kept
from trender_web.answer.openapi import body_of
from trender_web.answer.params import Languages, Limit, known_languages, once, tracked_languages
from trender_web.answer.templating import fill
from trender_web.data.store import Reading
from trender_web.drawing.small import sparkline
from trender_web.pages.sharing.lookup import find, staleness
from trender_web.pages.trending.data import Filters, read_sparks, read_trending

router = APIRouter(tags=["embeds"], dependencies=[once])
Theme = Literal["auto", "light", "dark"]
Asked = Annotated[Theme, Query(description="Colours; auto follows the reader's system.")]
PAGE = body_of("text/html")
MAX_ROWS = 25


@router.get("/embed/trending", responses=PAGE)
@from_reading
def ranking(
    request: Request,
    reading: Reading,
    theme: Asked = "auto",
    lang: Languages = None,
    render: Annotated[Literal["", "0", "1"], Query(description="1: only Render projects.")] = "",
    limit: Limit = 10,
) -> Response:
    """The top of the list, at most 25 rows."""
    rows = []
    filters = Filters(render=render == "1")
    if not reading.version.is_empty:
        pools = known_languages(lang, tracked_languages(reading))
        filters = Filters(pools=pools, render=render == "1")
        rows = read_trending(reading, filters, min(limit, MAX_ROWS))
    return _page(request, reading, "embed_list.html", theme, rows=rows,
                 more=filters.address("/"))  # fmt: skip


@router.get("/embed/{owner}/{name}", responses=PAGE)
@from_reading
def card(
    request: Request,
    reading: Reading,
    owner: Annotated[str, Path(max_length=60)],
    name: Annotated[str, Path(max_length=120)],
    theme: Asked = "auto",
) -> Response:
    """A repository's card; one we don't follow gets one that says so."""
    row = find(reading, owner, name)
    spark = read_sparks(reading, [row]).get(row["repo_id"], []) if row else []
    old = staleness(row, config_of(request)) if row else None
    return _page(
        request, reading, "embed_card.html", theme, row=row, old=old, spark=sparkline(spark),
        spark_sum=sum(value for value in spark if value is not None) if spark else None,
        spark_days=len(spark),
    )  # fmt: skip


def _page(
    request: Request, reading: Reading, template: str, theme: Theme, **values: Any
) -> Response:
    """An embed's page: no navigation, no script, our own style only."""
    body = fill(
        template, theme=None if theme == "auto" else theme,
        base_url=config_of(request).base_url, as_of=reading.version.as_of, **values,
    )  # fmt: skip
    return kept(body, "text/html", X_Robots_Tag="noindex")
