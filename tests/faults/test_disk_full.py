"""A disk that is really full: PostgreSQL's whole cluster on a file system of a few megabytes.

The tests of this module are one story: filled, freed, filled until PostgreSQL itself gives up.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.warehouse.test_load import attempt, batch
from tests.web.conftest import client_of
from tests.web.world import world_database
from trender_assets.commands.failures import explain
from trender_assets.raw.load import land
from trender_assets.raw.migrate import migrate
from trender_assets.raw.rows import seal
from trender_assets.warehouse import embedded
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.errors import DISK_IS_FULL, WarehouseUnavailable
from trender_web.config import WebConfig

SIZE = 700_000_000
LEFT = 2_000_000
PAGES = ("/", "/language/go", "/render", "/meta", "/trending.json?limit=100")


@dataclass
class Disk:
    """A small file system with a PostgreSQL on it."""

    folder: Path
    url: str

    def fill(self, left: int = LEFT) -> None:
        """Leave so many bytes to PostgreSQL."""
        with (self.folder / "ballast").open("ab") as ballast:
            free = shutil.disk_usage(self.folder).free - left
            if free > 0:
                os.posix_fallocate(ballast.fileno(), ballast.tell(), free)

    def fill_until_no_snapshot_fits(self) -> None:
        """Leave nothing, and stay at it: ended backends give back their files a little later."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self.fill(left=0)
            try:
                with connect(self.url) as connection:
                    connection.execute("select pg_export_snapshot()")
            except psycopg.errors.DiskFull:
                return
        pytest.fail("PostgreSQL still finds space for a snapshot")

    def free(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)


@contextmanager
def mounted(size: int) -> Iterator[Path]:
    """A file system of so many bytes, with whatever server of ours runs on it ended."""
    # Not below pytest's folder: that is closed to the user who runs PostgreSQL.
    with tempfile.TemporaryDirectory(prefix="trender-disk-") as name:
        folder = Path(name)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", name],
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"this machine lets nobody mount a file system: {done.stderr.strip()}")
        try:
            yield folder
        finally:
            (folder / "ballast").unlink(missing_ok=True)
            stop_for_good(folder)
            subprocess.run(["umount", "--lazy", name], check=True)


@pytest.fixture(scope="module")
def disk() -> Iterator[Disk]:
    """A small disk that holds a migrated cluster with a small world in it."""
    with mounted(SIZE) as folder:
        url = embedded.start(folder)
        without_autovacuum(url)
        migrate(url)
        with world_database(url, "trender", "world", 2) as world:
            checkpoint(url)
            small = Disk(folder, world)
            yield small
            # Dropping the world needs a little space itself.
            small.free()


def without_autovacuum(url: str) -> None:
    """Keep a full disk full: autovacuum gives back what a refused landing had taken."""
    with connect(url, autocommit=True) as connection:
        connection.execute("alter system set autovacuum = off")
        connection.execute("select pg_reload_conf()")


def stop_for_good(folder: Path) -> None:
    """End the server also when it is still recovering and answers nobody."""
    if embedded.stop(folder):
        return
    try:
        pid = int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGQUIT)
    except (OSError, ValueError, IndexError):
        return
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def checkpoint(url: str) -> None:
    with connect(url, autocommit=True) as connection:
        connection.execute("checkpoint")


def bulky(run: str, megabytes: int):
    """A source that brought more than what is left on the disk, and can't be compressed."""
    payloads = [
        attempt(repo_id=5_000 + number, payload=seal({"noise": os.urandom(250_000).hex()}))
        for number in range(megabytes * 2)
    ]
    return batch(*payloads, run=run, source="go")


def fingerprint(url: str) -> list[tuple]:
    """Every row of every table that the pipeline writes, read from beginning to end."""
    with connect(url) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname in ('raw', 'staging', 'analytics') order by 1"
        ).fetchall()
        return [
            (name, *(connection.execute(
                f"select count(*), sum(hashtextextended(t::text, 0)) from {name} as t"  # type: ignore[arg-type]
            ).fetchone() or ()))
            for (name,) in tables
        ]  # fmt: skip


def assert_undamaged(url: str) -> None:
    """Every row is read (PostgreSQL checks each page's checksum), every index agrees with it."""
    whole = fingerprint(url)
    with connect(url, autocommit=True) as connection:
        assert connection.execute("show data_checksums").fetchone() == ("on",)
        for schema in ("raw", "staging", "analytics"):
            connection.execute(f"reindex schema {schema}")  # type: ignore[arg-type]
        failures = connection.execute(
            "select checksum_failures from pg_stat_database where datname = current_database()"
        ).fetchone()
        assert failures == (0,)
    assert fingerprint(url) == whole


