"""Pictures for social networks: cards that the pipeline drew when it published the data.

Define here how a stored card is found and delivered. Nothing is drawn here; only a card whose PNG
was not wanted at publishing is turned into one, by the renderer's own process and within limits.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trender_web.answer.answers import config_of, from_reading, kept
from trender_web.answer.errors import Problem
from trender_web.answer.openapi import PNG_ANSWER, SVG_ANSWER
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
RepoId = Annotated[int, Path(ge=1, lt=2**63)]
Period = Annotated[date, Path(description="Monday of the card's week.")]


def _find(reading: Reading, kind: str, subject: str, period: date | None = None) -> Row | None:
    return reading.row("card_one", kind=kind, subject=subject, period=period)


def _send(request: Request, row: Row | None, form: str) -> Response:
    if form == "svg":
        if row is None:
            raise Problem(404, "No such card", "The next run draws it.")
        return kept(row["svg"], SVG)
    if row is None:
        return kept(files()[FALLBACK].body, PNG)
    if row["png"] is not None:
        return kept(bytes(row["png"]), PNG)
    try:
        body = png_maker_of(request).png(row["svg"], row["width"], row["height"])
    except NoPicture:
        body = files()[FALLBACK].body
    return kept(body, PNG)


def png_maker_of(request: Request) -> PngMaker:
    """The process's one maker of PNGs, begun when it is first needed."""
    state = request.app.state
    if not hasattr(state, "png_maker"):
        state.png_maker = PngMaker(config_of(request).png_seconds)
    return state.png_maker


def _page_card(request: Request, reading: Reading, page: str, form: str) -> Response:
    return _send(request, _find(reading, "page", page), form)


@router.get("/card/{page}.png", responses=PNG_ANSWER)
@from_reading
def page_png(request: Request, reading: Reading, page: Page) -> Response:
    """A page's picture, 1200×630."""
    return _page_card(request, reading, page, "png")


@router.get("/card/{page}.svg", responses=SVG_ANSWER)
@from_reading
def page_svg(request: Request, reading: Reading, page: Page) -> Response:
    """A page's picture as SVG."""
    return _page_card(request, reading, page, "svg")


def _language_card(request: Request, reading: Reading, lang: str, form: str) -> Response:
    row = _find(reading, "page", f"language/{lang}")
    if row is None and lang not in [one["slug"] for one in reading.rows("languages")]:
        raise Problem(404, "No such card", "No such language is followed.")
    return _send(request, row, form)


@router.get("/card/language/{lang}.png", responses=PNG_ANSWER)
@from_reading
def language_png(request: Request, reading: Reading, lang: Slug) -> Response:
    """A language's picture, 1200×630."""
    return _language_card(request, reading, lang, "png")


@router.get("/card/language/{lang}.svg", responses=SVG_ANSWER)
@from_reading
def language_svg(request: Request, reading: Reading, lang: Slug) -> Response:
    """A language's picture as SVG."""
    return _language_card(request, reading, lang, "svg")


def _repository_card(
    request: Request, reading: Reading, owner: str, name: str, form: str
) -> Response:
    found = find(reading, owner, name)
    if found is None:
        raise Problem(404, "No such card", "Trender does not follow this repository.")
    return _send(request, _find(reading, "repository", str(found["repo_id"])), form)


@router.get("/card/repo/{owner}/{name}.png", responses=PNG_ANSWER)
@from_reading
def repository_png(request: Request, reading: Reading, owner: str, name: str) -> Response:
    """A repository's picture, 1200×630."""
    return _repository_card(request, reading, owner, name, "png")


@router.get("/card/repo/{owner}/{name}.svg", responses=SVG_ANSWER)
@from_reading
def repository_svg(request: Request, reading: Reading, owner: str, name: str) -> Response:
    """A repository's picture as SVG."""
    return _repository_card(request, reading, owner, name, "svg")


def _stored_card(
    request: Request, reading: Reading, kind: str, period: date, repo_id: int, form: str
) -> Response:
    row = _find(reading, kind, str(repo_id), period)
    if row is None:
        raise Problem(404, "No such card", "No card was drawn for that week.")
    return _send(request, row, form)


@router.get("/card/{kind}/{period}/{repo_id}.png", responses=PNG_ANSWER)
@from_reading
def stored_png(
    request: Request, reading: Reading, kind: Kind, period: Period, repo_id: RepoId
) -> Response:
    """A card of a week, 1200×630."""
    return _stored_card(request, reading, kind, period, repo_id, "png")


@router.get("/card/{kind}/{period}/{repo_id}.svg", responses=SVG_ANSWER)
@from_reading
def stored_svg(
    request: Request, reading: Reading, kind: Kind, period: Period, repo_id: RepoId
) -> Response:
    """A card of a week as SVG."""
    return _stored_card(request, reading, kind, period, repo_id, "svg")
