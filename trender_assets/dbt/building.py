"""Saying that a build of the models is going on, so that readers keep to the state before it.

Define here how a build announces itself. It commits model by model; what a reader makes of the
announcement is the reader's business (`trender_web.data.published`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import psycopg
from psycopg.conninfo import make_conninfo

from trender_assets.warehouse.connect import LIBPQ_ENVIRONMENT

BUILD_LOCK = 7_305_003


@contextmanager
def announced(environment: Mapping[str, str]) -> Iterator[None]:
    """Hold the build lock for the time of the block.

    It is shared: it keeps nobody from building, and PostgreSQL drops it with the connection of a
    builder that died. Without an answer from the server the build itself says what is wrong.

    Args:
        environment: libpq's variables of the warehouse.
    """
    given = {
        name: environment[variable]
        for name, variable in LIBPQ_ENVIRONMENT.items()
        if environment.get(variable)
    }
    try:
        connection = psycopg.connect(
            make_conninfo(**given), autocommit=True, connect_timeout=10,
            application_name="trender-build",
        )  # fmt: skip
    except psycopg.Error:
        yield
        return
    try:
        connection.execute("select pg_advisory_lock_shared(%s)", [BUILD_LOCK])
        yield
    finally:
        with suppress(psycopg.Error):
            # A closed connection gives its locks back too, but not before its process has ended.
            connection.execute("select pg_advisory_unlock_shared(%s)", [BUILD_LOCK])
            connection.close()
