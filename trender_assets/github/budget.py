"""The gate that every request passes: which token pays, and when it may go.

Define here GitHub's limits that span requests (facts §1.1, §1.2, §3.1): budgets by token and
resource, the pause all workers share, requests at once, points and seconds per minute. What one
answer means belongs to `decide`.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from trender_assets.github.allowance import Allowance
from trender_assets.github.clock import Clock
from trender_assets.github.decide import CEILING_SECONDS
from trender_assets.github.errors import BadCredentials, BudgetSpent
from trender_assets.github.pacing import SlidingWindow, Slots
from trender_assets.github.report import UsageReport, Wait

REST_POINTS_PER_MINUTE = 880
GRAPHQL_POINTS_PER_MINUTE = 1950
GRAPHQL_SECONDS_PER_MINUTE = 57.0
ANNOUNCED_FROM_SECONDS = 0.5
RECHECK_SECONDS = 0.1


class PerMinute:
    """What was sent in the last minute; GitHub counts it for everything a process does.

    Args:
        graphql_seconds: The most working time of GraphQL in a minute.
    """

    def __init__(self, graphql_seconds: float = GRAPHQL_SECONDS_PER_MINUTE) -> None:
        self.rest = SlidingWindow(REST_POINTS_PER_MINUTE)
        self.graphql = SlidingWindow(GRAPHQL_POINTS_PER_MINUTE)
        self.seconds = SlidingWindow(graphql_seconds)
        self.expected_seconds = 0.0


@functools.cache
def shared_pace(base: str) -> PerMinute:
    """The minute that all clients of one server share in this process."""
    return PerMinute()


@dataclass
class Token:
    """One token; its `repr` never shows it."""

    number: int
    secret: str | None = field(repr=False)
    is_refused: bool = False
    allowances: dict[str, Allowance] = field(default_factory=dict, repr=False)

    def allowance(self, resource: str) -> Allowance:
        """Its budget of a resource."""
        if resource not in self.allowances:
            self.allowances[resource] = Allowance.documented(resource)
        return self.allowances[resource]


@dataclass(frozen=True)
class Pass:
    """The right to send one request with one token."""

    token: Token
    resource: str
    cost: int
    seconds: float


class Budget:
    """Shared by all workers of a client.

    Args:
        tokens: The tokens to use in turn; None stands for no token.
        clock: Where time comes from.
        report: Where waits are counted.
        pace: What was sent in the last minute, also by other clients.
        concurrency: The most requests at once (GitHub's own limit is 100).
        on_wait: Told about a wait before it begins.
    """

    def __init__(
        self,
        tokens: Sequence[str | None],
        *,
        clock: Clock,
        report: UsageReport,
        pace: PerMinute | None = None,
        concurrency: int = 40,
        on_wait: Callable[[Wait], None] | None = None,
    ) -> None:
        self.tokens = [Token(number, secret) for number, secret in enumerate(tokens, start=1)]
        self.slots = Slots(concurrency)
        self._clock = clock
        self._report = report
        self._on_wait = on_wait
        self._paused_until = 0.0
        self._pause_reason = ""
        self._turn: dict[str, int] = defaultdict(int)
        self._announced: dict[str, float] = {}
        self._pace = pace or PerMinute()

    async def admit(
        self, resource: str, *, cost: int = 1, seconds: float = 0.0, sticky: int | None = None
    ) -> Pass:
        """Wait until a request may be sent, and reserve what it will take.

        Args:
            resource: The budget that pays.
            cost: Points of that budget.
            seconds: Expected response time, for GraphQL's seconds per minute.
            sticky: Prefer the token of this number, so that ETags keep matching.

        Raises:
            BudgetSpent: When the wait would exceed the ceiling of 15 minutes.
            BadCredentials: When GitHub refused every token.
        """
        while True:
            delay, reason, token = self._delay(resource, cost, seconds, sticky)
            if delay <= 0:
                await self.slots.acquire()
                delay, reason, token = self._delay(resource, cost, seconds, sticky)
                if delay <= 0:
                    break
                self.slots.release()
            if delay > CEILING_SECONDS:
                raise BudgetSpent(f"{reason}: {delay:,.0f} s to wait")
            self._announce(resource, delay, reason)
            await self._clock.sleep(delay)
        now = self._clock.monotonic()
        self._turn[resource] = token.number  # numbers begin at 1: the next token is next
        token.allowance(resource).reserved += cost
        window = self._pace.graphql if resource == "graphql" else self._pace.rest
        window.add(now, 1)
        self._pace.expected_seconds += seconds
        return Pass(token, resource, cost, seconds)

    def settle(self, granted: Pass, headers: Mapping[str, str], seconds: float) -> None:
        """Take back a pass after its answer, and learn from the answer's headers."""
        now = self._clock.monotonic()
        granted.token.allowance(granted.resource).reserved -= granted.cost
        self._pace.expected_seconds = max(self._pace.expected_seconds - granted.seconds, 0.0)
        if granted.resource == "graphql":
            self._pace.seconds.add(now, seconds)
        # An answer may belong to another resource than was expected; each has its own (T14).
        named = headers.get("x-ratelimit-resource", granted.resource)
        allowance = granted.token.allowance(named)
        if not allowance.learn(headers, now=now, wall=self._clock.time()):
            allowance.remaining = max(allowance.remaining - granted.cost, 0)
        self._report.remaining[named] = sum(
            token.allowance(named).remaining for token in self.tokens if not token.is_refused
        )
        self.slots.release()
        self._report.in_flight_peak = max(self._report.in_flight_peak, self.slots.peak)

    def pause_everyone(self, seconds: float, reason: str) -> None:
        """Hold all workers, and go on with half as many at once (A2)."""
        now = self._clock.monotonic()
        until = now + seconds
        if self._paused_until <= now:  # the other requests under way say the same, once is enough
            self.slots.halve()
        if until > self._paused_until:
            self._paused_until, self._pause_reason = until, reason
            self._announce("all", seconds, reason)

    def block(self, token: Token, resource: str, seconds: float) -> None:
        """A token's resource is spent; other tokens and resources go on."""
        allowance = token.allowance(resource)
        allowance.blocked_until = max(allowance.blocked_until, self._clock.monotonic() + seconds)

    def refuse(self, token: Token) -> None:
        """GitHub answered 401: never use the token again.

        Raises:
            BadCredentials: When no other token is left.
        """
        if not token.is_refused:
            token.is_refused = True
            self._report.tokens_refused += 1
        if all(other.is_refused for other in self.tokens):
            raise BadCredentials(token.number, len(self.tokens))

    def _delay(
        self, resource: str, cost: int, seconds: float, sticky: int | None
    ) -> tuple[float, str, Token]:
        now = self._clock.monotonic()
        token, wait = self._pick(resource, cost, now, sticky)
        if self._paused_until > now:
            return self._paused_until - now, self._pause_reason, token
        if wait > 0:
            return wait, f"budget of {resource} is spent until it resets", token
        if resource != "graphql":
            return self._pace.rest.delay(now, 1), "under 900 requests a minute", token
        wait = self._pace.graphql.delay(now, 1)
        if wait > 0:
            return wait, "under 2,000 GraphQL queries a minute", token
        reason = "under 60 s of GraphQL response time a minute"
        wait = self._pace.seconds.delay(now, seconds)
        if wait <= 0 and self._pace.seconds.delay(now, seconds, self._pace.expected_seconds) > 0:
            # Only expectations stand in the way, and answers are mostly quicker: look again soon.
            wait = RECHECK_SECONDS
        return wait, reason, token

    def _pick(
        self, resource: str, cost: int, now: float, sticky: int | None
    ) -> tuple[Token, float]:
        usable = [token for token in self.tokens if not token.is_refused]
        if not usable:
            raise BadCredentials(len(self.tokens), len(self.tokens))
        first = self._turn[resource] if sticky is None else sticky
        best, best_wait = usable[0], float("inf")
        for step in range(len(self.tokens)):
            token = self.tokens[(first + step) % len(self.tokens)]
            if token.is_refused:
                continue
            wait = token.allowance(resource).delay(cost, now)
            if wait <= 0:
                return token, 0.0
            if wait < best_wait:
                best, best_wait = token, wait
        return best, best_wait

    def _announce(self, resource: str, seconds: float, reason: str) -> None:
        """Tell about a wait once, not once per worker."""
        until = self._clock.monotonic() + seconds
        key = "all" if reason == self._pause_reason else f"{resource} {reason}"
        if seconds < ANNOUNCED_FROM_SECONDS or until <= self._announced.get(key, 0.0) + 0.5:
            return
        begun = max(self._announced.get(key, 0.0), until - seconds)
        self._announced[key] = until
        wait = Wait(resource, until - begun, reason)
        self._report.waits.append(wait)
        if self._on_wait is not None:
            self._on_wait(wait)
