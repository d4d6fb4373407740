"""Fills batches from many askers: sources that ask for a few repositories each share a query.

Define here when a batch is full enough to go. How a batch is sent belongs to `batches`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from trender_assets.github.batches import Batches, Lane, Part
from trender_assets.github.clock import Clock

Item = TypeVar("Item")

TICK_SECONDS = 0.02
MOST_FIELDS = 100


class Collector(Generic[Item]):
    """Gathers items and sends them when a batch is full, or when nobody is about to ask more.

    Args:
        batches: Where full batches go.
        lane: What the items are.
        clock: Where time comes from.
        more_may_come: Whether others are about to ask.
        quiet: Seconds without a new item before a partial batch goes.
        patience: Seconds after which it goes in any case.
    """

    def __init__(
        self,
        batches: Batches[Item],
        lane: Lane[Item],
        clock: Clock,
        *,
        more_may_come: Callable[[], bool],
        quiet: float,
        patience: float,
    ) -> None:
        self._batches = batches
        self._lane = lane
        self._clock = clock
        self._more_may_come = more_may_come
        self._quiet = quiet
        self._patience = patience
        self._waiting: list[tuple[Item, asyncio.Future[Part]]] = []
        self._oldest = self._newest = 0.0
        self._ticking: asyncio.Task[None] | None = None
        self._sending: set[asyncio.Task[None]] = set()

    async def ask(self, item: Item) -> Part:
        """The answer for an item, asked together with others."""
        now = self._clock.monotonic()
        if not self._waiting:
            self._oldest = now
        self._newest = now
        answer: asyncio.Future[Part] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._is_full():
            self._send()
        elif self._ticking is None or self._ticking.done():
            self._ticking = asyncio.create_task(self._tick())
        return await answer

    def _is_full(self) -> bool:
        if len(self._waiting) >= MOST_FIELDS:
            return True
        if len(self._waiting) < self._batches.pace.size:
            return False
        return self._lane.weight([item for item, _ in self._waiting]) >= self._batches.pace.size

    async def _tick(self) -> None:
        while self._waiting:
            await self._clock.sleep(TICK_SECONDS)
            now = self._clock.monotonic()
            is_quiet = now - self._newest >= self._quiet and not self._more_may_come()
            if self._waiting and (is_quiet or now - self._oldest >= self._patience):
                self._send()

    def _send(self) -> None:
        group, self._waiting = self._waiting, []
        task = asyncio.create_task(self._answer(group))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _answer(self, group: list[tuple[Item, asyncio.Future[Part]]]) -> None:
        try:
            parts = await self._batches.run([item for item, _ in group])
        except BaseException as error:
            for _, answer in group:
                if not answer.done():
                    answer.set_exception(error)
                    answer.exception()  # whoever waits sees it; nobody else must be warned
            if not isinstance(error, Exception):
                raise
            return
        for (_, answer), part in zip(group, parts, strict=True):
            if not answer.done():
                answer.set_result(part)
