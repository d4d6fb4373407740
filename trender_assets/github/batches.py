"""GraphQL batches that halve: many repositories in a query, and only the failing one is lost.

Define here how items become batches, how big a batch is and what happens when it is too much.
What a query asks belongs to the readers.
"""

from __future__ import annotations

import asyncio
import functools
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient
    from trender_assets.github.replies import GraphQLReply


Item = TypeVar("Item")

OVERHEAD_SECONDS = 0.3
# Until measured: what GitHub takes for a repository on a bad day (performance.md).
SECONDS_PER_ITEM = 0.09
# Answers are waited for together: a smaller batch ends sooner, a larger one spares requests.
TARGET_SECONDS = 2.0
MEASUREMENTS = 50
SMALLEST, FIRST, LARGEST = 10, 16, 20
SINGLE_TRIES = 2
SINGLE_WAIT_SECONDS = 1.0
REPEATED_TYPES = frozenset({"RESOURCE_LIMITS_EXCEEDED", "TIMEOUT"})
# What GitHub would say again; any other error, most often one without a type, may pass.
LASTING_TYPES = frozenset({"NOT_FOUND", "FORBIDDEN", "UNPROCESSABLE"})


@dataclass(frozen=True)
class Part:
    """One item's share of a batch's answer.

    Attributes:
        data: Its data; None when GitHub gave none.
        errors: GraphQL errors inside it, their paths relative to it.
        problem: Why it could not be asked; None when it was.
        fetched_at: When the answer came (UTC).
        is_reduced: Whether expensive fields were left out to get an answer at all.
    """

    data: Any
    errors: tuple[dict[str, Any], ...]
    problem: str | None
    fetched_at: datetime
    is_reduced: bool = False


class Lane(Protocol[Item]):
    """A kind of query whose items can share one request."""

    purpose: str

    def weight(self, items: Sequence[Item]) -> int:
        """How many repositories GitHub has to resolve for these items."""
        ...

    def request(self, items: Sequence[Item]) -> tuple[str, Mapping[str, Any]]:
        """The query and its variables."""
        ...

    def parts(self, reply: GraphQLReply, items: Sequence[Item]) -> list[Part]:
        """The answer, cut into one part per item, in order."""
        ...

    def reduced(self, item: Item) -> Item | None:
        """The item without its most expensive fields; None when there are none left."""
        ...


