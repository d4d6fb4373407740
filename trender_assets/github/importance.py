"""What is worth most when little of an hour's budget is left (fault A20).

Define here which purposes give way to which, and how early. Counting what is left belongs to
`allowance`, sending or skipping to `budget` and `attempts`. Searches are not here: their budgets
of some requests a minute are nobody else's, so giving one up would leave nothing to others.
"""

from __future__ import annotations

from dataclasses import dataclass

from trender_assets.github.decide import CEILING_SECONDS


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
