"""What may stand in a query string, and what is said when it may not.

Define here a parameter that more than one page reads. Its meaning for one page belongs to that
page; every refusal names the allowed values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from pydantic import BeforeValidator, WithJsonSchema

from trender_web.answer.errors import invalid, invalid_all, wrong
from trender_web.answer.text import NAME_PATTERN, OWNER_PATTERN
from trender_web.data.store import Reading, Row

MANY = frozenset(("lang", "repo"))
MAX_LIMIT = 1000
MAX_DAYS = 3650
SLUG = r"^[a-z0-9][a-z0-9-]{0,60}$"


def _digits(value: Any) -> Any:
    """Plain ASCII digits only: ``1_0``, ``1e3`` and full-width digits are not numbers here."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError("must be a plain whole number")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("must be a day as YYYY-MM-DD")
    return value


def _day_or_none(value: Any) -> Any:
    return _day(value) if value else None


Limit = Annotated[int, BeforeValidator(_digits), Query(ge=1, le=MAX_LIMIT)]
Days = Annotated[int, BeforeValidator(_digits), Query(ge=1, le=MAX_DAYS)]
AsOf = Annotated[
    date | None,
    BeforeValidator(_day),
    Query(description="A past day (UTC) instead of the newest state, as YYYY-MM-DD."),
]
# A form sends an empty text for a day that nobody chose.
FormAsOf = Annotated[
    date | None,
    BeforeValidator(_day_or_none),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}]}
    ),
    Query(description="A past day (UTC) instead of the newest state, as YYYY-MM-DD."),
]

Languages = Annotated[
    list[Annotated[str, Query(pattern=SLUG)]] | None,
    Query(alias="lang", max_length=20, description="Language slugs; repeat for several."),
]
Text = Annotated[
    str,
    Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$", description="Part of a name or text."),
]
Owner = Annotated[str, Path(pattern=f"^{OWNER_PATTERN}$")]
Name = Annotated[str, Path(pattern=f"^{NAME_PATTERN}$")]
Cursor = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9_-]{21}[AQgw]$", description="`meta.next` of the page before."),
]


def no_repeats(request: Request) -> None:
    """A parameter that takes one value may be given once.

    Raises:
        Problem: 422, naming the repeated ones.
    """
    names = [name for name, _ in request.query_params.multi_items() if name not in MANY]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise invalid_all([wrong(name, "may be given only once") for name in repeated])


once = Depends(no_repeats)


def tracked_languages(reading: Reading) -> list[Row]:
    """The languages that have a ranking of their own."""
    return [row for row in reading.rows("languages") if row["is_tracked"]]


def known_languages(wanted: Iterable[str] | None, languages: Iterable[Row]) -> tuple[str, ...]:
    """The wanted language slugs, each once, in the order of the known ones.

    Raises:
        Problem: 422, naming the known ones.
    """
    asked, order = set(wanted or ()), [row["slug"] for row in languages]
    unknown = sorted(asked - set(order))
    if unknown:
        raise invalid("lang", f"unknown language {unknown[0]}", order)
    return tuple(slug for slug in order if slug in asked)
