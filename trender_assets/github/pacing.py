"""Limits that slide: points per minute, seconds per minute, requests at once.

Define here what holds traffic below a rate, with time given from outside. Which rates GitHub
asks for belongs to `budget`.
"""

from __future__ import annotations

import asyncio
from collections import deque


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


class Slots:
    """How many requests may be under way at once; the number can be lowered on the way.

    Args:
        limit: The most at once.
    """

    def __init__(self, limit: int) -> None:
        self.limit = max(limit, 1)
        self.in_use = 0
        self.peak = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> None:
        """Take a slot, in turn."""
        if self.in_use < self.limit and not self._waiting:
            self._take()
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()
            else:
                self._waiting.remove(turn)
            raise

    def release(self) -> None:
        """Give a slot back and wake whoever is next."""
        self.in_use -= 1
        while self._waiting and self.in_use < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._take()
                turn.set_result(None)

    def _take(self) -> None:
        self.in_use += 1
        self.peak = max(self.peak, self.in_use)
