"""The forms an answer takes: a page, JSON with its meta data, CSV that a spreadsheet can't run.

Define here how a finished model becomes bytes. What is in it, and how it is found, belongs to the
page; keeping and compressing to `serving`.
"""

from __future__ import annotations

import csv
import functools
import inspect
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import Request
from starlette.responses import Response

from trender_web.answer.formats import iso
from trender_web.answer.templating import fill
from trender_web.answer.text import starts_formula
from trender_web.config import WebConfig
from trender_web.data.freshness import Freshness, read_freshness
from trender_web.data.store import Reading, Store

REVALIDATE = "public, max-age=0, must-revalidate"
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Twin:
    """The same data in another form: its address and what it is called."""

    href: str
    kind: str
    label: str


def config_of(request: Request) -> WebConfig:
    """The process's settings."""
    return request.app.state.config


def store_of(request: Request) -> Store:
    """The process's store."""
    return request.app.state.store


def from_reading(work: Callable[..., Response]) -> Callable[..., Response]:
    """A route out of a function that also takes a `reading`: all it asks is of one data version."""
    signature = inspect.signature(work, eval_str=True)

    @functools.wraps(work)
    def route(request: Request, **asked: Any) -> Response:
        return store_of(request).read(lambda reading: work(request, reading, **asked))

    asked = [one for one in signature.parameters.values() if one.name != "reading"]
    route.__signature__ = signature.replace(parameters=asked)  # type: ignore[attr-defined]
    return route


def kept(body: bytes | str, kind: str, cache_control: str = REVALIDATE, **headers: str) -> Response:
    """An answer of any form that the serving layer may keep; `headers` with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(body, 200, {"Cache-Control": cache_control, "X-Cacheable": "1", **named}, kind)


def html_answer(
    request: Request,
    reading: Reading,
    template: str,
    *,
    title: str,
    description: str,
    canonical: str,
    section: str | None = None,
    twins: Sequence[Twin] = (),
    feeds: Sequence[tuple[str, str]] = (),
    card: str | None = None,
    robots: str | None = None,
    cache_control: str = REVALIDATE,
    **values: Any,
) -> Response:
    """A page over the base template.

    Args:
        request: For the settings.
        reading: The reading the page was made from; names its data version and freshness.
        template: The name of a template.
        title: The document's title, without the product's name.
        description: One sentence for search engines and cards.
        canonical: The page's own path with its non-default parameters.
        section: The navigation entry that is current.
        twins: The same data as JSON, CSV, …
        feeds: (address, title) of feeds to discover.
        card: Path of the 1200×630 picture for social networks.
        robots: ``noindex`` for pages that search engines should not keep.
        cache_control: How browsers may keep it.
        **values: What the template shows.
    """
    config = config_of(request)
    freshness: Freshness = read_freshness(reading, config)
    body = fill(
        template, title=title, description=description, robots=robots,
        canonical=config.base_url + canonical, base_url=config.base_url, section=section,
        twins=twins, feeds=feeds, card=config.base_url + card if card else None,
        freshness=freshness, data_version=reading.version.token, page=canonical, **values,
    )  # fmt: skip
    return kept(body, "text/html", cache_control)


def empty_page(
    request: Request, reading: Reading, title: str, path: str,
    description: str = "Nothing has been collected yet.",
) -> Response:  # fmt: skip
    """What stands in a page's place before the first run: the steps to it."""
    return html_answer(
        request, reading, "empty.html", title=title, canonical=path, section=path,
        description=description,
    )  # fmt: skip


def json_answer(
    request: Request,
    reading: Reading,
    data: Any,
    *,
    source: str,
    next_page: str | None = None,
    cache_control: str = REVALIDATE,
    meta: Mapping[str, Any] | None = None,
) -> Response:
    """``{"data": …, "meta": {data_version, generated_at, as_of, source, next}}``."""
    version = reading.version
    document = {
        "data": data,
        "meta": {
            "data_version": version.token,
            "generated_at": iso(config_of(request).clock()),
            "as_of": iso(version.as_of),
            "source": source,
            "next": next_page,
            **(meta or {}),
        },
    }
    headers = {"Link": f'<{next_page}>; rel="next"'} if next_page else {}
    return kept(to_json(document), "application/json", cache_control, **headers)


def csv_answer(
    reading: Reading,
    rows: Iterable[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    name: str,
    cache_control: str = REVALIDATE,
) -> Response:
    """RFC 4180 in UTF-8, ISO times in UTC, formula cells disarmed; the name carries the version."""
    place = f'attachment; filename="{name}-{reading.version.token}.csv"'
    return kept(to_csv(rows, columns), "text/csv", cache_control, Content_Disposition=place)


def to_json(value: Any) -> bytes:
    """Compact JSON; times become ISO 8601, decimals numbers; NaN is refused."""
    return json.dumps(
        value, default=_plain, ensure_ascii=False, allow_nan=False, separators=(",", ":")
    ).encode("utf-8", "replace")


def to_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """The named columns of the rows as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([cell(row.get(column)) for column in columns])
    return out.getvalue().encode("utf-8", "replace")


def cell(value: Any) -> Any:
    """A value as a cell; text that a spreadsheet would run gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return iso(value)
    if isinstance(value, list | tuple):
        value = " ".join(str(part) for part in value)
    elif isinstance(value, dict):
        value = to_json(value).decode()
    if isinstance(value, str):
        value = value.replace("\x00", "")
        return f"'{value}" if starts_formula(value) else value
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return iso(value)
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"not JSON: {type(value).__name__}")
