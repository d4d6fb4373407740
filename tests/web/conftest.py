"""Fixtures of the dashboard's tests: a world built by the real models, and an app over it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from starlette.types import ASGIApp

from tests.web.repositories import AS_OF
from tests.web.world import world_database
from trender_assets.warehouse.connect import connect
from trender_web.app import create_app
from trender_web.config import WebConfig
from trender_web.data.store import Store

NOW = AS_OF + timedelta(minutes=12)
DAYS = 12


@pytest.fixture(scope="session")
def world_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A database that twelve daily runs filled and the real dbt project shaped; read only."""
    with world_database(postgres_server, migrated_template, "world", DAYS) as url:
        yield url


@pytest.fixture
def world_copy(postgres_server: str, world_url: str) -> Iterator[str]:
    """A copy of the world that a test may break."""
    with connect(postgres_server, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'world'"
        )
        connection.execute("drop database if exists broken with (force)")
        connection.execute("create database broken template world")
    yield postgres_server.replace("/trender?", "/broken?")
    with connect(postgres_server, autocommit=True) as connection:
        connection.execute("drop database if exists broken with (force)")


@pytest.fixture(scope="session")
def web(world_url: str) -> Callable[..., WebConfig]:
    """Makes a configuration over the world; keywords change it."""

    def configure(**changes: Any) -> WebConfig:
        values = {
            "database_url": world_url, "base_url": "https://trender.example", "clock": lambda: NOW,
            "version_seconds": 0.0,
        }  # fmt: skip
        return WebConfig(**{**values, **changes})

    return configure


@asynccontextmanager
async def client_of(config: WebConfig, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client that speaks to an app without a socket; its connections are closed at the end."""
    store = Store(config)
    transport = httpx.ASGITransport(create_app(config, store), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://app.test", **options
    ) as found:
        yield found
    store.close()


@pytest.fixture(scope="session")
def app(web: Callable[..., WebConfig]) -> Iterator[ASGIApp]:
    """The app over the world that tests share; its cache fills as they go."""
    store = Store(web())
    yield create_app(web(), store)
    store.close()


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    """A client over the world."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app.test") as found:
        yield found


@pytest.fixture
def sql(world_url: str) -> Iterator[psycopg.Connection]:
    """The world's database, to compare pages with."""
    with psycopg.connect(world_url, autocommit=True) as connection:
        yield connection
