"""Limits of processor time that hold on a busy machine and under coverage too."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

# What coverage's tracer costs pure-Python loops; it is off in an ordinary run.
TRACER_FACTOR = 8


def takes_less_than(seconds: float, work: Callable[[], object], tries: int = 3) -> bool:
    """Whether one of a few tries stays below a limit of this thread's processor time."""
    limit = seconds * (TRACER_FACTOR if sys.gettrace() is not None else 1)
    for _ in range(tries):
        before = time.thread_time()
        work()
        if time.thread_time() - before < limit:
            return True
    return False
