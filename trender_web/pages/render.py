"""`/render`: what is built with Render, by category, with its totals and service types.

Define here the showcase. Which category a repository has is decided by the SQL models; here it is
only told what a category means and how many of it are shown first.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import Response

from trender_web.answers import Twin, csv_answer, html_answer, json_answer, store_of
from trender_web.charts.meters import meter
from trender_web.formats import plural
from trender_web.openapi import CSV_ANSWER, JSON_ANSWER
from trender_web.params import Text, once
from trender_web.store import Reading, Row

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


@router.get("/render", include_in_schema=False)
def page(request: Request, q: Text = "") -> Response:
    """The showcase."""
    return store_of(request).read(lambda reading: _page(request, reading, q.strip()))


def _page(request: Request, reading: Reading, text: str) -> Response:
    address = _address("/render", text)
    if reading.version.is_empty:
        return html_answer(
            request, reading, "empty.html", title="Built with Render", canonical="/render",
            section="/render", description="Nothing has been collected yet.",
        )  # fmt: skip
    rows = reading.rows("showcase", text=text)
    totals = reading.row("showcase_totals") or {}
    services = reading.rows("showcase_services")
    most = max((row["repositories"] for row in services), default=0)
    return html_answer(
        request,
        reading,
        "render.html",
        title="Built with Render",
        description=f"{plural(totals.get('projects') or 0, 'open-source project')} on Render: "
        "what they are, what they run, how they grow.",
        canonical=address,
        section="/render",
        twins=[
            Twin(_address("/render.csv", text), "text/csv", "Download CSV"),
            Twin(_address("/render.json", text), "application/json", "JSON"),
        ],
        feeds=[("/feed/render.atom", "Newly trending Render projects")],
        card="/card/render.png",
        text=text,
        total=len(rows),
        groups=[_group(category, rows) for category in (*CATEGORIES, REST)],
        totals=totals,
        services=[{**row, "bar": meter(row["repositories"], most)} for row in services],
        run=reading.row("latest_run"),
    )


def _group(category: Category, rows: list[Row]) -> Row:
    found = [_split(row) for row in rows if row["render_category"] == category.key]
    return {
        "category": category,
        "shown": found[: category.limit],
        "rest": found[category.limit :],
        "count": len(found),
    }


def _split(row: Row) -> Row:
    owner, _, name = row["repo_full_name"].partition("/")
    return {**row, "owner": owner, "name": name}


def _address(path: str, text: str) -> str:
    from urllib.parse import urlencode

    return f"{path}?{urlencode({'q': text})}" if text else path


def _rows(reading: Reading, text: str) -> list[Row]:
    if reading.version.is_empty:
        return []
    rows = reading.rows("showcase", text=text)
    return [{name: row.get(name) for name in COLUMNS} for row in rows]


@router.get("/render.json", responses=JSON_ANSWER, response_class=Response)
def as_json(request: Request, q: Text = "") -> Response:
    """Every repository that has to do with Render, totals and service types."""

    def answer(reading: Reading) -> Response:
        rows = _rows(reading, q.strip())
        is_empty = reading.version.is_empty
        return json_answer(
            request, reading, rows, source=SOURCE,
            meta={
                "count": len(rows),
                "totals": None if is_empty else reading.row("showcase_totals"),
                "services": [] if is_empty else reading.rows("showcase_services"),
                "categories": {one.key: one.meaning for one in (*CATEGORIES, REST)},
            },
        )  # fmt: skip

    return store_of(request).read(answer)


@router.get("/render.csv", responses=CSV_ANSWER, response_class=Response)
def as_csv(request: Request, q: Text = "") -> Response:
    """Every repository that has to do with Render as CSV."""
    return store_of(request).read(
        lambda reading: csv_answer(reading, _rows(reading, q.strip()), COLUMNS, name="render")
    )
