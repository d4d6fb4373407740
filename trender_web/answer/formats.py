"""How numbers and times look: short on screen, exact in titles and exports.

Define here a format that more than one page uses. What a number means belongs to
`data/definitions.json`; a missing number is always "—", never 0.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

MISSING = "—"
Number = int | float | Decimal


def short(value: Number | None) -> str:
    """A count in at most four characters: 12.3k, 1.2M."""
    if value is None:
        return MISSING
    sign, size = ("−" if value < 0 else ""), abs(float(value))
    for limit, divisor, unit in ((999.5, 1, ""), (999_500, 1e3, "k"), (999.5e6, 1e6, "M")):
        if size < limit:
            return sign + _three_digits(size / divisor) + unit
    return sign + _three_digits(size / 1e9) + "B"


def _three_digits(size: float) -> str:
    if size >= 99.95 or size == int(size):
        return f"{size:,.0f}"
    return f"{size:.1f}".removesuffix(".0")


def exact(value: Number | None) -> str:
    """A number with all its digits, thousands apart by a narrow space."""
    if value is None:
        return MISSING
    if isinstance(value, int):
        return f"{value:,}".replace(",", "\u202f").replace("-", "−")
    text = f"{float(value):,.4f}".rstrip("0").rstrip(".")
    return text.replace(",", "\u202f").replace("-", "−")


def fixed(value: Number | None, digits: int = 1) -> str:
    """A number with a fixed count of decimals, for columns."""
    if value is None:
        return MISSING
    return f"{float(value):,.{digits}f}".replace(",", "\u202f").replace("-", "−")


def gain(value: Number | None) -> str:
    """A change with its sign: +1.2k, −3, ±0."""
    if value is None:
        return MISSING
    if value == 0:
        return "±0"
    return short(value) if value < 0 else f"+{short(value)}"


def percent(value: Number | None, digits: int = 0) -> str:
    """A share between 0 and 1 as per cent."""
    return MISSING if value is None else f"{float(value) * 100:.{digits}f}\u202f%"


def duration(seconds: Number | None) -> str:
    """Seconds as a person says them: 8.4 s, 12 min, 3 h 5 min."""
    if seconds is None:
        return MISSING
    size = float(seconds)
    if size < 60:
        return f"{size:.1f}\u202fs" if size < 9.95 else f"{size:.0f}\u202fs"
    return span(timedelta(seconds=size))


def span(length: timedelta) -> str:
    """A length of time in its one or two largest units; never negative."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest and hours < 12 else f"{hours} h"
    return f"{hours // 24} days"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long a moment lies back; a moment of the future is "just now"."""
    if moment is None:
        return MISSING
    length = now - moment
    return "just now" if length < timedelta(minutes=1) else f"{span(length)} ago"


def utc_text(moment: datetime | None) -> str:
    """A moment as ``2026-11-25 09:00 UTC``."""
    return MISSING if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def iso(moment: datetime | date | None) -> str | None:
    """ISO 8601 in UTC with a Z, or a plain date."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return moment.isoformat()


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 repository``, ``12 repositories``."""
    return f"{exact(count)} {one if count == 1 else many or one + 's'}"
