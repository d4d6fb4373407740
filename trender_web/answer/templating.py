"""The template engine and what every template may use.

Define here a filter or a value that templates share. Everything is escaped, whatever a template
is called (Jinja's own default leaves `.svg` open); queries and numbers belong to the pages.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from trender_web.answer import formats
from trender_web.answer.static_files import asset_url
from trender_web.answer.text import repository_path, safe_url, shown
from trender_web.config import VERSION

if TYPE_CHECKING:
    from trender_web.answer.errors import Problem

# What pages share lies here, a page's own templates beside it.
TEMPLATES = (Path(__file__).parent, *sorted(Path(__file__).parents[1].glob("pages/*/")))
NAVIGATION = (
    ("/", "Trending"),
    ("/render", "Render"),
    ("/compare", "Compare"),
    ("/meta", "Pipeline"),
    ("/for-marketing", "Marketing"),
    ("/methodology", "Method"),
)


def time_tag(moment: datetime | None, style: str = "") -> Markup:
    """A ``<time>`` with the exact moment; scripts turn ``data-ago`` into a relative one."""
    if moment is None:
        return Markup(formats.MISSING)
    text = formats.utc_text(moment)
    mark = Markup(" data-ago") if style == "ago" else ""
    return Markup('<time datetime="{}" title="{}"{}>{}</time>').format(
        formats.iso(moment), text, mark, text
    )


def number_tag(
    value: formats.Number | None, form: str = "short", reason: str | None = None
) -> Markup:
    """A number in short form, its exact value as title; or "—" with the reason it is missing."""
    if value is None:
        why = shown(reason, 200) or "not known"
        return Markup(
            '<span class="none" title="{0}">—<span class="sr"> ({0})</span></span>'
        ).format(why)
    forms = {
        "short": formats.short,
        "gain": formats.gain,
        "fixed": formats.fixed,
        "exact": formats.exact,
    }
    text, precise = forms[form](value), formats.exact(value)
    if text.lstrip("+") == precise:
        return escape(text)
    return Markup('<span title="{}">{}</span>').format(precise, text)


def foreign(text: str | None, limit: int | None = None) -> Markup:
    """A stranger's text, isolated in its direction, clipped with the whole in its title."""
    short = shown(text, limit)
    whole = shown(text, 2000)
    if short == whole:
        return Markup("<bdi>{}</bdi>").format(short)
    return Markup('<bdi title="{}">{}</bdi>').format(whole, short)


@cache
def environment() -> Environment:
    """The one environment of the process; templates are compiled once."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters.update(
        short=formats.short, exact=formats.exact, fixed=formats.fixed, gain=formats.gain,
        percent=formats.percent, duration=formats.duration, iso=formats.iso,
        utc=formats.utc_text, shown=shown, safe_url=safe_url, foreign=foreign,
        number=number_tag, time=time_tag, repo_path=repository_path,
    )  # fmt: skip
    env.globals.update(
        asset=asset_url, navigation=NAVIGATION, app_version=VERSION, plural=formats.plural,
        repository_path=repository_path,
    )  # fmt: skip
    return env


def fill(template: str, **values: Any) -> bytes:
    """A template's text, as bytes for the wire."""
    return environment().get_template(template).render(**values).encode("utf-8", "replace")


def error_page(problem: Problem, request_id: str) -> bytes:
    """The page of a failure; needs no database."""
    return fill(
        "error.html", problem=problem, request_id=request_id, freshness=None, page=None,
        data_version="", title=problem.title, description=problem.detail, canonical=None,
        robots="noindex", twins=(), section=None, card=None, feeds=(),
    )  # fmt: skip
