"""Rate limits: budgets per account and resource, and the secondary limits.

Define a limit here. They run on real time, since clients really wait.
What a refusal looks like belongs to `refusals`.
"""

from __future__ import annotations

import time
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Resource = Literal["core", "search", "code_search", "graphql"]
RESOURCES: tuple[Resource, ...] = ("core", "search", "code_search", "graphql")
MINUTE = 60.0


@dataclass
class LimitSettings:
    """Every number a test may change.

    Attributes:
        user: Budget of an authenticated account by resource.
        anonymous: Budget of an address; code search and GraphQL need a token.
        window: Seconds of each budget's window.
        spent: What somebody else has used of each budget before an account's first request.
        status: The status of a refusal, 403 or 429.
        retry_after: Whether secondary refusals carry ``retry-after``: always, never, sometimes.
        cpu_seconds: Seconds of GraphQL's computing allowed a minute; None switches the rule off.
    """

    user: dict[str, int] = field(
        default_factory=lambda: {"core": 5000, "search": 30, "code_search": 10, "graphql": 5000}
    )
    anonymous: dict[str, int] = field(
        default_factory=lambda: {"core": 60, "search": 10, "code_search": 60, "graphql": 0}
    )
    window: dict[str, float] = field(
        default_factory=lambda: {
            "core": 3600.0, "search": 60.0, "code_search": 60.0, "graphql": 3600.0,
        }
    )  # fmt: skip
    spent: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RESOURCES, 0))
    in_flight: int = 100
    rest_points: int = 900
    graphql_points: int = 2000
    cpu_seconds: float | None = None
    block_seconds: float = 60.0
    status: int = 403
    retry_after: Literal["always", "never", "sometimes"] = "always"
    is_enforced: bool = True


@dataclass
class Budget:
    """One account's budget of one resource; the window starts at the first request."""

    limit: int
    window: float
    used: int = 0
    reset: float = 0.0
    spent: int = 0

    def roll(self, now: float) -> None:
        """Begin a new window when the old one is over; the first may be partly spent already."""
        if now >= self.reset:
            self.used, self.spent, self.reset = self.spent, 0, now + self.window

    @property
    def remaining(self) -> int:
        """What is left, never negative."""
        return max(0, self.limit - self.used)


class Account:
    """A user (one per token) or an anonymous address."""

    def __init__(self, name: str, settings: LimitSettings, *, is_anonymous: bool) -> None:
        self.user_id = 1000 + zlib.crc32(name.encode()) % 9_000_000
        self.login = f"user-{self.user_id}"
        self.is_anonymous = is_anonymous
        self.in_flight = 0
        self._settings = settings
        source = settings.anonymous if is_anonymous else settings.user
        self.budgets = {
            resource: Budget(
                source[resource], settings.window[resource], spent=settings.spent[resource]
            )
            for resource in RESOURCES
        }
        self._points: dict[str, deque[tuple[float, float]]] = {
            "rest": deque(), "graphql": deque(),
        }  # fmt: skip
        self._computing: deque[tuple[float, float]] = deque()
        self._blocked_until: dict[str, float] = {}

    def budget(self, resource: Resource, now: float) -> Budget:
        """The budget, its window rolled on; anonymous code search shares the core budget."""
        if self.is_anonymous and resource == "code_search":
            resource = "core"
        budget = self.budgets[resource]
        budget.roll(now)
        return budget

    def _sum(self, name: str, now: float) -> float:
        window = self._points[name]
        while window and window[0][0] <= now - MINUTE:
            window.popleft()
        return sum(points for _, points in window)

    def secondary_breach(
        self, kind: Literal["rest", "graphql"], points: int, now: float
    ) -> str | None:
        """Count a request against the secondary limits; says which one it breaks.

        A breach blocks the kind for `block_seconds`.
        """
        settings = self._settings
        if not settings.is_enforced:
            return None
        if now < self._blocked_until.get(kind, 0.0):
            return "blocked"
        breach: str | None = None
        allowed = settings.rest_points if kind == "rest" else settings.graphql_points
        if self.in_flight > settings.in_flight:
            breach = "in flight"
        elif self._sum(kind, now) + points > allowed:
            breach = "points"
        elif (
            kind == "graphql"
            and settings.cpu_seconds is not None
            and self.computed(now) > settings.cpu_seconds
        ):
            breach = "cpu"
        if breach is not None:
            self._blocked_until[kind] = now + settings.block_seconds
            return breach
        self._points[kind].append((now, points))
        return None

    def compute(self, seconds: float, begun: float) -> None:
        """GraphQL computes for so long, as modelled and not as this machine felt it."""
        self._computing.append((begun, seconds))

    def computed(self, now: float) -> float:
        """Seconds of GraphQL's computing in the last minute; what is under way counts so far."""
        since = now - MINUTE
        while self._computing and sum(self._computing[0]) <= since:
            self._computing.popleft()
        return sum(
            max(0.0, min(now, begun + seconds) - max(since, begun))
            for begun, seconds in self._computing
        )

    def block_left(self, kind: str, now: float) -> float:
        """Seconds for which a kind stays blocked."""
        return max(0.0, self._blocked_until.get(kind, 0.0) - now)


class Limits:
    """All accounts."""

    def __init__(self, settings: LimitSettings, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.clock = clock
        self._accounts: dict[str, Account] = {}

    def account(self, token: str | None, address: str) -> Account:
        """The account of a token, or of an address when there is none."""
        key = f"token:{token}" if token else f"address:{address}"
        found = self._accounts.get(key)
        if found is None:
            found = self._accounts[key] = Account(key, self.settings, is_anonymous=not token)
        return found

    def reset(self) -> None:
        """Forget every account, so that new settings and full budgets take effect."""
        self._accounts.clear()
