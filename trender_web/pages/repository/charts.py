"""`/chart/{owner}/{name}/{kind}.svg` and `.png`: a repository's charts as files.

Define here which charts can be taken away. They are those of the repository's page.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trender_web.answer.answers import kept, store_of
from trender_web.answer.errors import Problem, needs_data
from trender_web.answer.openapi import PNG_ANSWER, SVG_ANSWER
from trender_web.answer.params import Name, Owner, once
from trender_web.data.store import Reading, Row
from trender_web.drawing.export import HEIGHT, standalone
from trender_web.drawing.figure import WIDTH, Figure
from trender_web.drawing.png import NoPicture
from trender_web.pages.repository.data import (
    find_repository,
    releases_of,
    star_lines,
)
from trender_web.pages.repository.view import YEAR, history_figures, star_figure
from trender_web.pages.sharing.cards import png_maker_of

router = APIRouter(tags=["charts"], dependencies=[once])
Kind = Annotated[Literal["rank", "momentum", "stars", "gains"], Path()]


@router.get("/chart/{owner}/{name}/{kind}.svg", responses=SVG_ANSWER)
def as_svg(request: Request, owner: Owner, name: Name, kind: Kind) -> Response:
    """A chart as an SVG that stands alone."""
    return kept(_draw(request, owner, name, kind), "image/svg+xml")


@router.get("/chart/{owner}/{name}/{kind}.png", responses=PNG_ANSWER)
def as_png(request: Request, owner: Owner, name: Name, kind: Kind) -> Response:
    """The same as a PNG, twice as large."""
    svg = _draw(request, owner, name, kind)
    try:
        return kept(png_maker_of(request).png(svg, WIDTH * 2, HEIGHT * 2, 2.0), "image/png")
    except NoPicture as error:
        problem = Problem(503, "No picture", f"{error}; the SVG is there.", retry_after=30)
        raise problem from None


def _draw(request: Request, owner: str, name: str, kind: str) -> str:
    def draw(reading: Reading) -> str:
        needs_data(reading)
        row = find_repository(reading, owner, name)
        figure = _figure(reading, row, kind)
        if not figure.drawing:
            raise Problem(404, "Nothing to draw yet", figure.summary)
        return standalone(figure, row["repo_full_name"], row["as_of"])

    return store_of(request).read(draw)


def _figure(reading: Reading, row: Row, kind: str) -> Figure:
    if kind == "gains":
        days = star_lines(reading, [row])[row["repo_id"]]
        return star_figure(days, releases_of(reading, row, None))
    history = reading.rows("repo_history", repo_id=row["repo_id"], as_of=None, days=YEAR)
    rank, momentum, stars = history_figures(history)
    return {"rank": rank, "momentum": momentum, "stars": stars}[kind]
