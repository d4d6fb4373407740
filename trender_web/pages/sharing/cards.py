"""Pictures for social networks: cards that the pipeline drew when it published the data.

Define here how a stored card is found and delivered. Nothing is drawn here; only a card whose PNG
was not wanted at publishing is turned into one, by the renderer's own process and within limits.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trender_web.answer.answers import REVALIDATE, config_of, store_of
from trender_web.answer.errors import Problem
from trender_web.answer.params import SLUG
from trender_web.answer.static_files import files
from trender_web.data.store import Reading, Row
from trender_web.drawing.png import NoPicture, PngMaker
from trender_web.pages.sharing.lookup import find

router = APIRouter(tags=["cards"])
FALLBACK = "card.png"
PNG, SVG = "image/png", "image/svg+xml"
Page = Literal["trending", "render"]
Kind = Literal["weekly_community", "featured"]
Slug = Annotated[str, Path(pattern=SLUG)]
Period = Annotated[date, Path(description="Monday of the card's week.")]
PICTURES: dict[int | str, dict[str, Any]] = {
    200: {"content": {PNG: {"schema": {"type": "string", "format": "binary"}}}}
}
DRAWINGS: dict[int | str, dict[str, Any]] = {
    200: {"content": {SVG: {"schema": {"type": "string"}}}}
}


def _card(request: Request, kind: str, subject: str, form: str, period: date | None) -> Response:
    def answer(reading: Reading) -> Response:
        row = _find(reading, kind, subject, period)
        if row is None and period is not None:
            raise Problem(404, "No such card", "No card was drawn for that week.")
        return _send(request, reading, row, form)

    return store_of(request).read(answer)


def _find(reading: Reading, kind: str, subject: str, period: date | None) -> Row | None:
    if reading.version.is_empty:
        return None
    return reading.row("card_one", kind=kind, subject=subject, period=period)


def _send(request: Request, reading: Reading, row: Row | None, form: str) -> Response:
    headers = {
        "Cache-Control": REVALIDATE,
        "X-Cacheable": "1",
        "X-Data-Version": reading.version.token,
    }
    if form == "svg":
        if row is None:
            raise Problem(404, "No such card", "The next run draws it.")
        return Response(row["svg"], 200, headers, SVG)
    if row is None:
        return Response(files()[FALLBACK].body, 200, headers, PNG)
    if row["png"] is not None:
        return Response(bytes(row["png"]), 200, headers, PNG)
    try:
        body = png_maker_of(request).png(row["svg"], row["width"], row["height"])
    except NoPicture:
        body = files()[FALLBACK].body
    return Response(body, 200, headers, PNG)


def png_maker_of(request: Request) -> PngMaker:
    """The process's one renderer, begun when it is first needed."""
    state = request.app.state
    if not hasattr(state, "png_maker"):
        state.png_maker = PngMaker(config_of(request).png_seconds)
    return state.png_maker


@router.get("/card/{page}.png", responses=PICTURES, response_class=Response)
def page_png(request: Request, page: Page) -> Response:
    """A page's picture, 1200×630."""
    return _card(request, "page", page, "png", None)


@router.get("/card/{page}.svg", responses=DRAWINGS, response_class=Response)
def page_svg(request: Request, page: Page) -> Response:
    """A page's picture as SVG."""
    return _card(request, "page", page, "svg", None)


@router.get("/card/language/{lang}.png", responses=PICTURES, response_class=Response)
def language_png(request: Request, lang: Slug) -> Response:
    """A language's picture, 1200×630."""
    return _language(request, lang, "png")


@router.get("/card/language/{lang}.svg", responses=DRAWINGS, response_class=Response)
def language_svg(request: Request, lang: Slug) -> Response:
    """A language's picture as SVG."""
    return _language(request, lang, "svg")


def _language(request: Request, lang: str, form: str) -> Response:
    def answer(reading: Reading) -> Response:
        row = _find(reading, "page", f"language/{lang}", None)
        known = [] if reading.version.is_empty else reading.rows("languages")
        if row is None and lang not in [language["slug"] for language in known]:
            raise Problem(404, "No such card", "No such language is followed.")
        return _send(request, reading, row, form)

    return store_of(request).read(answer)


@router.get("/card/repo/{owner}/{name}.png", responses=PICTURES, response_class=Response)
def repository_png(request: Request, owner: str, name: str) -> Response:
    """A repository's picture, 1200×630."""
    return _repository(request, owner, name, "png")


@router.get("/card/repo/{owner}/{name}.svg", responses=DRAWINGS, response_class=Response)
def repository_svg(request: Request, owner: str, name: str) -> Response:
    """A repository's picture as SVG."""
    return _repository(request, owner, name, "svg")


def _repository(request: Request, owner: str, name: str, form: str) -> Response:
    def answer(reading: Reading) -> Response:
        found = find(reading, owner, name)
        if found is None:
            raise Problem(404, "No such card", "Trender does not follow this repository.")
        row = _find(reading, "repository", str(found["repo_id"]), None)
        return _send(request, reading, row, form)

    return store_of(request).read(answer)


@router.get("/card/{kind}/{period}/{repo_id}.png", responses=PICTURES, response_class=Response)
def stored_png(
    request: Request, kind: Kind, period: Period, repo_id: Annotated[int, Path(ge=1, lt=2**63)]
) -> Response:
    """A card of a week, 1200×630."""
    return _card(request, kind, str(repo_id), "png", period)


@router.get("/card/{kind}/{period}/{repo_id}.svg", responses=DRAWINGS, response_class=Response)
def stored_svg(
    request: Request, kind: Kind, period: Period, repo_id: Annotated[int, Path(ge=1, lt=2**63)]
) -> Response:
    """A card of a week as SVG."""
    return _card(request, kind, str(repo_id), "svg", period)
