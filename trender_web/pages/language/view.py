"""`/language/{lang}`: one language, its fifty, its growth, its share of Render.

Define here the page and its twins. The ranking itself is `trender_web.pages.trending.data`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from trender_web.answer.answers import (
    Twin,
    csv_answer,
    from_reading,
    html_answer,
    json_answer,
)
from trender_web.answer.errors import Elsewhere, Problem, needs_data
from trender_web.answer.formats import plural
from trender_web.answer.openapi import CSV_ANSWER, JSON_ANSWER
from trender_web.answer.params import SLUG, AsOf, Cursor, Limit, once, tracked_languages
from trender_web.data.store import Reading, Row
from trender_web.drawing.bars import bar_figure
from trender_web.drawing.figure import Figure
from trender_web.drawing.lines import Series, line_figure
from trender_web.pages.repository.data import by_week, star_lines
from trender_web.pages.trending.data import (
    COLUMNS,
    MAX_ROWS,
    Filters,
    Order,
    Ranking,
    Sort,
    cursor,
    public,
    read_sparks,
    read_trending,
)
from trender_web.pages.trending.trends import read_trends
from trender_web.pages.trending.view import cache_for, shown_row

router = APIRouter(tags=["languages"], dependencies=[once])
TOP = 50
LEADERS = 5
WEEKS = 30
TREND_DAYS = 90
SOURCE = "analytics.analytics_language_rankings"
Slug = Annotated[str, Path(alias="lang", pattern=SLUG)]


@router.get("/language/{lang}.json", responses=JSON_ANSWER)
@from_reading
def as_json(
    request: Request,
    reading: Reading,
    lang: Slug,
    as_of: AsOf = None,
    limit: Limit = TOP,
    after: Cursor = None,
) -> Response:
    """A language's facts and its ranking; keyset pages by `limit` and `after`."""
    language = _language(request, reading, lang, ".json")
    filters = Filters(pools=(language["slug"],), as_of=as_of)
    rows = read_trending(reading, filters, limit + 1, after)
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        past = f"&as_of={as_of}" if as_of else ""
        path = f"/language/{language['slug']}.json"
        following = f"{path}?limit={limit}{past}&after={cursor(rows[-1])}"
    data = {
        "language": language,
        "stats": reading.row("language_stats", pool=language["slug"]),
        "left_out": reading.rows("language_left_out", pool=language["slug"]),
        "repositories": [public(row) for row in rows],
    }
    cache = cache_for(filters, reading.row("days") or {})
    return json_answer(request, reading, data, source=SOURCE, next_page=following,
                       cache_control=cache)  # fmt: skip


@router.get("/language/{lang}.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(
    request: Request, reading: Reading, lang: Slug, as_of: AsOf = None, limit: Limit = MAX_ROWS
) -> Response:
    """A language's ranking as CSV, all rows."""
    language = _language(request, reading, lang, ".csv")
    filters = Filters(pools=(language["slug"],), as_of=as_of)
    rows = read_trending(reading, filters, limit)
    cache = cache_for(filters, reading.row("days") or {})
    return csv_answer(reading, rows, COLUMNS, name=language["slug"], cache_control=cache)


@router.get("/language/{lang}", include_in_schema=False)
@from_reading
def page(
    request: Request,
    reading: Reading,
    lang: Annotated[str, Path(max_length=200)],
    sort: Sort = "rank",
    order: Order = "desc",
    rank: Annotated[Ranking, Query()] = "boosted",
    as_of: AsOf = None,
) -> Response:
    """The page of a language."""
    language = _language(request, reading, lang)
    filters = Filters(pools=(language["slug"],), sort=sort, order=order, rank=rank, as_of=as_of)
    return _page(request, reading, language, filters)


def _language(request: Request, reading: Reading, lang: str, suffix: str = "") -> Row:
    """The language of an address.

    Raises:
        Elsewhere: When it is written in another way.
        Problem: 404 when it is not tracked, nor any Render project's.
    """
    needs_data(reading)
    language = reading.row("language_one", wanted=lang)
    if language is None or not _is_known(reading, language):
        raise _unknown(reading, lang)
    if language["slug"] != lang:
        query = f"?{request.url.query}" if request.url.query else ""
        raise Elsewhere(f"/language/{quote(language['slug'])}{suffix}{query}")
    return language


