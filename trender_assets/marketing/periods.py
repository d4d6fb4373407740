"""The weeks and months that marketing assets belong to; UTC throughout.

Define here a period and its bounds. Time always comes in as an argument.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta


@dataclass(frozen=True)
class Period:
    """Both days belong to it."""

    start: date
    end: date

    def is_over(self, as_of: datetime) -> bool:
        """Whether its last day lies wholly before a moment."""
        return as_of.astimezone(UTC).date() > self.end


def week_of(as_of: datetime) -> Period:
    """The ISO week (Monday to Sunday) of a moment."""
    day = as_of.astimezone(UTC).date()
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    """The month of a day."""
    last = calendar.monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last))


def month_before(period: Period) -> Period:
    """The month before a month."""
    return month_of(period.start - timedelta(days=1))
