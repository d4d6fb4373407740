"""The state that pages are made from: one snapshot, taken while no build was half done.

A build commits model by model, so between two commits the tables are of two generations. Every
answer therefore reads one exported snapshot, and while a build goes on the snapshot is the one
from before it. Builds say that they go on by an advisory lock, which ends with them.

Define here which snapshot is shown and for how long. How a connection uses it belongs to `store`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from trender_web.config import WebConfig
from trender_web.data.statements import Row, query
from trender_web.data.version import DataVersion, read_generation, read_version

# The key that `trender_assets.dbt.building` locks; a test compares them.
BUILD_LOCK = 7_305_003
# A build that began and ended between the two looks at its lock would go unseen.
LONGEST_LOOK = 0.5
CANNOT_EXPORT = (
    psycopg.errors.DiskFull,
    psycopg.errors.FeatureNotSupported,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,
)
Connection = psycopg.Connection[Row]


@dataclass(frozen=True)
class Published:
    """One state to make pages from.

    Attributes:
        snapshot: The exported snapshot's name, to import into other connections; None when the
            server could not export one (it writes a file, so not onto a full disk).
        version: Which state it is.
        generation: The tables it belongs to; in others its rows can't be seen.
        is_whole: Whether no build was going on when it was taken.
        taken: When, by the monotonic clock.
    """

    snapshot: str | None
    version: DataVersion
    generation: Row
    is_whole: bool
    taken: float


class PublishedState:
    """Keeps a snapshot open and renews it, but not in the middle of a build.

    An open snapshot keeps PostgreSQL from cleaning up what came after it. So it is renewed every
    few seconds also when nobody asks, and is held through a build for a limited time.

    Args:
        config: For the limits.
        open_connection: Opens a connection of its own, in autocommit.
    """

    def __init__(self, config: WebConfig, open_connection: Callable[[], Connection]) -> None:
        self._config = config
        self._open = open_connection
        self._lock = threading.Lock()
        self._published: Published | None = None
        self._asked = float("-inf")
        # The holders of the present snapshot and of the one before it, which a reader may be
        # about to import.
        self._holders: list[Connection] = []
        self._closed = threading.Event()
        self._keeper: threading.Thread | None = None

    def current(self) -> Published:
        """The state to show now; looked at anew when the last look is older than configured.

        Raises:
            psycopg.Error: When the database can't be asked.
        """
        published = self._published
        if published and time.monotonic() - self._asked < self._config.version_seconds:
            return published
        if not self._lock.acquire(timeout=self._config.pool_wait_seconds):
            raise psycopg.OperationalError("the published state is being looked at")
        try:
            return self._renew()
        finally:
            self._lock.release()

    def forget(self, published: Published) -> None:
        """Use this state no more: its tables were replaced, or its snapshot is gone."""
        with self._lock:
            if self._published is published:
                self._drop()

    def close(self) -> None:
        """End the snapshot; a later `current` begins anew."""
        self._closed.set()
        with self._lock:
            self._drop()
            self._keeper = None

    def _renew(self) -> Published:
        try:
            self._published = self._look()
        except BaseException:
            self._drop()
            raise
        self._asked = time.monotonic()
        if self._keeper is None:
            self._closed = threading.Event()
            self._keeper = threading.Thread(
                target=self._keep, args=(self._closed,), name="published", daemon=True
            )
            self._keeper.start()
        return self._published

    def _look(self) -> Published:
        """The state to show: a new one, or the held one while a build goes on."""
        holder = self._holders.pop(0) if len(self._holders) > 1 else self._open()
        held = self._published
        try:
            holder.rollback()
            found = None
            is_building = _is_building(holder)
            if not (is_building and self._may_hold(held)):
                found = self._take(holder, is_building=is_building)
                if found.is_whole or not self._may_hold(held):
                    self._holders.append(holder)
                    return found
                holder.rollback()
        except BaseException:
            holder.close()
            raise
        self._holders.insert(0, holder)
        assert held is not None
        return held

    def _take(self, holder: Connection, *, is_building: bool) -> Published:
        began = time.monotonic()
        holder.execute("begin isolation level repeatable read read only")
        try:
            exported = holder.execute("select pg_export_snapshot() as name").fetchone() or {}
        except CANNOT_EXPORT:
            holder.rollback()
            return Published(
                None, read_version(holder), read_generation(holder), is_whole=False,
                taken=time.monotonic(),
            )  # fmt: skip
        # Going back to the savepoint lets go of the tables' locks: a holder with locks would keep
        # a full refresh from replacing the tables.
        holder.execute("savepoint looking")
        generation, version = read_generation(holder), read_version(holder)
        is_building = _is_building(holder) or is_building
        holder.execute("rollback to savepoint looking")
        taken = time.monotonic()
        return Published(
            snapshot=exported["name"],
            version=version,
            generation=generation,
            is_whole=not is_building and taken - began < LONGEST_LOOK,
            taken=taken,
        )

    def _may_hold(self, held: Published | None) -> bool:
        return (
            held is not None
            and held.is_whole
            and time.monotonic() - held.taken < self._config.hold_seconds
        )

    def _keep(self, closed: threading.Event) -> None:
        """Renew now and then; whoever asks next opens what is lost meanwhile."""
        while not closed.wait(self._config.keep_seconds):
            with self._lock:
                if not closed.is_set() and self._published:
                    self._renew_quietly()

    def _renew_quietly(self) -> None:
        try:
            self._holders[-1].execute("select 1")
            self._renew()
        except psycopg.Error:
            self._drop()

    def _drop(self) -> None:
        self._published = None
        holders, self._holders = self._holders, []
        for holder in holders:
            holder.close()


def _is_building(connection: Connection) -> bool:
    row = connection.execute(query("building"), {"key": BUILD_LOCK}).fetchone()
    return bool(row and row["is_building"])
