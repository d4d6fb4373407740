"""`/chart/{owner}/{name}/{kind}.svg` and `.png`: a repository's charts as files.

Define here which charts can be taken away. They are those of the repository's page.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from trender_web.answer.answers import REVALIDATE, store_of
from trender_web.answer.errors import Problem
from trender_web.answer.params import once
from trender_web.answer.text import repository_path
from trender_web.data.store import Reading, Row
from trender_web.drawing.export import HEIGHT, standalone
from trender_web.drawing.figure import WIDTH, Figure
from trender_web.drawing.png import NoPicture
from trender_web.pages.repository.data import (
    Moved,
    find_repository,
    releases_of,
    star_lines,
)
from trender_web.pages.repository.view import YEAR, Name, Owner, history_figures, star_figure
from trender_web.pages.sharing.cards import png_maker_of

router = APIRouter(tags=["charts"], dependencies=[once])
Kind = Annotated[Literal["rank", "momentum", "stars", "gains"], Path()]
SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}
PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/chart/{owner}/{name}/{kind}.svg", responses=SVG, response_class=Response)
def as_svg(request: Request, owner: Owner, name: Name, kind: Kind) -> Response:
    """A chart as an SVG that stands alone."""
    return _answer(request, owner, name, kind, "svg")


@router.get("/chart/{owner}/{name}/{kind}.png", responses=PNG, response_class=Response)
def as_png(request: Request, owner: Owner, name: Name, kind: Kind) -> Response:
    """The same as a PNG, twice as large."""
    return _answer(request, owner, name, kind, "png")


def _answer(request: Request, owner: str, name: str, kind: str, form: str) -> Response:
    def draw(reading: Reading) -> tuple[str, str]:
        if reading.version.is_empty:
            raise Problem(404, "No data yet", "Trender has not made its first run.")
        row = find_repository(reading, owner, name)
        figure = _figure(reading, row, kind)
        if not figure.drawing:
            raise Problem(404, "Nothing to draw yet", figure.summary)
        return standalone(figure, row["repo_full_name"], row["as_of"]), reading.version.token

    try:
        svg, version = store_of(request).read(draw)
    except Moved as moved:
        address = f"{repository_path(moved.full_name, '/chart/')}/{kind}.{form}"
        return RedirectResponse(address, 308)
    headers = {"Cache-Control": REVALIDATE, "X-Data-Version": version, "X-Cacheable": "1"}
    if form == "svg":
        return Response(svg, headers=headers, media_type="image/svg+xml")
    try:
        picture = png_maker_of(request).png(svg, WIDTH * 2, HEIGHT * 2, 2.0)
    except NoPicture as error:
        problem = Problem(503, "No picture", f"{error}; the SVG is there.", retry_after=30)
        raise problem from None
    return Response(picture, headers=headers, media_type="image/png")


def _figure(reading: Reading, row: Row, kind: str) -> Figure:
    if kind == "gains":
        days = star_lines(reading, [row])[row["repo_id"]]
        return star_figure(days, releases_of(reading, row, None))
    history = reading.rows("repo_history", repo_id=row["repo_id"], as_of=None, days=YEAR)
    rank, momentum, stars = history_figures(history)
    return {"rank": rank, "momentum": momentum, "stars": stars}[kind]
