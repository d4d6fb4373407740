"""Two real connections deadlock, or get in each other's way; the loading code tries again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from tests.warehouse.test_load import NOON, attempt, batch
from trender_assets.github.cache import CachedAnswer
from trender_assets.raw import load
from trender_assets.raw.load import LOAD_LOCK, land
from trender_assets.warehouse import retry
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.http_cache import PostgresETagStore
from trender_assets.warehouse.retry import ATTEMPTS, in_transaction

PATIENCE = 30.0


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often the landing was begun."""
    begun: list[int] = []
    real = load._land

    def counted(cursor, given):
        begun.append(1)
        return real(cursor, given)

    monkeypatch.setattr(load, "_land", counted)
    return begun


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.005)


def waits_for_a_lock(connection: psycopg.Connection, pid: int) -> bool:
    row = connection.execute(
        "select exists (select 1 from pg_locks where pid = %s and not granted)", [pid]
    ).fetchone()
    return row is not None and row[0]


@contextmanager
def victim(url: str, deadlock_timeout: str = "1s") -> Iterator[psycopg.Connection]:
    """A connection that looks for deadlocks early, and so is the one that PostgreSQL ends."""
    with connect(url) as connection:
        connection.execute(f"set deadlock_timeout = '{deadlock_timeout}'")  # type: ignore[arg-type]
        connection.commit()
        yield connection


class Opponent:
    """Another program: holds the fetch log, then wants the load lock that a landing holds."""

    def __init__(self, url: str) -> None:
        self._watch = connect(url, autocommit=True)
        self._connection = connect(url)
        self._connection.execute("set deadlock_timeout = '60s'")
        self._connection.commit()

    def hold(self) -> None:
        self._connection.execute("lock table raw.fetch_log in exclusive mode")

    def collide(self, pid: int) -> None:
        """Wait for the landing to wait for us, then wait for it: a deadlock."""
        until(lambda: waits_for_a_lock(self._watch, pid))
        self._connection.execute("select pg_advisory_xact_lock(%s)", [LOAD_LOCK])
        self._connection.rollback()

    def close(self) -> None:
        self._connection.close()
        self._watch.close()


@pytest.fixture
def opponent(warehouse_url: str) -> Iterator[Opponent]:
    found = Opponent(warehouse_url)
    yield found
    found.close()


def counts(url: str) -> tuple[int, int]:
    with connect(url) as connection:
        row = connection.execute(
            "select (select count(*) from raw.fetch_log), (select count(*) from raw.raw_github_repos)"
        ).fetchone()
    assert row is not None
    return row


def test_a_landing_that_deadlocks_lands_once(
    warehouse_url: str, opponent: Opponent, tries: list[int]
) -> None:
    """40P01 from PostgreSQL itself, not from a mock."""
    with victim(warehouse_url) as connection, ThreadPoolExecutor(1) as pool:
        opponent.hold()
        landing = pool.submit(land, connection, batch(attempt(10), attempt(7, repo_id=2)))
        opponent.collide(connection.info.backend_pid)
        landed = landing.result(PATIENCE)
    assert len(tries) == 2
    assert landed.added == {"repos": 2} and landed.attempts == {"repos": 2}
    assert counts(warehouse_url) == (2, 2)


