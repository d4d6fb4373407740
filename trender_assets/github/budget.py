"""The gate that every request passes: which token pays, and when it may go.

Define here GitHub's limits that span requests: budgets by token and
resource, the pause all workers share, requests at once, points and seconds per minute. What one
answer means belongs to `decide`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from anyio import CapacityLimiter

from trender_assets.github.allowance import ESSENTIAL, Allowance, Importance
from trender_assets.github.answers import BadCredentials, BudgetSpent
from trender_assets.github.clock import Clock
from trender_assets.github.decide import CEILING_SECONDS
from trender_assets.github.pacing import LearnedPace, PerMinute
from trender_assets.github.report import UsageReport, Wait

ANNOUNCED_FROM_SECONDS = 0.5
RECHECK_SECONDS = 0.1


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
class Grant:
    """The right to send one request with one token."""

    token: Token
    resource: str
    cost: int
    seconds: float
    at: float
    slot: object


class Delay(NamedTuple):
    """What keeps a request back: for how long, why, and how long it would wait at most."""

    seconds: float
    reason: str
    token: Token
    most: float = CEILING_SECONDS


class Budget:
    """Shared by all workers of a client.

    Args:
        tokens: The tokens to use in turn; None stands for no token.
        clock: Where time comes from.
        report: Where waits are counted.
        pace: What was sent in the last minute, also by other clients.
        learned: What earlier refusals taught.
        on_wait: Told about a wait before it begins.
    """

    def __init__(
        self,
        tokens: Sequence[str | None],
        *,
        clock: Clock,
        report: UsageReport,
        pace: PerMinute | None = None,
        learned: LearnedPace | None = None,
        on_wait: Callable[[Wait], None] | None = None,
    ) -> None:
        self.tokens = [Token(number, secret) for number, secret in enumerate(tokens, start=1)]
        self.learned = learned or LearnedPace()
        self.was_refused = False
        self._slots = CapacityLimiter(self.learned.concurrency)
        self._clock = clock
        self._report = report
        self._on_wait = on_wait
        self._paused_until = 0.0
        self._pause_reason = ""
        self._turn: dict[str, int] = defaultdict(int)
        self._announced: dict[str, float] = {}
        self._pace = pace or PerMinute()
        self._pace.set_rate(self.learned.rate)

    async def admit(
        self,
        resource: str,
        *,
        cost: int = 1,
        seconds: float = 0.0,
        sticky: int | None = None,
        importance: Importance = ESSENTIAL,
    ) -> Grant:
        """Wait until a request may be sent, and reserve what it will take.

        Args:
            resource: The budget that pays.
            cost: Points of that budget.
            seconds: Expected response time, for GraphQL's seconds per minute.
            sticky: Prefer the token of this number, so that ETags keep matching.
            importance: How much of the budget is left to others.

        Raises:
            BudgetSpent: When the wait would exceed the ceiling of 15 minutes, or the patience
                of less important work.
            BadCredentials: When GitHub refused every token.
        """
        slot = object()
        while True:
            delay = self._delay(resource, cost, seconds, sticky, importance)
            if delay.seconds <= 0:
                await self._slots.acquire_on_behalf_of(slot)
                delay = self._delay(resource, cost, seconds, sticky, importance)
                if delay.seconds <= 0:
                    break
                self._slots.release_on_behalf_of(slot)
            if delay.seconds > delay.most:
                # The reason of what gives way is the same every time, so that it can be counted.
                more = f": {delay.seconds:,.0f} s to wait" if importance is ESSENTIAL else ""
                raise BudgetSpent(delay.reason + more)
            self._announce(resource, delay.seconds, delay.reason)
            await self._clock.sleep(delay.seconds)
        busy = self._slots.borrowed_tokens
        self._report.in_flight_peak = max(self._report.in_flight_peak, busy)
        now, token = self._clock.monotonic(), delay.token
        self._turn[resource] = token.number  # numbers begin at 1: the next token is next
        token.allowance(resource).reserved += cost
        window = self._pace.graphql if resource == "graphql" else self._pace.rest
        window.add(now, 1)
        self._pace.expected_seconds += seconds
        return Grant(token, resource, cost, seconds, now, slot)

    def take_back(self, granted: Grant) -> None:
        """Take back a grant whose request never reached GitHub: it cost nothing."""
        granted.token.allowance(granted.resource).reserved -= granted.cost
        self._pace.expected_seconds = max(self._pace.expected_seconds - granted.seconds, 0.0)
        window = self._pace.graphql if granted.resource == "graphql" else self._pace.rest
        window.take_back(granted.at, 1)
        self._slots.release_on_behalf_of(granted.slot)

    def settle(self, granted: Grant, headers: Mapping[str, str], seconds: float) -> None:
        """Take back a grant after its answer, and learn from the answer's headers."""
        now = self._clock.monotonic()
        paying = granted.token.allowance(granted.resource)
        paying.reserved -= granted.cost
        paying.has_answered = True
        self._pace.expected_seconds = max(self._pace.expected_seconds - granted.seconds, 0.0)
        if granted.resource == "graphql":
            self._pace.seconds.add(now, seconds)
        # An answer may belong to another resource than was expected; each has its own.
        named = headers.get("x-ratelimit-resource", granted.resource)
        allowance = granted.token.allowance(named)
        if not allowance.learn(headers, now=now, wall=self._clock.time()):
            allowance.remaining = max(allowance.remaining - granted.cost, 0)
        self._report.remaining[named] = sum(
            token.allowance(named).remaining for token in self.tokens if not token.is_refused
        )
        self._slots.release_on_behalf_of(granted.slot)

    def pause_everyone(self, seconds: float, reason: str) -> None:
        """Hold all workers after a secondary limit, and go on more slowly."""
        now = self._clock.monotonic()
        until = now + seconds
        if self._paused_until <= now:  # the other requests under way say the same, once is enough
            self.was_refused = True
            self.learned = self.learned.after_refusal()
            self._slots.total_tokens = self.learned.concurrency
            self._pace.set_rate(self.learned.rate)
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
        self,
        resource: str,
        cost: int,
        seconds: float,
        sticky: int | None,
        importance: Importance,
    ) -> Delay:
        now = self._clock.monotonic()
        token, wait = self._pick(resource, cost, now, sticky, importance)
        if self._paused_until > now:
            return Delay(self._paused_until - now, self._pause_reason, token)
        if wait > 0:
            is_essential = importance is ESSENTIAL
            why = "spent until it resets" if is_essential else "kept for more important work"
            return Delay(wait, f"budget of {resource} is {why}", token, importance.patience)
        if resource != "graphql":
            return Delay(self._pace.rest.delay(now, 1), "under 900 requests a minute", token)
        wait = self._pace.graphql.delay(now, 1)
        if wait > 0:
            return Delay(wait, "under 2,000 GraphQL queries a minute", token)
        reason = f"under {self._pace.seconds.limit:.0f} s of GraphQL's time a minute"
        wait = self._pace.seconds.delay(now, seconds)
        if wait <= 0 and self._pace.seconds.delay(now, seconds, self._pace.expected_seconds) > 0:
            # Only expectations stand in the way, and answers are mostly quicker: look again soon.
            wait = RECHECK_SECONDS
        return Delay(wait, reason, token)

    def _pick(
        self, resource: str, cost: int, now: float, sticky: int | None, importance: Importance
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
            wait = token.allowance(resource).delay(cost, now, importance)
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
