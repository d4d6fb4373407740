"""Appending to a raw table when a payload changed, and logging every attempt.

Define here the three statements that do it, the same for every raw table. Which attempts belong
to which table, and the transaction around them, belong to `load`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from trender_assets.raw.rows import Attempt
from trender_assets.raw.streams import RawTable

CREATE_INCOMING = """
create temporary table incoming (
    position integer, stream text, repo_id bigint, repo_full_name text, node_id text,
    outcome text, reason text, payload_sha256 text,
    window_start timestamptz, window_end timestamptz, is_truncated boolean,
    discovered_by text[], fetched_at timestamptz, raw_id bigint,
    newest_id bigint, newest_sha256 text
) on commit drop;
create temporary table changed (
    position integer, payload jsonb, payload_bytes bytea
) on commit drop
"""
INCOMING_COLUMNS = (
    "position stream repo_id repo_full_name node_id outcome reason payload_sha256 "
    "window_start window_end is_truncated discovered_by fetched_at raw_id"
)
FIND_NEWEST = """
update incoming set newest_id = newest.id, newest_sha256 = newest.payload_sha256
from (
    select wanted.position, stored.id, stored.payload_sha256
    from incoming as wanted
    cross join lateral (
        select stored.id, stored.payload_sha256 from raw.{table} as stored
        where stored.repo_id = wanted.repo_id {same_metric_as_wanted}
        order by stored.id desc limit 1
    ) as stored
) as newest
where incoming.position = newest.position
"""
CHANGED_POSITIONS = """
select position from incoming
where payload_sha256 is not null and newest_sha256 is distinct from payload_sha256
"""
ADD_CHANGED = """
with added as (
    insert into raw.{table} (
        source, repo_id, repo_full_name, {columns} {payload}, payload_sha256, payload_bytes,
        fetch_timestamp, run_id
    )
    select distinct on (repo_id, stream)
        %(source)s, repo_id, repo_full_name, {values} payload, payload_sha256, payload_bytes,
        fetched_at, %(run_id)s
    from incoming
    inner join changed using (position)
    order by repo_id, stream, position
    returning *
)
update incoming set newest_id = stored.id
from added as stored
where incoming.repo_id = stored.repo_id {same_metric}
returning stored.id
"""
LOG_ATTEMPTS = """
insert into raw.fetch_log (
    run_id, stream, source, repo_id, repo_full_name, outcome, reason, raw_id, discovered_by,
    as_of, fetched_at
)
select
    %(run_id)s, stream, %(source)s, repo_id, repo_full_name, outcome, reason,
    case
        when outcome <> 'found' then null
        when payload_sha256 is not null then newest_id
        else coalesce(raw_id, newest_id)
    end,
    discovered_by, %(as_of)s, fetched_at
from incoming
order by position
"""


def append(
    cursor: psycopg.Cursor,
    table: RawTable,
    attempts: Sequence[Attempt],
    constants: Mapping[str, Any],
) -> int:
    """Append changed payloads to a raw table and every attempt to the fetch log.

    Args:
        cursor: A cursor in a transaction that holds the load lock.
        table: Where payloads go.
        attempts: What was read; nothing is done when there is nothing.
        constants: ``run_id``, ``source``, ``as_of`` and what the table's columns name.

    Returns:
        How many rows the raw table got.
    """
    if not attempts:
        return 0
    cursor.execute(CREATE_INCOMING)
    copy_rows(
        cursor, "incoming", INCOMING_COLUMNS, (_incoming(n, a) for n, a in enumerate(attempts))
    )
    cursor.execute(_for_table(FIND_NEWEST, table), constants)
    # Most payloads are those of an hour ago: only changed ones are sent.
    cursor.execute(CHANGED_POSITIONS)
    positions = [int(row[0]) for row in cursor.fetchall()]
    added = 0
    if positions:
        copy_rows(
            cursor, "changed", "position payload payload_bytes", _payloads(attempts, positions)
        )
        cursor.execute(_for_table(ADD_CHANGED, table), constants)
        added = len({row[0] for row in cursor.fetchall()})
    cursor.execute(LOG_ATTEMPTS, constants)
    cursor.execute("drop table incoming, changed")
    return added


def copy_rows(
    cursor: psycopg.Cursor, table: str, columns: str, rows: Iterable[tuple[Any, ...]]
) -> None:
    """COPY rows into a table.

    Args:
        cursor: A cursor in a transaction.
        table: Its name, with the schema where it has one.
        columns: Column names separated by blanks, in the order of the rows' values.
        rows: The rows.
    """
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table.split(".")),
        sql.SQL(", ").join(sql.Identifier(column) for column in columns.split()),
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _for_table(statement: str, table: RawTable) -> sql.Composed:
    metric = "and stored.metric_type = {}.stream" if table.by_metric else ""
    comma = sql.SQL(", ")
    values: list[sql.Composable] = [
        sql.Placeholder(value[1:]) if value.startswith(":") else sql.Identifier(value)
        for value in table.columns.values()
    ]
    return sql.SQL(statement).format(  # pyright: ignore[reportArgumentType] - our own constants
        table=sql.Identifier(table.name),
        payload=sql.Identifier(table.payload),
        columns=sql.SQL("").join(sql.Identifier(name) + comma for name in table.columns),
        values=sql.SQL("").join(value + comma for value in values),
        same_metric_as_wanted=sql.SQL(metric.format("wanted")),  # pyright: ignore[reportArgumentType]
        same_metric=sql.SQL(metric.format("incoming")),  # pyright: ignore[reportArgumentType]
    )


def _incoming(position: int, attempt: Attempt) -> tuple[Any, ...]:
    payload = attempt.payload
    return (
        position,
        attempt.stream,
        attempt.repo_id,
        attempt.repo_full_name,
        attempt.node_id,
        attempt.outcome,
        attempt.reason,
        payload.sha256 if payload else None,
        attempt.window_start,
        attempt.window_end,
        attempt.is_truncated,
        list(attempt.discovered_by),
        attempt.fetched_at,
        attempt.raw_id,
    )


def _payloads(
    attempts: Sequence[Attempt], positions: Iterable[int]
) -> Iterator[tuple[int, str, bytes | None]]:
    for position in positions:
        payload = attempts[position].payload
        assert payload is not None
        yield position, payload.json_text, payload.exact