def test_five_deadlocks_are_enough(
    warehouse_url: str, opponent: Opponent, tries: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sixth is not tried: the error comes out, nothing is written, the next load works."""
    monkeypatch.setattr(retry.random, "uniform", lambda low, high: 0.25)
    with connect(warehouse_url) as connection:
        land(connection, batch(attempt(1)))
    tries.clear()
    with victim(warehouse_url, "500ms") as connection, ThreadPoolExecutor(1) as pool:
        opponent.hold()
        landing: Future = pool.submit(land, connection, batch(attempt(2), run="run-2"))
        for left in range(ATTEMPTS - 1, -1, -1):
            opponent.collide(connection.info.backend_pid)
            if left:
                opponent.hold()
        with pytest.raises(psycopg.errors.DeadlockDetected):
            landing.result(PATIENCE)
        assert len(tries) == ATTEMPTS == 5
        assert counts(warehouse_url) == (1, 1)
        assert land(connection, batch(attempt(2), run="run-3")).added == {"repos": 1}
    assert counts(warehouse_url) == (2, 2)


def answer(key: str, etag: str) -> CachedAnswer:
    return CachedAnswer(key, etag, None, None, b"body", 200, NOON)


def test_cached_answers_that_deadlock_with_another_writer_are_stored(warehouse_url: str) -> None:
    """The other writer takes the rows in the other order."""
    store = PostgresETagStore(warehouse_url)
    store.save([answer("a", "1"), answer("b", "1")])
    with (
        connect(warehouse_url) as other,
        connect(warehouse_url, autocommit=True) as watch,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute("set deadlock_timeout = '60s'")
        other.execute("update raw.http_cache set status = 201 where key = 'b'")
        saving = pool.submit(store.save, [answer("b", "2"), answer("a", "2")])
        until(
            lambda: (
                watch.execute("select count(*) from pg_locks where not granted").fetchone() == (1,)
            )
        )
        other.execute("update raw.http_cache set status = 201 where key = 'a'")
        other.commit()
        saving.result(PATIENCE)
        row = watch.execute(
            "select deadlocks from pg_stat_database where datname = current_database()"
        )
        assert row.fetchone() == (1,)
    assert {key: found.etag for key, found in store.load(["a", "b"]).items()} == {
        "a": "2",
        "b": "2",
    }


@pytest.fixture
def strict_url(warehouse_url: str) -> str:
    """A database whose owner made transactions stricter than PostgreSQL's default."""
    with connect(warehouse_url, autocommit=True) as connection:
        connection.execute(
            f'alter database "{connection.info.dbname}" '  # type: ignore[arg-type]
            "set default_transaction_isolation to 'repeatable read'"
        )
    return warehouse_url


def test_a_write_that_another_overtook_is_tried_again(strict_url: str) -> None:
    """40001: the row was committed by somebody else after our snapshot was taken."""
    store = PostgresETagStore(strict_url)
    with (
        connect(strict_url) as other,
        connect(strict_url, autocommit=True) as watch,
        ThreadPoolExecutor(1) as pool,
    ):
        other.execute(
            "insert into raw.http_cache (key, etag, body, status, fetched_at) "
            "values ('k', 'theirs', '', 200, %s)",
            [NOON],
        )
        saving = pool.submit(store.save, [answer("k", "ours")])
        until(
            lambda: (
                watch.execute("select count(*) from pg_locks where not granted").fetchone() == (1,)
            )
        )
        other.commit()
        saving.result(PATIENCE)
    assert store.load(["k"])["k"].etag == "ours"


def test_serializable_landings_side_by_side_all_land(warehouse_url: str) -> None:
    """Each payload once, each attempt once, whatever PostgreSQL refuses meanwhile."""
    with connect(warehouse_url, autocommit=True) as connection:
        connection.execute(
            f'alter database "{connection.info.dbname}" '  # type: ignore[arg-type]
            "set default_transaction_isolation to 'serializable'"
        )
    start = threading.Barrier(3)

    def load_some(worker: int) -> None:
        with connect(warehouse_url) as connection:
            start.wait(PATIENCE)
            for number in range(4):
                given = batch(attempt(number, repo_id=worker), run=f"run-{worker}-{number}")
                land(connection, replace(given, source=f"s{worker}"))

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(load_some, worker) for worker in range(1, 4)]:
            done.result(PATIENCE)
    assert counts(warehouse_url) == (12, 12)


def test_a_retry_sees_the_present_even_after_a_look_before(strict_url: str) -> None:
    """The marketing assets read first and then write over the same connection."""
    seen: list[int] = []
    with connect(strict_url) as ours, connect(strict_url) as other:
        assert ours.execute("select count(*) from raw.http_cache").fetchone() == (0,)

        def work(cursor: psycopg.Cursor) -> None:
            cursor.execute("select count(*) from raw.http_cache")
            found = cursor.fetchone()
            assert found is not None
            seen.append(found[0])
            if len(seen) == 1:
                other.execute(
                    "insert into raw.http_cache (key, etag, body, status, fetched_at) "
                    "values ('k', 'theirs', '', 200, %s)",
                    [NOON],
                )
                other.commit()
            cursor.execute(
                "insert into raw.http_cache (key, etag, body, status, fetched_at) "
                "values ('k', 'ours', '', 200, %s) on conflict (key) do update set etag = 'ours'",
                [NOON],
            )

        in_transaction(ours, work)
        assert seen == [0, 1]
        assert other.execute("select etag from raw.http_cache").fetchall() == [("ours",)]


def test_what_the_caller_wrote_is_neither_committed_nor_repeated(warehouse_url: str) -> None:
    begun: list[int] = []
    with connect(warehouse_url) as connection, connect(warehouse_url) as other:
        connection.execute(
            "insert into raw.http_cache (key, etag, body, status, fetched_at) "
            "values ('k', 'e', '', 200, %s)",
            [NOON],
        )

        def work(cursor: psycopg.Cursor) -> None:
            begun.append(1)
            raise psycopg.errors.SerializationFailure("once more?")

        with pytest.raises(psycopg.errors.SerializationFailure):
            in_transaction(connection, work)
        assert begun == [1]
        assert other.execute("select count(*) from raw.http_cache").fetchone() == (0,)
        connection.commit()
        other.commit()
        assert other.execute("select count(*) from raw.http_cache").fetchone() == (1,)


def test_other_errors_are_not_tried_again(
    warehouse_url: str, opponent: Opponent, tries: list[int]
) -> None:
    """A lock that is not given in time, a statement that was cancelled, a row that breaks a rule."""
    opponent.hold()
    with connect(warehouse_url) as connection:
        for setting, error in (
            ("lock_timeout", psycopg.errors.LockNotAvailable),
            ("statement_timeout", psycopg.errors.QueryCanceled),
        ):
            connection.execute(f"set {setting} = '100ms'")  # type: ignore[arg-type]
            connection.commit()
            tries.clear()
            with pytest.raises(error):
                land(connection, batch(attempt(1)))
            assert len(tries) == 1
            connection.execute(f"reset {setting}")  # type: ignore[arg-type]
            connection.commit()
    opponent._connection.rollback()
    tries.clear()
    broken = replace(attempt(1), outcome="no such outcome")  # type: ignore[arg-type]
    with connect(warehouse_url) as connection, pytest.raises(psycopg.errors.CheckViolation):
        land(connection, batch(broken))
    assert len(tries) == 1
    assert counts(warehouse_url) == (0, 0)