async def pages(url: str) -> dict[str, httpx.Response]:
    """The dashboard's pages from a process that has kept none."""
    async with client_of(WebConfig(database_url=url)) as client:
        return {path: await client.get(path) for path in PAGES}


async def test_a_full_disk_refuses_the_landing_and_nothing_else(disk: Disk) -> None:
    """Rolled back whole, told what to do, and the dashboard serves what was there."""
    before = fingerprint(disk.url)
    kept = await pages(disk.url)
    disk.fill()
    with connect(disk.url) as connection, pytest.raises(psycopg.errors.DiskFull) as refused:
        land(connection, bulky("run-full", 20))
    message, code = explain(refused.value)
    assert message.startswith(DISK_IS_FULL) and "No space left on device" in message
    assert code == 3 and "DATABASE_URL" not in message
    assert fingerprint(disk.url) == before
    for path, answer in (await pages(disk.url)).items():
        assert answer.status_code == kept[path].status_code == 200, path
    # Not even the few bytes of an exported snapshot fit.
    disk.fill_until_no_snapshot_fits()
    data = (await pages(disk.url))["/trending.json?limit=100"].json()["data"]
    assert data == kept["/trending.json?limit=100"].json()["data"] != []


def test_small_work_goes_on_and_everything_works_when_there_is_space_again(disk: Disk) -> None:
    before = fingerprint(disk.url)
    disk.free()
    with connect(disk.url) as connection:
        landed = land(connection, bulky("run-again", 20))
        assert landed.added == {"repos": 40}
        rows = connection.execute(
            "select count(*) from raw.fetch_log where run_id in ('run-full', 'run-again')"
        ).fetchone()
        assert rows == (40,)
    assert fingerprint(disk.url) != before
    assert_undamaged(disk.url)


def test_a_disk_too_full_for_a_new_connection_is_named(disk: Disk) -> None:
    """PostgreSQL refuses everybody when it can't write the file every connection begins with."""
    with connect(disk.url, autocommit=True) as connection:
        # A changed catalogue makes PostgreSQL throw that file away.
        connection.execute("reindex table pg_class")
        disk.fill(left=0)
    with pytest.raises(WarehouseUnavailable) as refused:
        connect(disk.url)
    assert embedded.status(disk.folder).running
    disk.free()
    message, code = explain(refused.value)
    assert message.startswith(DISK_IS_FULL) and "No space left on device" in message
    assert code == 3 and "DATABASE_URL" not in message
    connect(disk.url).close()


def test_a_server_that_gave_up_comes_back_with_all_it_had(disk: Disk) -> None:
    """No room for its log: PostgreSQL stops. The message says why; with room it recovers."""
    checkpoint(disk.url)
    before = fingerprint(disk.url)
    acknowledged = {f"wal-{number}" for number in range(5)}
    with connect(disk.url) as connection:
        for run in acknowledged:
            land(connection, batch(attempt(7), run=run))
    disk.fill(left=0)
    with pytest.raises(psycopg.OperationalError):
        for _ in range(100):
            with connect(disk.url, autocommit=True) as connection:
                # Writes to the log and to nothing else.
                connection.execute(
                    "select pg_logical_emit_message(false, 'noise', repeat('x', 8000000))"
                )
    assert "PANIC" in (disk.folder / "postgres" / "log").read_text(errors="replace")
    # It may have recovered by itself, with no room to write; then it answers.
    with suppress(WarehouseUnavailable):
        embedded.start(disk.folder)
    disk.free()
    embedded.start(disk.folder)
    with connect(disk.url, patience=30) as connection:
        landed = {
            row[0]
            for row in connection.execute(
                "select run_id from raw.fetch_log where run_id like 'wal-%'"
            ).fetchall()
        }
        assert landed == acknowledged
        land(connection, batch(attempt(1_000), run="after"))
        known = dict((row[0], row[1:]) for row in fingerprint(disk.url))
    for name, *facts in before:
        if not name.startswith("raw."):
            assert known[name] == tuple(facts), name
    assert_undamaged(disk.url)


def test_a_cluster_that_does_not_fit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "START_ATTEMPTS", 1)
    told = r"disk is full: \d MB are left. Free some"
    with mounted(4_000_000) as folder, pytest.raises(WarehouseUnavailable, match=told):
        embedded.start(folder)
