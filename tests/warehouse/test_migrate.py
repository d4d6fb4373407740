"""Migrations: fresh, repeated, racing, newer than the code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from trender_assets.raw import migrate as migrations
from trender_assets.raw.migrate import (
    READER,
    current_revision,
    migrate,
    newest_revision,
    revisions,
)
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.errors import WarehouseError, WarehouseTooNew


def test_a_fresh_database_gets_the_newest_revision(database_url: str) -> None:
    assert migrate(database_url) == newest_revision()
    with connect(database_url) as connection:
        assert current_revision(connection) == newest_revision()
        assert connection.execute("select count(*) from raw_github_repos").fetchone() == (0,)


def test_bare_names_work_through_the_search_path(warehouse_url: str, database_url: str) -> None:
    migrate(database_url)
    with connect(database_url) as connection:
        path = connection.execute("show search_path").fetchone()
    assert path is not None and path[0].startswith("dagster, analytics, staging, raw")


def test_dagster_tables_in_public_stay_where_they_are(database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute("create table public.event_logs (id int)")
        connection.commit()
    migrate(database_url)
    with connect(database_url) as connection:
        path = connection.execute("show search_path").fetchone()
    assert path is not None and path[0].startswith("public, analytics")


def test_running_again_changes_nothing(warehouse_url: str) -> None:
    assert migrate(warehouse_url) == migrate(warehouse_url)


@pytest.mark.parametrize("before", revisions()[:-1])
def test_a_database_of_any_version_before_keeps_its_rows(database_url: str, before: str) -> None:
    """An older database was once imitated by undoing today's schema by hand, which every new
    migration broke; now the older version is really made, and rows of it stay what they were."""
    assert migrate(database_url, to=before) == before
    with connect(database_url) as connection:
        assert current_revision(connection) == before
        connection.execute(
            "insert into raw.raw_quarantine (run_id, source, stream, reason, as_of, fetched_at) "
            "values ('r', 'go', 'repos', 'too deep', now(), now())"
        )
        connection.commit()
    assert migrate(database_url) == newest_revision()
    with connect(database_url) as connection:
        kept = connection.execute(
            "select source, reason, payload, payload_size, payload_sha256, request "
            "from raw.raw_quarantine"
        ).fetchall()
    assert kept == [("go", "too deep", None, None, None, None)]


def test_two_at_once_both_succeed(database_url: str) -> None:
    """Two processes may start on a fresh database at the same moment."""
    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(migrate, [database_url, database_url])) == {newest_revision()}


def test_a_database_newer_than_the_code_is_refused(warehouse_url: str) -> None:
    """An old Trender must not touch a newer database."""
    with connect(warehouse_url) as connection:
        connection.execute("update raw.trender_version set version_num = '9999_future'")
        connection.commit()
    with pytest.raises(WarehouseTooNew, match="9999_future"):
        migrate(warehouse_url)


@pytest.mark.parametrize("to", [revisions()[0], "9999_future", "0003"])
def test_a_database_is_never_marked_as_older_than_it_is(warehouse_url: str, to: str) -> None:
    """Asked for an older revision or one that there is not, it wrote that name down over the
    newest, and the next migration ran again what had long been applied."""
    with pytest.raises(WarehouseError, match=to):
        migrate(warehouse_url, to=to)
    with connect(warehouse_url) as connection:
        assert current_revision(connection) == newest_revision()


def test_the_reader_reads_analytics_and_nothing_else(warehouse_url: str) -> None:
    """The dashboard's role could read every raw answer, although its pages need none of them."""
    with connect(warehouse_url) as connection:
        connection.execute("create table analytics.shown (number int)")
        connection.commit()
        for statement, is_allowed in (
            ("select * from analytics.shown", True),
            ("delete from analytics.shown", False),
            ("select * from raw.fetch_log", False),
            ("select * from staging.repo_file_findings", False),
        ):
            connection.execute(f"set role {READER}")
            if is_allowed:
                connection.execute(statement)
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
            connection.rollback()


def test_an_upgrade_takes_raw_from_the_reader(database_url: str) -> None:
    migrate(database_url, to="0005_streams")
    with connect(database_url, autocommit=True) as connection:
        connection.execute(
            f"grant usage on schema raw to {READER}; grant select on all tables in schema raw to {READER}"
        )
        migrate(database_url)
        connection.execute(f"set role {READER}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from raw.fetch_log")


def test_a_migration_that_fails_leaves_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All missing revisions are applied in one transaction, or none."""
    for name, text in (("0001_a", "create schema staging; create schema analytics;"
                        "create table raw.a (x int)"), ("0002_b", "create table raw.b (")):  # fmt: skip
        (tmp_path / f"{name}.sql").write_text(text)
    monkeypatch.setattr(migrations, "MIGRATIONS", tmp_path)
    with pytest.raises(psycopg.errors.SyntaxError):
        migrate(database_url)
    with connect(database_url) as connection:
        assert current_revision(connection) is None
        assert connection.execute("select to_regclass('raw.a')").fetchone() == (None,)
