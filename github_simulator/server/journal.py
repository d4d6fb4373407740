"""What the simulator was asked: a request log and sums of it.

Define a recorded figure here. Tokens are never recorded, only the account's number.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any

LONGEST_LOG = 50_000


@dataclass
class Entry:
    """One answered request; `seconds` is the modelled latency, `at` real epoch seconds."""

    number: int
    at: float
    method: str
    path: str
    query: str
    user: int
    resource: str
    status: int
    in_flight: int
    seconds: float = 0.0
    repositories: int = 0
    points: int = 0
    operation: str | None = None
    fault: str | None = None
    breach: str | None = None
    bytes: int = 0


class Journal:
    """The log of one server."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=LONGEST_LOG)
        self.in_flight = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything so far."""
        self.entries.clear()
        self.max_in_flight = self.in_flight
        self._counts: Counter[tuple[str, int]] = Counter()
        self._sums: Counter[str] = Counter()
        self._seconds = {"rest": 0.0, "graphql": 0.0}

    def arrive(self) -> int:
        """Count a request in; gives the number now in flight."""
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        return self.in_flight

    def leave(self) -> None:
        """Count a request out."""
        self.in_flight -= 1

    def record(self, entry: Entry) -> None:
        """Add an answered request."""
        self.entries.append(entry)
        self._counts[entry.resource, entry.status] += 1
        kind = "graphql" if entry.resource == "graphql" else "rest"
        self._sums[f"{kind}_points"] += entry.points
        self._sums[f"{kind}_requests"] += 1
        self._sums["repositories"] += entry.repositories
        self._sums["bytes"] += entry.bytes
        self._sums["breaches"] += entry.breach is not None
        self._seconds[kind] += entry.seconds

    def log(self) -> list[dict[str, Any]]:
        """The entries as plain objects, oldest first."""
        return [asdict(entry) for entry in self.entries]

    def stats(self) -> dict[str, Any]:
        """Counts by resource and status, refusals, the most in flight, points, seconds."""
        by_resource: dict[str, dict[str, int]] = {}
        for (resource, status), number in sorted(self._counts.items()):
            by_resource.setdefault(resource, {})[str(status)] = number
        statuses = Counter[int]()
        for (_, status), number in self._counts.items():
            statuses[status] += number
        return {
            "requests": sum(statuses.values()),
            "by_resource": by_resource,
            "by_status": {str(s): n for s, n in sorted(statuses.items())},
            "forbidden": statuses[403] + statuses[429],
            "not_modified": statuses[304],
            "max_in_flight": self.max_in_flight,
            "seconds": self._seconds,
            **self._sums,
        }
