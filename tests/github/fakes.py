"""A clock that tests own and a GitHub that answers from a script and keeps a log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

import httpx

from trender_assets.github.client import GitHubClient

NOW = 1_795_600_000.0
Handler = Callable[[httpx.Request], httpx.Response]


class FakeClock:
    """Virtual time: it moves to the earliest sleeper's deadline when nothing else happens."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now
        self._deadlines: list[float] = []

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        deadline = self.now + seconds
        self._deadlines.append(deadline)
        try:
            for _ in range(20):
                await asyncio.sleep(0)
            while self.now < deadline:
                if deadline <= min(self._deadlines):
                    self.now = deadline
                else:
                    await asyncio.sleep(0)
        finally:
            self._deadlines.remove(deadline)


@dataclass
class Sent:
    """One request as the fake saw it."""

    at: float
    request: httpx.Request

    @property
    def token(self) -> str:
        return self.request.headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def path(self) -> str:
        return self.request.url.path

    @property
    def variables(self) -> dict[str, Any]:
        return json.loads(self.request.content)["variables"]

    @property
    def query(self) -> str:
        return json.loads(self.request.content)["query"]


@dataclass
class FakeGitHub:
    """Answers by a handler; errors it returns are sent, errors it raises break the connection."""

    handler: Handler
    clock: FakeClock = field(default_factory=FakeClock)
    log: list[Sent] = field(default_factory=list)
    in_flight: int = 0
    peak: int = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.log.append(Sent(self.clock.now, request))
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        await asyncio.sleep(0)
        try:
            return self.handler(request)
        finally:
            self.in_flight -= 1

    @property
    def gaps(self) -> list[float]:
        return [b.at - a.at for a, b in zip(self.log, self.log[1:], strict=False)]

    def client(self, **options: Any) -> GitHubClient:
        settings: dict[str, Any] = {
            "tokens": ["token-one"],
            "transport": httpx.MockTransport(self),
            "clock": self.clock,
            "jitter": lambda: 0.0,
        }
        return GitHubClient(**{**settings, **options})


def answer(
    body: Any = None,
    status: int = 200,
    *,
    resource: str = "core",
    remaining: int | str | None = 4_000,
    limit: int = 5_000,
    reset: float | str = NOW + 3_000,
    headers: dict[str, str] | None = None,
    date: float | None = None,
) -> httpx.Response:
    """An answer with GitHub's headers; bytes and text are sent as they are, the rest as JSON."""
    sent = {
        "x-ratelimit-resource": resource,
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-reset": str(reset if isinstance(reset, str) else int(reset)),
    }
    if remaining is not None:
        sent["x-ratelimit-remaining"] = str(remaining)
    if date is not None:
        sent["date"] = formatdate(date, usegmt=True)
    sent |= headers or {}
    if isinstance(body, bytes | str):
        return httpx.Response(status, content=body, headers=sent)
    if body is None and status in (204, 304):
        return httpx.Response(status, headers=sent)
    return httpx.Response(status, json=body, headers=sent)


def script(*answers: httpx.Response | Exception) -> Handler:
    """Answers in turn; the last one is repeated."""
    waiting = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        current = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if isinstance(current, Exception):
            raise current
        return httpx.Response(current.status_code, headers=current.headers, content=current.content)

    return handler
