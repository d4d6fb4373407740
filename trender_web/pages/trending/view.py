"""`/`: what is rising now, as cards or as a table, with its JSON and CSV twins.

Define here the front page. The ranking itself is `trender_web.pages.trending.data`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from trender_web.answer.answers import (
    FOREVER,
    REVALIDATE,
    Twin,
    csv_answer,
    empty_page,
    from_reading,
    html_answer,
    json_answer,
)
from trender_web.answer.formats import plural
from trender_web.answer.openapi import CSV_ANSWER, JSON_ANSWER
from trender_web.answer.params import (
    Cursor,
    FormAsOf,
    Languages,
    Limit,
    Text,
    known_languages,
    once,
    tracked_languages,
)
from trender_web.data.store import Reading, Row
from trender_web.drawing.small import parts_bar, sparkline
from trender_web.pages.trending.data import (
    COLUMNS,
    MAX_ROWS,
    TOP,
    Filters,
    Order,
    Ranking,
    Sort,
    View,
    Window,
    cursor,
    public,
    read_sparks,
    read_trending,
)
from trender_web.pages.trending.past_day import to_canonical

router = APIRouter(tags=["trending"], dependencies=[once])
SOURCE = "analytics.analytics_trending_repos_current"
Flag = Literal["", "0", "1"]


class Wanted:
    """The filters as a request gives them, before its languages are checked."""

    def __init__(
        self,
        lang: Languages = None,
        window: Window = "7d",
        render: Annotated[Flag, Query(description="1: only with a valid Blueprint.")] = "",
        new: Annotated[Flag, Query(description="1: first ranked in the last 7 days.")] = "",
        q: Text = "",
        rank: Annotated[
            Ranking, Query(description="With or without the Render boost.")
        ] = "boosted",
        sort: Annotated[
            Literal[""] | Sort, Query(description="Empty: the window's own order.")
        ] = "",
        order: Order = "desc",
        as_of: FormAsOf = None,
    ) -> None:
        self._lang = lang
        self.filters = Filters(
            window=window, render=render == "1", new=new == "1", text=q.strip(), rank=rank,
            sort=sort or None, order=order, as_of=as_of,
        )  # fmt: skip

    def check(self, languages: list[Row], view: View = "cards") -> Filters:
        """The filters, their languages known."""
        return replace(self.filters, pools=known_languages(self._lang, languages), view=view)


Asked = Annotated[Wanted, Depends()]


@router.get("/", include_in_schema=False)
@from_reading
def page(request: Request, reading: Reading, asked: Asked, view: View = "cards") -> Response:
    """The front page."""
    if reading.version.is_empty:
        return empty_page(request, reading, "Trending repositories", "/")
    languages = tracked_languages(reading)
    filters = asked.check(languages, view)
    address = filters.address("/")
    to_canonical(request, address)
    rows = read_trending(reading, filters)
    sparks = read_sparks(reading, rows)
    days = reading.row("days") or {}
    return html_answer(
        request,
        reading,
        "trending.html",
        title=_title(filters),
        description="What is rising on GitHub, why, and how sure we are.",
        canonical=address,
        section="/",
        twins=twins("/trending", filters),
        feeds=[("/feed/trending.atom", "Newly trending")],
        card="/card/trending.png",
        cache_control=cache_for(filters, days),
        filters=filters,
        rows=[shown_row(row, sparks, days) for row in rows],
        total=rows[0]["total_count"] if rows else 0,
        languages=languages,
        frame=_frame(reading),
        run=reading.row("latest_run"),
        spotlight=_spotlight(reading, days),
        others=reading.rows("search_others", text=filters.text) if filters.text else [],
        days=days,
    )


@router.get("/trending.json", responses=JSON_ANSWER)
@from_reading
def as_json(
    request: Request, reading: Reading, asked: Asked, limit: Limit = TOP, after: Cursor = None
) -> Response:
    """The ranking with the page's filters; keyset pages by `limit` and `after`."""
    if reading.version.is_empty:
        return json_answer(request, reading, [], source=SOURCE)
    filters = asked.check(tracked_languages(reading))
    rows = read_trending(reading, filters, limit + 1, after)
    more = len(rows) > limit
    rows = rows[:limit]
    following = None
    if more:
        base = filters.address("/trending.json")
        following = f"{base}{'&' if '?' in base else '?'}limit={limit}&after={cursor(rows[-1])}"
    return json_answer(
        request, reading, [public(row) for row in rows], source=SOURCE, next_page=following,
        cache_control=cache_for(filters, reading.row("days") or {}),
        meta={"count": len(rows)},
    )  # fmt: skip


