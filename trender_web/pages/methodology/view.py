"""`/methodology`: what every number means, how it is made, and how it misleads.

Define here the page and its twins; the text is `trender_web.pages.methodology.data`.
"""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from trender_web.answer.answers import (
    Twin,
    csv_answer,
    from_reading,
    html_answer,
    json_answer,
)
from trender_web.answer.openapi import CSV_ANSWER, FAILURES, JSON_ANSWER
from trender_web.data.store import Reading
from trender_web.pages.methodology.data import document, metrics

router = APIRouter(tags=["methodology"])
COLUMNS = ("column", "name", "definition", "unit", "source", "bias", "formula", "formula_file")
EXAMPLES = (
    ("The ranking, 50 rows of Go", "/trending.json?lang=go&limit=50"),
    ("The same as CSV", "/trending.csv?lang=go"),
    ("What a language does over time", "/analytics/trends?days=30"),
    ("Whether the data is fresh", "/ready"),
    ("The whole description (OpenAPI)", "/openapi.json"),
)


@router.get("/methodology", include_in_schema=False)
@from_reading
def page(request: Request, reading: Reading) -> Response:
    """The page."""
    return html_answer(
        request, reading, "methodology.html",
        title="How Trender measures", canonical="/methodology", section="/methodology",
        description="Every number: its definition, formula, unit, source and known bias.",
        twins=[
            Twin("/methodology.csv", "text/csv", "Definitions (CSV)"),
            Twin("/methodology.json", "application/json", "Definitions (JSON)"),
        ],
        metrics=metrics(), sections=document()["sections"],
        errors={**FAILURES, **document()["errors"]}, examples=EXAMPLES,
    )  # fmt: skip


@router.get("/methodology.json", responses=JSON_ANSWER)
@from_reading
def as_json(request: Request, reading: Reading) -> Response:
    """Every metric with its definition, formula, unit, source and bias."""
    data = [asdict(metric) for metric in metrics()]
    return json_answer(request, reading, data, source="trender_dbt")


@router.get("/methodology.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(request: Request, reading: Reading) -> Response:
    """The same as CSV."""
    rows = [asdict(metric) for metric in metrics()]
    return csv_answer(reading, rows, COLUMNS, name="methodology")
