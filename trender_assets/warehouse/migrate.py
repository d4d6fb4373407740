"""Bringing a database to the newest version of the raw layer.

Define here how migrations run and what every database needs around them (schemas, search
path, the role that may only read). The tables themselves are in `migrations/versions`.
"""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from trender_assets.warehouse.connect import connect, normalised
from trender_assets.warehouse.errors import WarehouseTooNew

MIGRATIONS = Path(__file__).parent / "migrations"
READER = "trender_reader"
MIGRATION_LOCK = 7_305_001
SEARCH_PATH = ("dagster", "analytics", "staging", "raw", "public")


def migrate(url: str) -> str:
    """Bring the database at `url` to the newest version; safe to repeat and to race.

    Returns:
        The revision the database is at.

    Raises:
        WarehouseTooNew: When the database is newer than this code.
        WarehouseUnavailable: When no server answers.
    """
    head = newest_revision()
    with connect(url, autocommit=True, patience=10) as connection:
        if current_revision(connection) == head:
            return head
        connection.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
        _upgrade(url, connection)
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


def newest_revision() -> str:
    """The revision this code knows as the newest: the last file's number."""
    return sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.sql"))[-1]


def _upgrade(url: str, connection: psycopg.Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    known = {path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.sql")}
    present = current_revision(connection)
    if present is not None and present not in known:
        raise WarehouseTooNew(
            f"The database is at version {present}, which this Trender does not know. "
            "Update Trender, or point DATABASE_URL to another database."
        )
    connection.execute("create schema if not exists raw")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = normalised(url)
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise WarehouseTooNew(str(error)) from error


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
    """Create the role of the dashboard: it can read three schemas and nothing else."""
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
    for schema in ("raw", "staging", "analytics"):
        connection.execute(
            sql.SQL(
                "grant usage on schema {schema} to {reader}; "
                "grant select on all tables in schema {schema} to {reader}; "
                "alter default privileges in schema {schema} grant select on tables to {reader}"
            ).format(schema=sql.Identifier(schema), reader=sql.Identifier(READER))
        )
