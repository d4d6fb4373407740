"""`/render`: what is built with Render, by category, with its totals and service types.

Define here the showcase. Which category a repository has is decided by the SQL models; here it is
only told what a category means and how many of it are shown first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Request
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
from trender_web.answer.params import AsOf, FormAsOf, Text, once
from trender_web.data.store import Reading, Row
from trender_web.drawing.meters import meter
from trender_web.pages.trending.past_day import checked, to_canonical

router = APIRouter(tags=["render"], dependencies=[once])
SOURCE = "analytics.analytics_render_showcase"
COLUMNS = (
    "repo_full_name", "repo_url", "render_category", "language", "stars", "stars_gained_7d",
    "stars_gained_7d_reason", "momentum_score", "momentum_reason", "rank_overall", "uses_render",
    "blueprint_status", "blueprint_reason", "blueprint_path", "render_services", "service_count",
    "database_count", "has_blueprint_button", "render_complexity_score", "blueprint_quality",
    "documentation_score", "category_evidence", "description", "homepage_url", "topics",
    "is_archived", "is_stale", "as_of", "repo_id",
)  # fmt: skip


@dataclass(frozen=True)
class Category:
    """A category: its key in the data, its title, how many are shown first, what it means."""

    key: str
    title: str
    limit: int
    meaning: str


CATEGORIES = (
    Category("official", "Official Blueprints", 10,
             "Repositories of Render’s own organisations."),
    Category("community", "Community stars", 15,
             "Anybody’s projects that say in their own files that they run on Render."),
    Category("employee", "Employee innovation", 10,
             "Projects of people whom the configuration names as working at Render; none is "
             "guessed."),
    Category("blueprint", "Ready to deploy", 10,
             "Community projects with a Blueprint and a deploy button."),
)  # fmt: skip
REST = Category(
    "uncategorised", "Uncategorised", 0,
    "Found by a Render topic or search, but their files don’t say so (or could not be read).",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What of the showcase is wanted: a text, and a past day instead of the present."""

    text: str
    day: date | None

    def address(self, path: str) -> str:
        """The address of the same under `path`."""
        pairs = [("q", self.text), ("as_of", str(self.day or ""))]
        chosen = [(name, value) for name, value in pairs if value]
        return f"{path}?{urlencode(chosen)}" if chosen else path

    def rows(self, reading: Reading) -> list[Row]:
        """The repositories, the strongest first.

        Raises:
            Problem: 404 when no run covered the day.
        """
        if self.day is None:
            return reading.rows("showcase", text=self.text)
        checked(reading, self.day)
        found = reading.rows("showcase_day", text=self.text, day=self.day)
        return [{**dict.fromkeys(COLUMNS), **row} for row in found]

    def services(self, reading: Reading) -> list[Row]:
        """Service types with how many repositories declare them."""
        if self.day is None:
            return reading.rows("showcase_services")
        return reading.rows("showcase_services_day", day=self.day)

    def totals(self, reading: Reading) -> Row:
        """Totals over all rows, whatever the text; what a past day did not record is None."""
        if self.day is None:
            return reading.row("showcase_totals") or {}
        rows = Asked("", self.day).rows(reading)
        return {
            "projects": len(rows),
            "with_blueprint": sum(bool(row["uses_render"]) for row in rows),
            "blueprint_unknown": None,
            "stars": _sum(rows, "stars"),
            "services": _sum(rows, "service_count"),
            "databases": _sum(rows, "database_count"),
            "with_button": None,
            "stars_gained_7d": _sum(rows, "stars_gained_7d"),
            "with_known_gain": sum(row["stars_gained_7d"] is not None for row in rows),
        }

    def cache_for(self, reading: Reading) -> str:
        """A past day that is over does not change."""
        if self.day is None:
            return REVALIDATE
        last = (reading.row("days") or {}).get("last_day")
        return FOREVER if last and self.day < last else REVALIDATE


def _sum(rows: list[Row], name: str) -> int | None:
    known = [row[name] for row in rows if row[name] is not None]
    return sum(known) if known else None


@router.get("/render", include_in_schema=False)
@from_reading
def page(request: Request, reading: Reading, q: Text = "", as_of: FormAsOf = None) -> Response:
    """The showcase."""
    asked = Asked(q.strip(), as_of)
    if reading.version.is_empty:
        return empty_page(request, reading, "Built with Render", "/render")
    address = asked.address("/render")
    to_canonical(request, address)
    rows, totals, services = asked.rows(reading), asked.totals(reading), asked.services(reading)
    most = max((row["repositories"] for row in services), default=0)
    return html_answer(
        request,
        reading,
        "showcase.html",
        title=f"Built with Render on {asked.day}" if asked.day else "Built with Render",
        description=f"{plural(totals.get('projects') or 0, 'open-source project')} on Render: "
        "what they are, what they run, how they grow.",
        canonical=address,
        section="/render",
        twins=[
            Twin(asked.address("/render.csv"), "text/csv", "Download CSV"),
            Twin(asked.address("/render.json"), "application/json", "JSON"),
        ],
        feeds=[("/feed/render.atom", "Newly trending Render projects")],
        card="/card/render.png",
        cache_control=asked.cache_for(reading),
        text=asked.text,
        day=asked.day,
        days=reading.row("days") or {},
        total=len(rows),
        groups=[_group(category, rows) for category in (*CATEGORIES, REST)],
        totals=totals,
        services=[{**row, "bar": meter(row["repositories"], most)} for row in services],
        run=reading.row("latest_run"),
    )


def _group(category: Category, rows: list[Row]) -> Row:
    found = [row for row in rows if row["render_category"] == category.key]
    return {
        "category": category,
        "shown": found[: category.limit],
        "rest": found[category.limit :],
        "count": len(found),
    }


@router.get("/render.json", responses=JSON_ANSWER)
@from_reading
def as_json(request: Request, reading: Reading, q: Text = "", as_of: AsOf = None) -> Response:
    """Every repository that has to do with Render, totals and service types."""
    asked = Asked(q.strip(), as_of)
    rows = [{name: row.get(name) for name in COLUMNS} for row in asked.rows(reading)]
    return json_answer(
        request, reading, rows, source=SOURCE, cache_control=asked.cache_for(reading),
        meta={
            "count": len(rows),
            "totals": asked.totals(reading),
            "services": asked.services(reading),
            "categories": {one.key: one.meaning for one in (*CATEGORIES, REST)},
        },
    )  # fmt: skip


@router.get("/render.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(request: Request, reading: Reading, q: Text = "", as_of: AsOf = None) -> Response:
    """Every repository that has to do with Render as CSV."""
    asked = Asked(q.strip(), as_of)
    rows, cache = asked.rows(reading), asked.cache_for(reading)
    return csv_answer(reading, rows, COLUMNS, name="render", cache_control=cache)
