"""What a run cost: requests, points, waits, retries, bytes and seconds.

Define a counter here when it helps somebody decide how often to run or why a run was slow.
Showing it belongs to the assets and the command line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Wait:
    """The client waits, and says so before it does.

    Attributes:
        resource: The resource that is waited for, or ``all``.
        seconds: How long.
        reason: Why, for people.
    """

    resource: str
    seconds: float
    reason: str


@dataclass
class UsageReport:
    """Counters of one client's life; resources are GitHub's (core, search, graphql …).

    Attributes:
        requests: Requests sent, by resource.
        points: GraphQL's own points, as `rateLimit.cost` said; a REST request costs one of its
            resource, and nothing when it was answered 304.
        not_modified: Answers 304, which are free.
        statuses: Answers by status; 0 counts requests that got none.
        retries: Repeated requests, by reason.
        refusals: Requests that were given up or never sent, by reason.
        unreadable: Answers that were not what they should be, by reason.
        skipped: Repositories and addresses that were not asked for lack of budget, by purpose; a
            listing that was cut short counts one.
        waits: Every wait that was announced.
        batches: GraphQL batches sent.
        batches_split: Batches that were too much and were halved.
        items: Repositories asked in batches.
        bytes: Decoded bytes received.
        seconds: Summed response time in seconds, by purpose.
        in_flight_peak: The most requests under way at once.
        tokens_refused: Tokens that GitHub answered 401.
        remaining: What all tokens together had left, by resource, as last seen.
    """

    requests: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    not_modified: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    waits: list[Wait] = field(default_factory=list)
    batches: int = 0
    batches_split: int = 0
    items: int = 0
    bytes: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    in_flight_peak: int = 0
    tokens_refused: int = 0
    remaining: dict[str, int] = field(default_factory=dict)

    @property
    def total_requests(self) -> int:
        """All requests sent."""
        return sum(self.requests.values())

    @property
    def waited_seconds(self) -> float:
        """Announced waiting, summed."""
        return sum(wait.seconds for wait in self.waits)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values; waits are summed by resource and reason."""
        waits: Counter[tuple[str, str]] = Counter()
        for wait in self.waits:
            waits[wait.resource, wait.reason] += wait.seconds  # type: ignore[assignment]
        return {
            "requests": dict(self.requests),
            "requests_total": self.total_requests,
            "points": dict(self.points),
            "not_modified": self.not_modified,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "retries": dict(self.retries),
            "refusals": dict(self.refusals),
            "unreadable": dict(self.unreadable),
            "skipped": dict(self.skipped),
            "waits": [
                {"resource": resource, "reason": reason, "seconds": round(seconds, 1)}
                for (resource, reason), seconds in waits.items()
            ],
            "waited_seconds": round(self.waited_seconds, 1),
            "batches": self.batches,
            "batches_split": self.batches_split,
            "items": self.items,
            "bytes": self.bytes,
            "response_seconds": {key: round(value, 2) for key, value in self.seconds.items()},
            "in_flight_peak": self.in_flight_peak,
            "tokens_refused": self.tokens_refused,
            "remaining": self.remaining,
        }
