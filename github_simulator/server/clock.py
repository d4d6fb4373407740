"""The simulated now: the real minute, or an instant that only a test moves.

Define how the world's time passes here. Rate-limit windows and latencies run on real time,
because clients really wait for them, and do not belong here.
"""

from __future__ import annotations

import time

from github_simulator.world.calendars import parse_iso


class Clock:
    """The world's clock.

    Args:
        setting: ``real`` (the present minute) or an ISO instant at which the clock stands.
    """

    def __init__(self, setting: str = "real") -> None:
        self._fixed: int | None = None if setting == "real" else parse_iso(setting)

    @property
    def is_real(self) -> bool:
        """Whether the clock follows the real time."""
        return self._fixed is None

    def now(self) -> int:
        """Epoch seconds; the real clock shows whole minutes, so that readings repeat."""
        if self._fixed is None:
            return int(time.time()) // 60 * 60
        return self._fixed

    def move_to(self, instant: int) -> None:
        """Stop the clock at an instant."""
        self._fixed = instant

    def advance(self, seconds: int) -> None:
        """Move the clock on; a real clock stops there."""
        self._fixed = self.now() + seconds

    def follow_real_time(self) -> None:
        """Let the clock follow the real time again."""
        self._fixed = None
