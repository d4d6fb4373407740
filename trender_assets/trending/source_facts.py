"""What became of one source in one run, and what its materialisations say about it.

Define here a figure of a source's run. How the run goes belongs to `ingest`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trender_assets.raw.load import Landed
from trender_assets.raw.streams import streams_of, tables


@dataclass(frozen=True)
class SourceFacts:
    """What became of one source in one run.

    Attributes:
        failure: Why the source counts as failed, or None.
        listed: Repositories that its queries listed.
        watched: Repositories read only because they are on the watch-list.
        queries: Counts of each query.
        unread: Repositories that could not be read, with the reason.
        skipped: Attempts left out for lack of budget, by stream.
        incomplete: Attempts that are unknown or not whole, by stream.
        landed: What was written, or None when nothing was.
        seconds: How long the source took.
    """

    failure: str | None
    listed: int = 0
    watched: int = 0
    queries: dict[str, Any] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    incomplete: dict[str, int] = field(default_factory=dict)
    landed: Landed | None = None
    seconds: float = 0.0

    def metadata(self, table: str) -> dict[str, Any]:
        """What a materialisation of a table says about this source."""
        landed = self.landed
        streams = streams_of(table)
        key = next((known.key for known, _ in tables() if known.name == table), table)
        facts: dict[str, Any] = {"seconds": round(self.seconds, 3)}
        if table == "raw_discovery_queries":
            return {**facts, "queries": self.queries, "listed": self.listed}
        if landed is not None:
            facts["attempts"] = sum(landed.attempts.get(stream, 0) for stream in streams)
            facts["found"] = sum(landed.found.get(stream, 0) for stream in streams)
            facts["rows_added"] = landed.added.get(key, 0)
            facts["quarantined"] = landed.quarantined
        for name, counts in (("skipped", self.skipped), ("incomplete", self.incomplete)):
            if count := sum(counts.get(stream, 0) for stream in streams):
                facts[name] = count
        if self.unread:
            facts["not_read"] = dict(list(self.unread.items())[:50])
        return {**facts, "listed": self.listed, "watched": self.watched}
