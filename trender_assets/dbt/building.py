"""Saying that a build of the models is going on, so that readers keep to the state before it.

Define here how a build announces itself. It commits model by model; what a reader makes of the
announcement is the reader's business (`trender_web.data.published`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from trender_assets.warehouse.connect import connect, of_environment
from trender_assets.warehouse.errors import WarehouseUnavailable

BUILD_LOCK = 7_305_003


@contextmanager
def announced(environment: Mapping[str, str]) -> Iterator[None]:
    """Hold the build lock for the time of the block.

    It is shared: it keeps nobody from building, and PostgreSQL drops it with the connection of a
    builder that died. It belongs to a transaction, so that it is given back at its end, also
    through a pooler.

    Args:
        environment: libpq's variables of the warehouse.

    Raises:
        WarehouseUnavailable: When the build can't be announced, or the announcement was cut
            before the block ended.
    """
    connection = connect(of_environment(environment), application_name="trender-build")
    try:
        # It waits for as long as the longest model takes.
        connection.execute("set local idle_in_transaction_session_timeout = 0")
        connection.execute("select pg_advisory_xact_lock_shared(%s)", [BUILD_LOCK])
        yield
        try:
            connection.commit()
        except psycopg.OperationalError as error:
            raise WarehouseUnavailable(
                "The connection that says that a build goes on was cut, so the dashboard may have "
                "shown a state between two; build again."
            ) from error
    finally:
        connection.close()
