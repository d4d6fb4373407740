"""The obvious ways to read the same repositories, to compare with: over REST, four calls each.

Define here a reference reader that does honest work: it pages, it waits when GitHub asks it to and
it counts what it lost. They read less than Trender does (no files, no star history), so that the
comparison is in their favour.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

CALLS = 4
AT_ONCE = 50
REST_POINTS_PER_MINUTE = 900
WAIT_SECONDS = 60.0
TRIES = 6


@dataclass
class ReferenceRun:
    """What a reference reader did.

    Attributes:
        repositories: Repositories asked for.
        complete: Of which everything was read.
        requests: Requests sent.
        refused: Answers of 403 or 429.
        wall: Seconds.
        cpu: This process's CPU seconds meanwhile.
    """

    repositories: int
    complete: int = 0
    requests: int = 0
    refused: int = 0
    wall: float = 0.0
    cpu: float = 0.0


def sequential(url: str, token: str, names: Sequence[str], as_of: datetime) -> ReferenceRun:
    """One call after the other, as a first script does it."""
    return asyncio.run(_read(url, token, names, as_of, at_once=1))


def concurrent(url: str, token: str, names: Sequence[str], as_of: datetime) -> ReferenceRun:
    """Fifty calls at once; every refusal is waited for as its Retry-After says."""
    return asyncio.run(_read(url, token, names, as_of, at_once=AT_ONCE))


def least_seconds(repositories: int) -> float:
    """What 900 REST points a minute allow at best, whoever asks."""
    return 60.0 * ((repositories * CALLS - 1) // REST_POINTS_PER_MINUTE)


async def _read(
    url: str, token: str, names: Sequence[str], as_of: datetime, *, at_once: int
) -> ReferenceRun:
    run = ReferenceRun(len(names))
    since = (as_of - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%SZ")
    slots = asyncio.Semaphore(at_once)
    free_at = 0.0
    begun, cpu = time.perf_counter(), time.process_time()
    async with httpx.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}", "User-Agent": "reference"},
        timeout=60,
        limits=httpx.Limits(max_connections=at_once),
        follow_redirects=True,
    ) as client:

        async def get(path: str, *, all_pages: bool = True, **params: str | int) -> bool:
            nonlocal free_at
            address: str | None = path
            while address:
                for _ in range(TRIES):
                    await asyncio.sleep(max(free_at - time.monotonic(), 0))
                    async with slots:
                        if free_at > time.monotonic():
                            continue
                        answer = await client.get(address, params=params or None)
                    run.requests += 1
                    if not _is_limit(answer):
                        break
                    run.refused += 1
                    wait = float(answer.headers.get("retry-after", WAIT_SECONDS))
                    free_at = max(free_at, time.monotonic() + wait)
                else:
                    return False
                if answer.status_code not in (200, 204, 403, 404, 409, 451):
                    return False
                following = answer.links.get("next", {}).get("url")
                address, params = following if all_pages else None, {}
            return True

        async def repository(name: str) -> None:
            parts = (
                get(f"/repos/{name}"),
                get(f"/repos/{name}/commits", since=since, per_page=100),
                get(f"/repos/{name}/issues", state="closed", since=since, per_page=100),
                # One a page: the Link header's last page number is the count.
                get(f"/repos/{name}/contributors", all_pages=False, per_page=1, page=1),
            )
            if at_once == 1:
                results = [await part for part in parts]
            else:
                results = list(await asyncio.gather(*parts))
            run.complete += all(results)

        if at_once == 1:
            for name in names:
                await repository(name)
        else:
            await asyncio.gather(*(repository(name) for name in names))
    run.wall = time.perf_counter() - begun
    run.cpu = time.process_time() - cpu
    return run


def _is_limit(answer: httpx.Response) -> bool:
    """Whether GitHub said "later"; a blocked repository is 403 too, and an answer."""
    if answer.status_code not in (403, 429):
        return False
    return "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
