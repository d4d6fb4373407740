"""Which answers are kept apart: every parameter that a route reads is part of the key."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from fastapi import APIRouter, FastAPI, Response

from trender_web.config import WebConfig
from trender_web.data.store import Store
from trender_web.pages import routers
from trender_web.serving.cache import PageCache, canonical_key, parameters_of
from trender_web.serving.middleware import ServingMiddleware


async def test_every_parameter_of_every_route_is_part_of_the_key(client: httpx.AsyncClient) -> None:
    """The key once knew a list of names kept by hand; a parameter missing there was ignored."""
    parameters = parameters_of(routers())
    document = (await client.get("/openapi.json")).json()
    asked = {
        (path, parameter["name"])
        for path, operations in document["paths"].items()
        for parameter in operations["get"].get("parameters", ())
        if parameter["in"] == "query"
    }
    assert len(asked) >= 30
    for path, name in asked:
        one, other = (canonical_key(path, f"{name}={value}".encode(), parameters) for value in "12")
        assert len({path, one, other}) == 3, (path, name)


async def test_a_new_page_needs_no_entry_anywhere(web: Callable[..., WebConfig]) -> None:
    """A page with a parameter of its own was served the answer made for another value."""
    router = APIRouter()

    @router.get("/toy")
    def toy(flavour: str = "plain") -> Response:
        return Response(flavour, headers={"X-Cacheable": "1"})

    config = web()
    store = Store(config)
    app = FastAPI()
    app.include_router(router)
    serving = ServingMiddleware(
        app,
        config=config,
        store=store,
        cache=PageCache(config.cache_bytes, config.page_seconds, config.clock),
        parameters=parameters_of([router]),
    )
    transport = httpx.ASGITransport(serving)
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as asking:
        first = await asking.get("/toy?flavour=mint")
        second = await asking.get("/toy?flavour=lime")
        stray = await asking.get("/toy?flavour=lime&stray=1")
    store.close()
    assert (first.text, second.text) == ("mint", "lime")
    assert stray.headers["etag"] == second.headers["etag"] != first.headers["etag"]
