"""Stops asking a resource that fails every time, so that the others can go on.

Define here when a resource counts as down and when it is tried again. Repeating one request
belongs to `client`.
"""

from __future__ import annotations

from collections import defaultdict

from trender_assets.github.clock import Clock

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0


class Circuit:
    """Opens after requests that failed after all their retries, with no success between (A11).

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
