"""The way to the data: a few read-only connections and the version of what they read.

Define here how the database is reached, how long it may take, and what its failures are called.
What is asked belongs to the SQL beside the page that shows it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from trender_web.config import WebConfig
from trender_web.data.published import Published, PublishedState
from trender_web.data.statements import Row, query
from trender_web.data.version import DataVersion, read_generation, read_version

__all__ = ["DataVersion", "Reading", "Row", "Store", "StoreUnavailable", "query"]
log = logging.getLogger(__name__)
T = TypeVar("T")
# A connection that broke, a plan that a rebuilt table outdated, a table between two builds.
# A statement that ran into its timeout is an OperationalError too, but repeating it only hurts.
REPEATABLE = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.UndefinedTable,
    psycopg.InterfaceError,
)
# What PostgreSQL says, by version, of a snapshot whose holder has ended.
GONE = (
    psycopg.errors.InvalidParameterValue,
    psycopg.errors.ObjectNotInPrerequisiteState,
    psycopg.errors.UndefinedObject,
)


class SnapshotGone(Exception):
    """Whoever held the snapshot has ended it; there is a newer one."""

    def __init__(self, published: Published) -> None:
        super().__init__()
        self.published = published


class StoreUnavailable(Exception):
    """The database can't be asked at the moment; the text names no internals."""


class Reading:
    """One connection for the time of one answer; before the first build every table is empty."""

    def __init__(self, connection: psycopg.Connection[Row], version: DataVersion) -> None:
        self._connection = connection
        self.version = version

    def rows(self, name: str, /, **values: Any) -> list[Row]:
        """All rows of a named query."""
        return self.execute(query(name), **values)

    def row(self, name: str, /, **values: Any) -> Row | None:
        """The first row of a named query, or None."""
        return next(iter(self.rows(name, **values)), None)

    def execute(self, text: LiteralString, /, **values: Any) -> list[Row]:
        """All rows of a query that was composed from files of ours."""
        return self._connection.execute(text, values).fetchall() if self.version.is_built else []


class Store:
    """A bounded set of read-only connections to one database.

    Connections are opened when needed and kept; one that broke is dropped. Every connection
    takes on the reading role, the analytics schema, a statement timeout and UTC.
    """

    def __init__(self, config: WebConfig) -> None:
        self._config = config
        self._idle: list[psycopg.Connection[Row]] = []
        self._slots = threading.BoundedSemaphore(config.pool_size)
        self._lock = threading.Lock()
        self._published = PublishedState(config, self._open)
        self._warned = False

    def read(self, work: Callable[[Reading], T]) -> T:
        """Do `work` with one connection and one data version.

        Everything is read from one snapshot, so that no page is half old and half new. Only
        when the tables themselves were replaced meanwhile is the work repeated.

        Raises:
            StoreUnavailable: When the database does not answer in time, refuses, or lacks
                what is asked for.
        """
        for attempts_left in (2, 1, 0):
            try:
                published = self._published.current()
                with self._connection() as connection:
                    if published.snapshot is None or not attempts_left:
                        before = read_version(connection)
                        result = work(Reading(connection, before))
                        if not attempts_left or read_version(connection) == before:
                            return result
                        continue
                    _begin(connection, published)
                    if read_generation(connection) == published.generation:
                        result = work(Reading(connection, published.version))
                        if read_generation(connection) == published.generation:
                            return result
                self._published.forget(published)
            except SnapshotGone as gone:
                self._published.forget(gone.published)
            except psycopg.Error as error:
                self._forget_idle()
                if not attempts_left or not isinstance(error, REPEATABLE):
                    log.warning("database: %s", type(error).__name__)
                    raise StoreUnavailable(_reason(error)) from None
        raise AssertionError("unreachable")

    def version(self) -> DataVersion:
        """The present data version.

        Raises:
            StoreUnavailable: When the database can't be asked.
        """
        return self.read(lambda reading: reading.version)

    def close(self) -> None:
        """Close every idle connection."""
        self._published.close()
        self._forget_idle()

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Row]]:
        if not self._slots.acquire(timeout=self._config.pool_wait_seconds):
            raise psycopg.OperationalError("no free connection")
        try:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            connection = connection or self._open()
            try:
                yield connection
            except psycopg.Error:
                connection.close()
                raise
            finally:
                # What a page itself refuses (404, 308) is no fault of the connection.
                if not connection.closed:
                    connection.rollback()
                    with self._lock:
                        self._idle.append(connection)
        finally:
            self._slots.release()

    def _open(self) -> psycopg.Connection[Row]:
        connection = psycopg.Connection[Row].connect(
            self._config.database_url,
            autocommit=True,
            connect_timeout=2,
            application_name="trender-web",
            row_factory=dict_row,
        )
        try:
            connection.execute(
                "select set_config('statement_timeout', %(timeout)s, false), "
                "set_config('default_transaction_read_only', 'on', false), "
                "set_config('search_path', 'analytics', false), "
                "set_config('timezone', 'UTC', false), set_config('jit', 'off', false)",
                {"timeout": str(self._config.statement_timeout_ms)},
            )
            self._take_role(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _take_role(self, connection: psycopg.Connection[Row]) -> None:
        """Become the reading role; only a missing role is forgiven, with a warning."""
        try:
            connection.execute(
                "select set_config('role', %(role)s, false)", {"role": self._config.role}
            )
        except psycopg.errors.InvalidParameterValue:
            if not self._warned:
                log.warning("role %s does not exist; reading as the given user", self._config.role)
                self._warned = True

    def _forget_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _begin(connection: psycopg.Connection[Row], published: Published) -> None:
    """Begin a transaction that sees what was published; who gives the connection back ends it."""
    begin = sql.SQL(
        "begin isolation level repeatable read read only; set transaction snapshot {}"
    ).format(published.snapshot)
    try:
        connection.execute(begin)
    except GONE:
        connection.close()
        raise SnapshotGone(published) from None


def _reason(error: Exception) -> str:
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "The database took too long to answer."
    if isinstance(error, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return "Part of the data is missing; the next run rebuilds it."
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "The dashboard is not allowed to read part of the data."
    return "The database can't be reached."
