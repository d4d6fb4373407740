"""What one dashboard process may be told: addresses, limits and its clock.

Define here a value that an operator may want to change. Reading the command line and the
environment happens once, in `__main__`; no other module reads the environment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

VERSION = "0.1.0"
DEFAULT_PORT = 8787


def utc_now() -> datetime:
    """The present moment in UTC; the only clock of the package."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class WebConfig:
    """The settings of one process.

    Attributes:
        database_url: A ``postgresql://`` address; never shown, never logged.
        base_url: The public origin, used in canonical links, feeds and cards. A Host header is
            never believed instead.
        host: The address to listen on.
        port: The port to listen on.
        role: The PostgreSQL role every connection takes on; it can only read.
        statement_timeout_ms: How long one SQL statement may run.
        pool_size: How many connections may be open at once.
        pool_wait_seconds: How long a request waits for a free connection.
        version_seconds: How long the data version is believed before it is asked again.
        keep_seconds: How often the snapshot that pages are made from is renewed unasked.
        hold_seconds: How long the state from before a build is shown while the build goes on.
        cache_bytes: Bound of the page cache, in compressed bytes.
        page_seconds: How long a cached page may live even when the data version stays.
        uncached_per_minute: How many uncached answers one client address may cause.
        interval_minutes: How often the pipeline is due.
        github_url: Where repositories live; GitHub unless it is an Enterprise server.
        dagster_url: Where people reach the Dagster UI, if anywhere; runs link to it.
        png_seconds: How long one PNG may take before its worker is ended.
        clock: Where the time comes from.
    """

    database_url: str = field(repr=False)
    base_url: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    role: str = "trender_reader"
    statement_timeout_ms: int = 2000
    pool_size: int = 8
    pool_wait_seconds: float = 2.0
    version_seconds: float = 1.0
    keep_seconds: float = 5.0
    hold_seconds: float = 900.0
    cache_bytes: int = 24_000_000
    page_seconds: float = 60.0
    uncached_per_minute: int = 6000
    interval_minutes: int = 60
    github_url: str = "https://github.com"
    dagster_url: str | None = None
    png_seconds: float = 5.0
    clock: Callable[[], datetime] = utc_now

    @property
    def is_https(self) -> bool:
        """Whether browsers reach this process over TLS, so that HSTS makes sense."""
        return self.base_url.startswith("https://")
