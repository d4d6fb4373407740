"""Instants and calendars: epoch seconds, UTC days, and the days of America/Los_Angeles.

Define a conversion of time here. GitHub buckets star history by the calendar of
America/Los_Angeles (measured); what happens on a day does not belong here.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
DAY = 86_400
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def iso(instant: int) -> str:
    """Epoch seconds as GitHub writes them, such as ``2026-11-25T00:00:00Z``."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(instant))


def parse_iso(text: str) -> int:
    """Epoch seconds of an ISO date or instant; without a zone it means UTC.

    Raises:
        ValueError: The text is not ISO 8601.
    """
    value = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return int(value.timestamp())


@lru_cache(maxsize=8192)
def los_angeles_midnight(ordinal: int) -> int:
    """The instant at which a day (proleptic ordinal) begins in Los Angeles."""
    day = date.fromordinal(ordinal)
    return int(datetime(day.year, day.month, day.day, tzinfo=LOS_ANGELES).timestamp())


@lru_cache(maxsize=8192)
def _los_angeles_day_of_hour(hour: int) -> int:
    return datetime.fromtimestamp(hour * 3600, LOS_ANGELES).toordinal()


def los_angeles_day(instant: int) -> int:
    """The ordinal of the Los Angeles calendar day that holds an instant.

    Its midnights are whole UTC hours in the years this world knows, so an hour is enough.
    """
    return _los_angeles_day_of_hour(instant // 3600)


def utc_day(instant: int) -> int:
    """The ordinal of the UTC day that holds an instant."""
    return instant // DAY + EPOCH_ORDINAL


def utc_midnight(ordinal: int) -> int:
    """The instant at which a UTC day begins."""
    return (ordinal - EPOCH_ORDINAL) * DAY


def sunday_of(ordinal: int) -> int:
    """The ordinal of the Sunday on or before a day."""
    return ordinal - date.fromordinal(ordinal).isoweekday() % 7


def day_text(ordinal: int) -> str:
    """A day as ``2026-11-25``."""
    return date.fromordinal(ordinal).isoformat()


def anchor_before(instant: int, step_days: int = 120) -> int:
    """The default beginning of the world: 2026-11-01 plus or minus whole steps, before `instant`.

    A world that began on the day its server started would give the same repository another
    creation date after every restart.
    """
    base = int(datetime(2026, 11, 1, tzinfo=UTC).timestamp())
    return base + (instant - base) // (step_days * DAY) * step_days * DAY


def days(number: float) -> int:
    """Days in seconds."""
    return int(timedelta(days=number).total_seconds())
