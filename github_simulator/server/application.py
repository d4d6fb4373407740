"""The simulator as an ASGI application.

Define how the parts are put together here. The command line belongs to `__main__`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route

from github_simulator.server.admin import Administration
from github_simulator.server.oauth import OAuth
from github_simulator.server.pipeline import Pipeline

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


def build_application(pipeline: Pipeline, *, warm: bool) -> Starlette:
    """The application of a pipeline.

    Args:
        pipeline: World, clock, limits and latency.
        warm: Draw the present state in the background after the start, so that the first
            requests are not slower than later ones.
    """

    @asynccontextmanager
    async def lifespan(application: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(_warm_up(pipeline)) if warm else None
        yield
        if task is not None:
            task.cancel()

    routes = [
        *Administration(pipeline).routes(),
        *OAuth().routes(),
        Route("/{path:path}", pipeline.handle, methods=METHODS),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


async def _warm_up(pipeline: Pipeline) -> None:
    world, now = pipeline.world, pipeline.clock.now()
    for repository in world.existing(now):
        world.star_count(repository, now)
        world.commits(repository).between(now - 8 * 86_400, now)
        world.issues(repository).until(now)
        await asyncio.sleep(0.001)
