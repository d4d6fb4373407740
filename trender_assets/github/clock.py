"""Time as the client sees it, so that tests can own it.

Define here only reading the time and sleeping. Whoever needs a run's logical time is given
`as_of` instead.
"""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def time(self) -> float:
        """Seconds since 1970 (UTC)."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump, for durations and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let others work for some seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def time(self) -> float:
        """Seconds since 1970 (UTC)."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let others work for some seconds."""
        await asyncio.sleep(seconds)


def as_datetime(clock: Clock) -> datetime:
    """The clock's present as an aware datetime (UTC)."""
    return datetime.fromtimestamp(clock.time(), UTC)