@router.get("/trending.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(request: Request, reading: Reading, asked: Asked, limit: Limit = MAX_ROWS) -> Response:
    """The ranking with the page's filters as CSV, all rows."""
    rows: list[Row] = []
    cache = REVALIDATE
    if not reading.version.is_empty:
        filters = asked.check(tracked_languages(reading))
        rows = read_trending(reading, filters, limit)
        cache = cache_for(filters, reading.row("days") or {})
    return csv_answer(reading, rows, COLUMNS, name="trending", cache_control=cache)


def twins(path: str, filters: Filters) -> list[Twin]:
    """The same ranking as CSV and JSON."""
    return [
        Twin(filters.address(f"{path}.csv", view="cards"), "text/csv", "Download CSV"),
        Twin(filters.address(f"{path}.json", view="cards"), "application/json", "JSON"),
    ]


def cache_for(filters: Filters, days: Row) -> str:
    """A past day that is complete never changes its ranking; everything else is asked again."""
    last = days.get("last_day")
    return FOREVER if filters.as_of and last and filters.as_of < last else REVALIDATE


def shown_row(row: Row, sparks: dict[int, list[int | None]], days: Row) -> Row:
    """A row with its drawings and its change of rank."""
    spark = sparks.get(row["repo_id"], [])
    return {
        **row,
        "spark": sparkline(spark),
        "spark_days": len(spark),
        "spark_sum": sum(value for value in spark if value is not None) if spark else None,
        "bar": momentum_bar(row),
        "change": rank_change(row, days),
    }


def momentum_bar(row: Row) -> Any:
    """Momentum's parts: velocity, activity, and what the Render boost adds."""
    score, unboosted = row["momentum_score"], row["momentum_unboosted"]
    boost = score - unboosted if score is not None and unboosted is not None else None
    factor = row["age_factor"] if row["age_factor"] is not None else 1.0
    velocity, activity = row["momentum_velocity_part"], row["momentum_activity_part"]
    return parts_bar(
        [
            ("velocity", velocity * factor if velocity is not None else None),
            ("activity", activity * factor if activity is not None else None),
            ("Render boost", boost if boost else None),
        ]
    )


def rank_change(row: Row, days: Row) -> tuple[str, str, str]:
    """(style, text, explanation) of the change of the overall rank since yesterday."""
    now, before = row["rank_overall"], row["previous_rank_overall"]
    if days.get("first_day") == row["snapshot_date"]:
        return "", "", "no day to compare with"
    if before is None:
        if row["first_ranked_date"] == row["snapshot_date"]:
            return "new", "new", "ranked for the first time today"
        return "", "", "not ranked yesterday"
    if now is None or now == before:
        return "", "=", "same rank as yesterday"
    if now < before:
        return "up", f"▲{before - now}", f"up {before - now} since yesterday"
    return "down", f"▼{now - before}", f"down {now - before} since yesterday"


def _title(filters: Filters) -> str:
    if filters.as_of:
        return f"Trending on {filters.as_of}"
    return {"24h": "Rising in a day", "7d": "Trending repositories", "30d": "Rising in four weeks"}[
        filters.window
    ]


def _frame(reading: Reading) -> Row:
    pools = reading.rows("frame_counts")
    return {
        "pools": {row["pool"]: row for row in pools},
        "ranked": sum(row["ranked"] for row in pools),
        "followed": sum(row["followed"] for row in pools),
        "text": plural(sum(row["ranked"] for row in pools), "repository", "repositories"),
    }


def _spotlight(reading: Reading, days: Row) -> list[Row]:
    """Three Render projects of the nine strongest; each day begins elsewhere."""
    rows = reading.rows("spotlight")
    last = days.get("last_day")
    if len(rows) <= 3 or last is None:
        return rows[:3]
    start = last.toordinal() * 3 % len(rows)
    return (rows + rows)[start : start + 3]
