"""The dashboard as one ASGI application.

Define here which parts it is made of and in which order they see a request. A page adds its
router to `pages/__init__`; nothing else is decided here.
"""

from __future__ import annotations

from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp

from trender_web.answer import errors, static_files
from trender_web.answer.headers import HeadersMiddleware
from trender_web.answer.openapi import install_openapi
from trender_web.config import VERSION, WebConfig
from trender_web.data.store import Store
from trender_web.pages import routers
from trender_web.serving.cache import PageCache, parameters_of
from trender_web.serving.middleware import ServingMiddleware


def create_app(config: WebConfig, store: Store | None = None) -> ASGIApp:
    """The application; nothing is connected or computed before the first request.

    Args:
        config: The process's settings.
        store: The way to the data; made from the settings when not given.
    """
    store = store or Store(config)
    cache = PageCache(config.cache_bytes, config.page_seconds, config.clock)

    @asynccontextmanager
    async def life(app: FastAPI):
        yield
        store.close()
        png_maker = getattr(app.state, "png_maker", None)
        if png_maker is not None:
            png_maker.close()

    app = FastAPI(
        title="Trender", version=VERSION, lifespan=life, openapi_url=None, docs_url=None,
        redoc_url=None, redirect_slashes=False, default_response_class=Response,
    )  # fmt: skip
    app.state.config = config
    app.state.store = store
    app.state.cache = cache
    errors.register(app)
    app.include_router(static_files.router)
    pages = routers()
    for router in pages:
        app.include_router(router)
    install_openapi(app)
    serving = ServingMiddleware(
        app, config=config, store=store, cache=cache, parameters=parameters_of(pages)
    )
    return HeadersMiddleware(serving, is_https=config.is_https)
