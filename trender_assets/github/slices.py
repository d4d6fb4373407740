"""Cuts a search in two disjoint halves by a range qualifier, to get past 1,000 results.

Define here how a range is read, halved and written. When to cut belongs to `search`;
no request is made here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

_QUALIFIER = r"(?:(?<=\s)|^){}:(\S+)"
_DATES = ("created", "pushed")
# What code search indexes at most; GitHub itself began in 2007.
LARGEST_CODE_FILE = 393_216
FIRST_DAY = date(2007, 10, 1)


@dataclass(frozen=True)
class Range:
    """An inclusive range; `high` is None where it is open."""

    low: int
    high: int | None


def halves(query: str, today: date, *, is_code: bool = False) -> tuple[str, str] | None:
    """Two queries that together list what `query` lists, and nothing twice.

    The stars are cut first, then the day of creation; code is cut by size.

    Args:
        query: A search query.
        today: The last day that an open range of days reaches.
        is_code: Whether it is a code search.

    Returns:
        The halves, or None when the ranges can't be cut any further.
    """
    for name in ("size",) if is_code else ("stars", "created", "pushed"):
        written = re.search(_QUALIFIER.format(name), query)
        if name == "pushed" and written is None:
            continue
        current = _read(name, written.group(1) if written else None, today)
        if current is None:
            continue
        cut = _cut(name, current)
        if cut is None:
            continue
        return tuple(  # type: ignore[return-value]
            _write(query, name, written, part) for part in cut
        )
    return None


def _read(name: str, text: str | None, today: date) -> Range | None:
    if text is None:
        if name in _DATES:
            return Range(FIRST_DAY.toordinal(), today.toordinal())
        return Range(0, LARGEST_CODE_FILE if name == "size" else None)
    low, high = _bounds(text)
    try:
        first = 0 if low is None else _number(name, low[0]) + low[1]
        last = None if high is None else _number(name, high[0]) - high[1]
    except ValueError:
        return None  # a time of day or something unknown: left alone
    if name in _DATES:
        first = max(first, FIRST_DAY.toordinal())
        last = today.toordinal() if last is None else last
    return Range(first, last)


def _bounds(text: str) -> tuple[tuple[str, int] | None, tuple[str, int] | None]:
    """Lower and upper bound with 1 where the bound itself is left out."""
    for sign, shift in ((">=", 0), (">", 1)):
        if text.startswith(sign):
            return (text[len(sign) :], shift), None
    for sign, shift in (("<=", 0), ("<", 1)):
        if text.startswith(sign):
            return None, (text[len(sign) :], shift)
    if ".." in text:
        low, high = text.split("..", 1)
        return None if low == "*" else (low, 0), None if high == "*" else (high, 0)
    return (text, 0), (text, 0)


def _number(name: str, text: str) -> int:
    return date.fromisoformat(text).toordinal() if name in _DATES else int(text)


def _cut(name: str, current: Range) -> tuple[Range, Range] | None:
    low, high = current.low, current.high
    if high is None:
        middle = max(low * 2, low + 99)
        return Range(low, middle), Range(middle + 1, None)
    if high <= low:
        return None
    # Stars are spread by orders of magnitude, days and sizes evenly.
    middle = math.isqrt((low + 1) * (high + 1)) - 1 if name == "stars" else (low + high) // 2
    middle = min(max(middle, low), high - 1)
    return Range(low, middle), Range(middle + 1, high)


def _write(query: str, name: str, written: re.Match[str] | None, part: Range) -> str:
    if part.high is None:
        text = f"{name}:>={part.low}"
    else:
        low, high = part.low, part.high
        if name in _DATES:
            text = f"{name}:{date.fromordinal(low)}..{date.fromordinal(high)}"
        else:
            text = f"{name}:{low}..{high}"
    if written is None:
        return f"{query} {text}"
    return f"{query[: written.start()]}{text}{query[written.end() :]}"