def _is_known(reading: Reading, language: Row) -> bool:
    """Tracked, or the language of a Render project."""
    if language["is_tracked"]:
        return True
    wanted = {"pool": language["slug"], "language": language["name"]}
    return bool(reading.rows("language_render", **wanted))


def _unknown(reading: Reading, lang: str) -> Problem:
    counts = {row["pool"]: row for row in reading.rows("frame_counts")}
    known = tracked_languages(reading)
    return Problem(
        404,
        "No such language here",
        f"We rank {plural(len(known), 'language')}.",
        suggestions=[
            (
                f"/language/{row['slug']}",
                f"{row['name']}: {counts[row['slug']]['ranked']} ranked"
                if row["slug"] in counts
                else f"{row['name']}: nothing ranked yet",
            )
            for row in known
        ],
    )


def _page(request: Request, reading: Reading, language: Row, filters: Filters) -> Response:
    slug = language["slug"]
    days = reading.row("days") or {}
    rows = read_trending(reading, filters, TOP)
    sparks = read_sparks(reading, rows)
    path = f"/language/{slug}"
    address = _address(path, filters)
    wanted = {"pool": slug, "language": language["name"]}
    services = reading.rows("language_services", **wanted)
    return html_answer(
        request, reading, "language.html",
        title=f"{language['name']} on the rise", section="/", canonical=address(),
        description=f"Rising {language['name']} repositories, measured every hour.",
        feeds=[(f"/feed/{slug}.atom", f"Newly trending in {language['name']}")],
        card=f"/card/language/{slug}.png",
        twins=[
            Twin(f"{path}.csv{_past(filters)}", "text/csv", "Download CSV"),
            Twin(f"{path}.json{_past(filters)}", "application/json", "JSON"),
        ],
        cache_control=cache_for(filters, days), language=language, filters=filters, address=address,
        rows=[shown_row(row, sparks, days) for row in rows],
        stats=reading.row("language_stats", pool=slug) or {},
        left_out=reading.rows("language_left_out", pool=slug),
        render_rows=reading.rows("language_render", **wanted),
        figures=_figures(reading, language, rows, days),
        services=_services(language["name"], services),
        languages=tracked_languages(reading),
    )  # fmt: skip


def _past(filters: Filters) -> str:
    return f"?as_of={filters.as_of}" if filters.as_of else ""


def _address(path: str, filters: Filters) -> Callable[..., str]:
    """The page's own address with some filters changed; the language is in the path."""

    def address(**changes: object) -> str:
        plain = {"pools": (), "sort": filters.sort if filters.sort != "rank" else None}
        chosen = {**plain, **changes}
        if chosen.get("sort") == "rank":
            chosen["sort"] = None
        return filters.address(path, **chosen)

    return address


def _figures(reading: Reading, language: Row, rows: list[Row], days: Row) -> list[Figure]:
    leaders = rows[:LEADERS]
    lines = star_lines(reading, leaders, WEEKS * 7)
    growth = [Series(row["repo_full_name"], by_week(lines[row["repo_id"]])) for row in leaders]
    found = read_trends(reading, [language["slug"]], TREND_DAYS, days.get("last_day"))
    trend = [(row["snapshot_date"], row) for row in found]
    return [
        line_figure(
            "Stars gained per week", f"The first {len(leaders)} of the list, week by week.",
            growth, unit="stars a week",
        ),
        line_figure(
            f"Momentum and activity in {language['name']}",
            f"Median and mean of all ranked repositories on {plural(len(trend), 'day')}.",
            [
                Series("Median momentum", {day: row["median_momentum"] for day, row in trend}),
                Series("Mean activity", {day: row["mean_activity"] for day, row in trend}),
            ],
            unit="points",
        ),
    ]  # fmt: skip


def _services(name: str, services: list[Row]) -> Figure:
    total = sum(row["services"] for row in services)
    return bar_figure(
        f"Render services in {name}",
        f"{plural(total, 'service')} declared in valid Blueprints, by type."
        if services
        else "No valid Blueprint in this language yet.",
        [(row["service_type"], int(row["services"])) for row in services],
        ("Service type", "Services"),
    )
