"""Bringing a database to the newest version of the raw layer.

Define here how migrations run and what every database needs around them (schemas, search
path, the role that may only read). The shared tables are in `migrations/*.sql`, one file a
revision, applied in the order of their names; a stream's own table comes from the registry.
"""

from __future__ import annotations

from pathlib import Path
from typing import LiteralString, cast

import psycopg
from psycopg import sql

from trender_assets.raw.streams import is_published, publish
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.errors import WarehouseError, WarehouseTooNew

MIGRATIONS = Path(__file__).parent / "migrations"
READER = "trender_reader"
MIGRATION_LOCK = 7_305_001
SEARCH_PATH = ("dagster", "analytics", "staging", "raw", "public")


def migrate(url: str, *, to: str | None = None) -> str:
    """Bring the database at `url` to the newest version; safe to repeat and to race.

    Args:
        url: The database.
        to: Go no further than this revision, and leave the streams as that revision knew them.

    Returns:
        The revision the database is at.

    Raises:
        WarehouseTooNew: When the database is newer than this code, or than `to`.
        WarehouseError: When there is no revision `to`.
        WarehouseUnavailable: When no server answers.
    """
    head = to or newest_revision()
    if head not in revisions():
        raise WarehouseError(f"There is no version {head}; there are {', '.join(revisions())}.")
    with connect(url, autocommit=True, patience=10) as connection:
        if current_revision(connection) == head and (to or is_published(connection.cursor())):
            return head
        connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        _upgrade(connection, head)
        if to is None:
            with connection.transaction():
                publish(connection.cursor())
        set_search_path(connection)
        _allow_reading(connection)
    return head


def current_revision(connection: psycopg.Connection) -> str | None:
    """The revision a database is at, or None when it was never migrated."""
    exists = connection.execute("select to_regclass('raw.trender_version')").fetchone()
    if exists is None or exists[0] is None:
        return None
    row = connection.execute("select version_num from raw.trender_version").fetchone()
    return None if row is None else str(row[0])


def revisions() -> list[str]:
    """Every revision this code knows, oldest first: the names of the files."""
    return sorted(path.stem for path in MIGRATIONS.glob("[0-9]*.sql"))


def newest_revision() -> str:
    """The revision this code knows as the newest."""
    return revisions()[-1]


def _upgrade(connection: psycopg.Connection, head: str) -> None:
    """Apply what is missing in one transaction: all of it or nothing."""
    present = current_revision(connection)
    if present is not None and present not in revisions():
        raise WarehouseTooNew(
            f"The database is at version {present}, which this Trender does not know. "
            "Update Trender, or point DATABASE_URL to another database."
        )
    if present is not None and present > head:
        raise WarehouseTooNew(
            f"The database is at version {present}; a migration never goes back, to {head}."
        )
    with connection.transaction():
        connection.execute("create schema if not exists raw")
        # Dagster keeps a table of Alembic's default name; the search path would show it ours.
        connection.execute(
            "create table if not exists raw.trender_version (version_num text primary key)"
        )
        for revision in revisions():
            if (present is None or revision > present) and revision <= head:
                text = (MIGRATIONS / f"{revision}.sql").read_text(encoding="utf-8")
                connection.execute(cast(LiteralString, text))
        connection.execute("delete from raw.trender_version")
        connection.execute("insert into raw.trender_version values (%s)", [head])


def set_search_path(connection: psycopg.Connection) -> None:
    """Let bare table names work in psql, and give Dagster's own tables their schema.

    A database whose public schema already holds Dagster's tables keeps them there.
    """
    connection.execute("create schema if not exists dagster")
    in_public = connection.execute("select to_regclass('public.event_logs')").fetchone()
    path = [name for name in SEARCH_PATH if in_public == (None,) or name != "dagster"]
    if in_public != (None,):
        path = ["public", *[name for name in path if name != "public"]]
    name = connection.info.dbname
    connection.execute(
        sql.SQL("alter role current_user in database {} set search_path to {}").format(
            sql.Identifier(name), sql.SQL(", ").join(sql.Identifier(part) for part in path)
        )
    )


def _allow_reading(connection: psycopg.Connection) -> None:
    """Create the role of the dashboard: it can read the analytics schema and nothing else."""
    try:
        connection.execute(
            sql.SQL(
                "do $$ begin create role {} nologin; "
                "exception when duplicate_object or unique_violation then null; end $$"
            ).format(sql.Identifier(READER))
        )
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(READER)))
    except psycopg.errors.InsufficientPrivilege:
        return
    connection.execute(
        sql.SQL(
            "grant usage on schema analytics to {reader}; "
            "grant select on all tables in schema analytics to {reader}; "
            "alter default privileges in schema analytics grant select on tables to {reader}"
        ).format(reader=sql.Identifier(READER))
    )
