"""How fast GitHub may be asked: what the last minute held, what refusals taught, what is down.

Define here what holds traffic below a rate, with time given from outside, and when a resource that
fails every time is left alone. Who may send what is decided in `budget`; repeating one request
belongs to `attempts`.
"""

from __future__ import annotations

import functools
from collections import defaultdict, deque
from dataclasses import dataclass

from trender_assets.github.clock import Clock

REST_POINTS_PER_MINUTE = 880
GRAPHQL_POINTS_PER_MINUTE = 1950
# GitHub allows 90 s of computing a minute, 60 of them GraphQL's. Computing can't be seen, and
# time on the wire is more than it: so the larger figure holds until GitHub refuses something.
SECONDS_PER_MINUTE = 90.0
SLOWEST, SLOWER, FASTER = 0.25, 2 / 3, 0.1
CONCURRENCY = 40  # GitHub's own limit is 100
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0


class SlidingWindow:
    """Sums what happened in the last `span` seconds and says when more fits under `limit`.

    Args:
        limit: The most that the window may hold.
        span: Its length in seconds.
    """

    def __init__(self, limit: float, span: float = 60.0) -> None:
        self.limit = limit
        self._span = span
        self._entries: deque[tuple[float, float]] = deque()
        self._sum = 0.0

    def add(self, now: float, amount: float) -> None:
        """Note an amount."""
        self._entries.append((now, amount))
        self._sum += amount

    def take_back(self, moment: float, amount: float) -> None:
        """Forget an amount that was noted and then never happened."""
        if (moment, amount) in self._entries:
            self._entries.remove((moment, amount))
            self._sum -= amount

    def total(self, now: float) -> float:
        """What the window holds."""
        while self._entries and self._entries[0][0] <= now - self._span:
            self._sum -= self._entries.popleft()[1]
        if not self._entries:
            self._sum = 0.0
        return self._sum

    def delay(self, now: float, amount: float, expected: float = 0.0) -> float:
        """Seconds until `amount` fits beside what the window holds and what is `expected`.

        An amount that could never fit is let through once the window is empty.
        """
        excess = self.total(now) + expected + amount - self.limit
        if excess <= 0 or (not self._entries and expected <= 0):
            return 0.0
        for moment, entry in self._entries:
            excess -= entry
            if excess <= 1e-9:
                return max(moment + self._span - now, 0.0)
        return max(self._entries[-1][0] + self._span - now, 0.0) if self._entries else 0.05


@dataclass(frozen=True)
class LearnedPace:
    """What refusals taught about how fast GitHub may be asked; kept from run to run.

    Attributes:
        concurrency: Requests at once.
        rate: Share of the documented limits per minute, above 0 and up to 1.
    """

    concurrency: int = CONCURRENCY
    rate: float = 1.0

    def after_refusal(self) -> LearnedPace:
        """Half as many at once, and two thirds of the rate."""
        return LearnedPace(max(self.concurrency // 2, 2), max(self.rate * SLOWER, SLOWEST))

    def after_peace(self) -> LearnedPace:
        """A little more, after a run in which nothing was refused."""
        return LearnedPace(
            min(self.concurrency + 4, CONCURRENCY), min(round(self.rate + FASTER, 3), 1.0)
        )


class PerMinute:
    """What was sent in the last minute; GitHub counts it for everything a process does."""

    def __init__(self) -> None:
        self.rest = SlidingWindow(REST_POINTS_PER_MINUTE)
        self.graphql = SlidingWindow(GRAPHQL_POINTS_PER_MINUTE)
        self.seconds = SlidingWindow(SECONDS_PER_MINUTE)
        self.expected_seconds = 0.0

    def set_rate(self, rate: float) -> None:
        """Hold every limit per minute to a share of what the documents allow."""
        self.rest.limit = REST_POINTS_PER_MINUTE * rate
        self.graphql.limit = GRAPHQL_POINTS_PER_MINUTE * rate
        self.seconds.limit = SECONDS_PER_MINUTE * rate


@functools.cache
def shared_pace(base: str) -> PerMinute:
    """The minute that all clients of one server share in this process."""
    return PerMinute()


class Circuit:
    """Opens after requests that failed after all their retries, with no success between.

    Args:
        clock: Where time comes from.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures: defaultdict[str, float] = defaultdict(float)
        self._open_until: dict[str, float] = {}

    def is_closed(self, resource: str) -> bool:
        """Whether the resource may be asked; after the pause one request at a time tries it."""
        until = self._open_until.get(resource)
        if until is None:
            return True
        now = self._clock.monotonic()
        if now < until:
            return False
        self._open_until[resource] = now + OPEN_SECONDS
        return True

    def note(self, resource: str, failure: float) -> None:
        """Take note of a finished request.

        Args:
            resource: What was asked.
            failure: How much of a failure it was: 0 is none, 1 a whole one. A batch that was too
                big is a small one, because its parts may well succeed.
        """
        if not failure:
            self._failures.pop(resource, None)
            self._open_until.pop(resource, None)
            return
        self._failures[resource] += failure
        if self._failures[resource] >= FAILURES_TO_OPEN:
            self._open_until[resource] = self._clock.monotonic() + OPEN_SECONDS