class Pace:
    """What a repository takes, measured, and the batch size that follows from it."""

    def __init__(self) -> None:
        self._measured: deque[float] = deque(maxlen=MEASUREMENTS)
        self._per_item = SECONDS_PER_ITEM
        self._cost_per_item = 1.5
        self._is_measured = False

    @property
    def size(self) -> int:
        """How many repositories fit well under GitHub's cut-off of 10 seconds."""
        if not self._is_measured:
            return FIRST
        fitting = int((TARGET_SECONDS - OVERHEAD_SECONDS) / self._per_item)
        return max(SMALLEST, min(LARGEST, fitting))

    def seconds(self, weight: int) -> float:
        """The expected working time of the server."""
        return OVERHEAD_SECONDS + weight * self._quick()

    def charge(self, weight: int, observed: float) -> float:
        """What an answer counts against GitHub's seconds per minute.

        The limit is on working time, which cannot be seen. Response time is its proxy, but when
        many queries are under way it is mostly waiting in a queue, and on a busy machine waiting
        for a processor: so an answer counts no more than the quick ones took per repository, and
        never more than on a bad day. If GitHub is slower still, its refusal teaches so.
        """
        self._measured.append(_per_item(weight, observed))
        return min(observed, OVERHEAD_SECONDS + weight * self._quick())

    def cost(self, weight: int) -> int:
        """The expected points."""
        return max(round(weight * self._cost_per_item), 1)

    def learn(self, weight: int, reply: GraphQLReply) -> None:
        """Take in a measured answer."""
        measured = _per_item(weight, reply.seconds)
        share = 0.3 if self._is_measured else 1.0
        self._per_item += share * (measured - self._per_item)
        self._is_measured = True
        limit = (reply.data or {}).get("rateLimit")
        cost = limit.get("cost") if isinstance(limit, dict) else None
        if isinstance(cost, int):
            self._cost_per_item = max(cost / max(weight, 1), 0.1)

    def _quick(self) -> float:
        """The fifth part of measured answers that was quickest ends here, or on a bad day."""
        quick = sorted(self._measured)[len(self._measured) // 5 : len(self._measured) // 5 + 1]
        return min([SECONDS_PER_ITEM, *quick])


def _may_pass(part: Part) -> bool:
    """Whether an answer has errors that another try may not have."""
    return any(
        error.get("type") not in LASTING_TYPES | REPEATED_TYPES and not _is_block(error)
        for error in part.errors
    )


def _is_block(error: Mapping[str, Any]) -> bool:
    text = str(error.get("message", "")).lower()
    return "dmca" in text or "terms of service" in text or "tos" in text.split()


def _per_item(weight: int, seconds: float) -> float:
    return max((seconds - OVERHEAD_SECONDS) / max(weight, 1), 0.002)


class Batches(Generic[Item]):
    """Sends batches of one lane.

    Args:
        client: The client.
        lane: What the items are.
    """

    def __init__(self, client: GitHubClient, lane: Lane[Item]) -> None:
        self._client = client
        self._lane = lane
        self.pace = Pace()
        self.under_way = 0

    async def run(self, items: Sequence[Item]) -> list[Part]:
        """Ask for items together; halve while it is too much, down to one."""
        self.under_way += 1
        try:
            return await self._run(items)
        finally:
            self.under_way -= 1

    async def _run(self, items: Sequence[Item]) -> list[Part]:
        reply = await self._ask(items)
        if reply.data is None and reply.is_too_much:
            if len(items) > 1:
                self._client.report.batches_split += 1
                middle = len(items) // 2
                halves = await asyncio.gather(self._run(items[:middle]), self._run(items[middle:]))
                return halves[0] + halves[1]
            return [await self._single(items[0], reply)]
        parts = self._lane.parts(reply, items)
        again = [
            index
            for index, part in enumerate(parts)
            if any(error.get("type") in REPEATED_TYPES for error in part.errors)
        ]
        if again:
            self._client.report.batches_split += len(items) > 1
            repeated = await asyncio.gather(*(self._single(items[index], reply) for index in again))
            for index, part in zip(again, repeated, strict=True):
                parts[index] = part
        await self._complete(items, parts)
        return parts

    async def _complete(self, items: Sequence[Item], parts: list[Part]) -> None:
        """Ask once again for what came with errors that may pass, and keep the better answer."""
        partly = [index for index, part in enumerate(parts) if _may_pass(part)]
        if not partly:
            return
        wanted = [items[index] for index in partly]
        self._client.report.retries["partial"] += len(wanted)
        reply = await self._ask(wanted)
        if reply.data is None:
            return
        for index, part in zip(partly, self._lane.parts(reply, wanted), strict=True):
            if part.data is not None and len(part.errors) < len(parts[index].errors):
                parts[index] = part

    async def _single(self, item: Item, reply: GraphQLReply) -> Part:
        """Ask for one item alone, then for less and less of it."""
        wanted: Item | None = item
        is_reduced = False
        while wanted is not None:
            for attempt in range(SINGLE_TRIES):
                if attempt or is_reduced:
                    await self._client.clock.sleep(SINGLE_WAIT_SECONDS * attempt)
                reply = await self._ask([wanted])
                if reply.data is None and not reply.is_too_much:
                    return self._lane.parts(reply, [wanted])[0]
                if reply.data is not None:
                    part = self._lane.parts(reply, [wanted])[0]
                    types = {error.get("type") for error in part.errors}
                    if not types & REPEATED_TYPES:
                        return Part(
                            part.data, part.errors, part.problem, part.fetched_at, is_reduced
                        )
                    break  # the same limit would be hit again: ask for less
            wanted, is_reduced = self._lane.reduced(wanted), True
        problem = reply.problem or "resource_limits"
        return Part(None, (), problem, reply.fetched_at, is_reduced)

    async def _ask(self, items: Sequence[Item]) -> GraphQLReply:
        query, variables = self._lane.request(items)
        weight = self._lane.weight(items)
        report = self._client.report
        report.batches += 1
        report.items += weight
        reply = await self._client.graphql(
            query,
            variables,
            purpose=self._lane.purpose,
            cost=self.pace.cost(weight),
            seconds=self.pace.seconds(weight),
            charge=functools.partial(self.pace.charge, weight),
            weight=weight,
        )
        if reply.data is not None:
            self.pace.learn(weight, reply)
        return reply
