"""What assets are given: the warehouse and the way to a GitHub client.

Define here the thin Dagster resources; they carry settings and open things, nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import dagster as dg
import psycopg
from pydantic import PrivateAttr

from trender_assets.settings import current

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient

# Dagster calls `backfill_policy` beta and would say so once for every asset at every load; every
# module that defines assets imports this one first.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)


class Warehouse(dg.ConfigurableResource):
    """The PostgreSQL warehouse of the settings, migrated on first use in a process."""

    _url: str | None = PrivateAttr(default=None)

    @property
    def url(self) -> str:
        """The address of the migrated warehouse."""
        if self._url is None:
            from trender_assets.raw.migrate import migrate
            from trender_assets.warehouse.connect import resolve_database_url

            url = resolve_database_url(current())
            migrate(url)
            self._url = url
        assert self._url is not None
        return self._url

    @contextlib.contextmanager
    def connect(self) -> Iterator[psycopg.Connection]:
        """A connection that waits up to a minute for a server that is coming up."""
        from trender_assets.warehouse.connect import PATIENCE_SECONDS, connect

        with connect(self.url, patience=PATIENCE_SECONDS) as connection:
            yield connection


class GitHub(dg.ConfigurableResource):
    """The configured GitHub."""

    @contextlib.asynccontextmanager
    async def client(self, warehouse: Warehouse) -> AsyncIterator[GitHubClient]:
        """A verified client with the configured tokens and what the warehouse remembers.

        Raises:
            MissingToken: When no token is set.
            BadCredentials: When GitHub refuses every token.
            Unreachable: When GitHub's host can't be reached.
            NotGitHub: When something else answers at the configured address.
        """
        from trender_assets.github.client import GitHubClient, Wait
        from trender_assets.runs.progress import Progress, tell
        from trender_assets.warehouse.http_cache import PostgresETagStore
        from trender_assets.warehouse.learned_pace import load_pace, save_pace

        def on_wait(wait: Wait) -> None:
            tell(Progress("wait", wait.resource, f"waiting {wait.seconds:.0f} s: {wait.reason}"))

        settings = current()
        base = settings.github_api_base_url
        learned = load_pace(warehouse.url, base)
        async with GitHubClient(
            tokens=settings.github_tokens,
            api_base_url=base,
            cache=PostgresETagStore(warehouse.url),
            learned=learned,
            on_wait=on_wait,
        ) as client:
            await client.verify()
            try:
                yield client
            finally:  # what a refusal taught is true also of a run that failed
                if (pace := client.pace_to_keep()) != learned:
                    await asyncio.to_thread(save_pace, warehouse.url, base, pace)
