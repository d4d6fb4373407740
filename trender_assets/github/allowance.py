"""What one token has left of one resource, and which work gives way when that is little.

Define here how a budget's window is understood from headers that arrive out of order, and what a
purpose is worth. Choosing a token and waiting belong to `budget`. Searches give way to nothing:
their budgets of some requests a minute are nobody else's, so it would leave nothing to others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trender_assets.github.decide import CEILING_SECONDS, until_reset

# Before the first answer: what GitHub documents for a user's token.
DOCUMENTED_LIMITS = {"core": 5000, "graphql": 5000, "search": 30, "code_search": 9}
WINDOWS = {"core": 3600.0, "graphql": 3600.0, "search": 60.0, "code_search": 60.0}
RESERVE_FROM = 1000
RESET_JITTER = 2.0  # seconds by which one window's reset differs between answers


@dataclass(frozen=True)
class Importance:
    """How a request stands to the others that share its budget.

    Attributes:
        reserve: What it leaves of a token's budget, of a small one half at most.
        patience: The longest wait, in seconds, for the budget to be full again.
    """

    reserve: int
    patience: float


# Finding repositories, reading them and their activity. The last 100 are for other users of the
# token.
ESSENTIAL = Importance(reserve=100, patience=CEILING_SECONDS)
# What makes a reading whole or keeps it fresh. It leaves what reading 400 repositories takes, 1.1
# points of GraphQL each, and does not hold up a run: the next asks again for what was skipped.
SUPPORTING = Importance(reserve=600, patience=60.0)
# What is only worth having while there is plenty.
ADDITIONAL = Importance(reserve=1_000, patience=60.0)

FIRST_STAR_HISTORY = "first star history"
STAR_HISTORY = "star history"
FOLLOW_UPS = "follow-ups"
WORKSPACES = "workspaces"
SKIPPED = "skipped: "

_LESS = {
    FOLLOW_UPS: SUPPORTING,
    STAR_HISTORY: SUPPORTING,
    FIRST_STAR_HISTORY: ADDITIONAL,
    WORKSPACES: ADDITIONAL,
}


def is_skipped(reason: str | None) -> bool:
    """Whether a reason says that something was left out for lack of budget."""
    return reason is not None and f"{SKIPPED}budget" in reason


def importance_of(purpose: str) -> Importance:
    """How important a purpose is; one that is not listed gives way to nothing."""
    return _LESS.get(purpose, ESSENTIAL)


@dataclass
class Allowance:
    """One token's budget of one resource.

    Attributes:
        resource: GitHub's name of it.
        limit: What a whole window holds.
        remaining: What is left of it.
        reserved: What requests under way will take.
        resets_at: When the window ends, on the client's monotonic clock; None when unknown.
        blocked_until: GitHub said to come back then.
        has_answered: Whether any answer was seen; until then `remaining` is a guess.
    """

    resource: str
    limit: int
    remaining: int
    reserved: int = 0
    resets_at: float | None = None
    blocked_until: float = 0.0
    has_answered: bool = False
    _reset_epoch: float = 0.0

    @classmethod
    def documented(cls, resource: str) -> Allowance:
        """A budget before its first answer."""
        limit = DOCUMENTED_LIMITS.get(resource, 5000)
        return cls(resource, limit, limit)

    def learn(self, headers: Mapping[str, str], *, now: float, wall: float) -> bool:
        """Take in the x-ratelimit headers of an answer.

        Args:
            headers: Names in lower case.
            now: The monotonic clock.
            wall: Local seconds since 1970, for answers without a Date header.

        Returns:
            Whether the headers said anything about this budget.
        """
        try:
            remaining = int(headers["x-ratelimit-remaining"])
            limit = int(headers.get("x-ratelimit-limit", self.limit))
            epoch = float(headers["x-ratelimit-reset"])
        except (KeyError, ValueError):
            return False
        left = until_reset(headers, wall)
        if left is None:
            return False
        if epoch < self._reset_epoch - RESET_JITTER:
            return True  # an answer of the window before
        is_new = epoch > self._reset_epoch + RESET_JITTER
        self._reset_epoch = epoch
        self.limit = limit
        self.remaining = remaining if is_new else min(self.remaining, remaining)
        self.resets_at = now + left
        return True

    def delay(self, cost: int, now: float, importance: Importance = ESSENTIAL) -> float:
        """Seconds until `cost` may be spent by work of some importance: 0 is now."""
        if self.blocked_until > now:
            return self.blocked_until - now
        if self.resets_at is not None and now >= self.resets_at:
            self.remaining, self.resets_at = self.limit, None
        if importance is not ESSENTIAL and self.reserved and not self.has_answered:
            return 0.05  # one asks first: lesser work must not take what it can't see
        # Search has 30 a minute; only of the big budgets something is kept.
        reserve = min(importance.reserve, self.limit // 2) if self.limit >= RESERVE_FROM else 0
        if self.remaining - self.reserved - cost >= reserve:
            return 0.0
        if self.reserved and self.remaining - cost >= reserve:
            return 0.05  # requests under way may leave enough; their answers will tell
        if self.resets_at is None:
            return 0.05 if self.reserved else WINDOWS.get(self.resource, 60.0)
        return max(self.resets_at - now, 0.0) + 1.0
