"""Progress of long work, told to whoever listens in this process.

Define here what a step of progress says; a command decides how it looks. Metadata that should
last belongs in Dagster's event log, not here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Stage = Literal["discover", "read", "wait", "land", "stars", "files", "transform", "done"]


@dataclass(frozen=True)
class Progress:
    """One thing that happened.

    Attributes:
        stage: Which part of the refresh.
        subject: The source, model or resource it is about.
        message: What a person reads.
        done: How much of the stage is done, if countable.
        total: How much there is, if known.
    """

    stage: Stage
    subject: str
    message: str
    done: int | None = None
    total: int | None = None


_listeners: list[Callable[[Progress], None]] = []


def tell(progress: Progress) -> None:
    """Tell every listener of this process; without listeners nothing happens."""
    for listener in tuple(_listeners):
        listener(progress)


@contextlib.contextmanager
def listening(listener: Callable[[Progress], None]) -> Iterator[None]:
    """Hear of progress while the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
