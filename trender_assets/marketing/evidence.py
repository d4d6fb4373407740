"""A query with its values written into it, so that anybody can run it again."""

from __future__ import annotations

from datetime import UTC, date, datetime


def statement(template: str, **values: int | date | datetime) -> str:
    """SQL with numbers and times written into it, so that anybody can run it again.

    Only numbers and times of ours may be written: a text would have to be quoted.

    Raises:
        TypeError: When a value is neither a whole number nor a time.
    """
    written: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, datetime):
            written[name] = f"'{value.astimezone(UTC).isoformat()}'::timestamptz"
        elif isinstance(value, date):
            written[name] = f"'{value.isoformat()}'::date"
        elif isinstance(value, int) and not isinstance(value, bool):
            written[name] = str(value)
        else:
            raise TypeError(f"{name} can't be written into a query: {type(value).__name__}")
    return " ".join(template.format(**written).split())
