"""A page of a past day: its address, its bounds, and what it is refused for.

Define here what every page with ``as_of`` does alike. What a page shows of the day is its own.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from fastapi import Request

from trender_web.answer.errors import Elsewhere, Problem
from trender_web.data.store import Reading

NO_END = "infinity"


def dated(path: str, day: date | None) -> str:
    """The address of a page, of a past day if there is one."""
    return f"{path}?as_of={day}" if day else path


def to_canonical(request: Request, address: str) -> None:
    """Send a page on that was asked for by another address than its own.

    Raises:
        Elsewhere: To its own address.
    """
    asked = request.url.query and f"{request.url.path}?{request.url.query}"
    if asked and asked != address:
        raise Elsewhere(address)


def checked(reading: Reading, day: date | None) -> date | None:
    """The day, when something was observed on or around it; an empty warehouse has none.

    Raises:
        Problem: 404 when it lies outside of what was observed.
    """
    if day is None or not reading.version.is_built:
        return None
    days = reading.row("days") or {}
    first, last = days.get("first_day"), days.get("last_day")
    if first is None or last is None or not first <= day <= last:
        known = f"Days from {first} to {last} are known." if first else "No day is known yet."
        raise Problem(404, "No data for that day", f"There is no ranking of {day}. {known}")
    return day


def end_of(day: date) -> datetime:
    """The last moment of a day (UTC)."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return midnight + timedelta(days=1) - timedelta(microseconds=1)


def until(day: date | None) -> datetime | str:
    """Up to when rows count: the end of the day, or PostgreSQL's infinity for the present."""
    return end_of(day) if day else NO_END
