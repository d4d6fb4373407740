"""A repository found for a badge, an embed or a card: by name, also by an old one.

Define here what these small answers share: how the repository is found and how old its data is.
The page of a repository, which redirects and explains, has its own way (`repository`).
"""

from __future__ import annotations

from trender_web.answer.formats import span
from trender_web.answer.text import is_repository
from trender_web.config import WebConfig
from trender_web.data.freshness import lateness
from trender_web.data.store import Reading, Row


def find(reading: Reading, owner: str, name: str) -> Row | None:
    """The followed repository that bears this name or bore it; None when there is none."""
    return reading.row("badge", name=f"{owner}/{name}") if is_repository(owner, name) else None


def staleness(row: Row, config: WebConfig) -> str | None:
    """How old the data is, in words, when it is older than it should be; else None."""
    now = config.clock()
    if row["availability"] != "available":
        since = row["unavailable_since"]
        return f"gone since {since:%Y-%m-%d}" if since else "gone"
    if row["is_stale"] or lateness(row["as_of"], config, now) != "fresh":
        return f"{span(now - row['as_of'])} old"
    return None
