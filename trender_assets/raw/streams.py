"""The registry of raw streams: what is read from GitHub, where it lands, what hangs on it.

Define a stream here, and nowhere else: its table, loading, retention, the specifications of
assets, the checks of freshness, the metadata of a run and the pipeline page come from this list.
How a stream is read belongs to its wing, what it means to dbt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, LiteralString

import psycopg
from psycopg import sql

AgeSetting = Literal["activity_max_age_hours", "star_history_max_age_hours"]

CREATE_TABLE = """
create table if not exists {table} (
    id bigint generated always as identity primary key,
    source text not null,
    repo_id bigint not null,
    repo_full_name text not null,
    {columns} {payload} jsonb not null,
    payload_sha256 text not null,
    payload_bytes bytea,
    fetch_timestamp timestamptz not null,
    run_id text not null
);
create index if not exists {index} on {table} (repo_id, id desc);
comment on table {table} is {description};
"""
# The SQL type of what a further column is filled from.
COLUMN_TYPES: Mapping[str, LiteralString] = {
    ":source_type": "text not null",
    ":source_language": "text",
    "node_id": "text not null",
    "stream": "text not null",
    "window_start": "timestamptz not null",
    "window_end": "timestamptz not null",
    "is_truncated": "boolean not null",
}


@dataclass(frozen=True)
class RawTable:
    """A table of the schema ``raw`` that payloads are appended to.

    Attributes:
        name: Its name, which is its asset's name.
        key: What a landing's counts call it.
        payload: The column of the payload.
        description: What the asset catalogue says.
        columns: Further columns, and what fills them: a column of the attempt, or a constant of
            the landing where it begins with ``:``.
        by_metric: Whether a repository has one newest row for each stream of the table.
    """

    name: str
    key: str
    payload: str
    description: str
    columns: Mapping[str, str] = field(default_factory=dict)
    by_metric: bool = False


@dataclass(frozen=True)
class Stream:
    """One kind of thing that is read of a repository.

    Attributes:
        name: Its name in the fetch log.
        table: Where what was found is kept.
        title: What the pipeline page calls it.
        age_setting: The setting that says from which age on it is stale; None when the
            freshness of its sources is checked instead.
        purposes: What its requests are asked for, in the client's report.
    """

    name: str
    table: RawTable
    title: str
    age_setting: AgeSetting | None = None
    purposes: tuple[str, ...] = ()


REPOSITORIES = RawTable(
    name="raw_github_repos",
    key="repos",
    payload="api_response",
    description=(
        "GitHub's own answer about every repository we watch. One row per repository and "
        "changed answer; the fetch log has a row for every attempt. Refreshed every hour."
    ),
    columns={
        "source_type": ":source_type",
        "source_language": ":source_language",
        "node_id": "node_id",
    },
)
STAR_HISTORY = RawTable(
    name="raw_star_history",
    key="stars",
    payload="weeks",
    description=(
        "Stars gained by day over about 7 months, as GitHub counts them. One row per repository "
        "and changed answer. Each repository is asked once a day, with its ETag."
    ),
)
FILES = RawTable(
    name="raw_repo_files",
    key="files",
    payload="files",
    description=(
        "Blueprints, manifests, Dockerfiles and READMEs. One row per repository and changed "
        "set of files. Refreshed every hour; only changed files are read again."
    ),
)
METRICS = RawTable(
    name="raw_repo_metrics",
    key="metrics",
    payload="metric_data",
    description=(
        "Commits, closed issues and commit authors of the last 7 days as GitHub listed them. "
        "One row per repository, metric and changed answer. Refreshed every hour."
    ),
    columns={
        "metric_type": "stream",
        "window_start": "window_start",
        "window_end": "window_end",
        "is_truncated": "is_truncated",
    },
    by_metric=True,
)
RELEASES = RawTable(
    name="raw_releases",
    key="releases",
    payload="releases",
    description=(
        "Releases of the last 90 days: tag, name, date and whether it is a pre-release. One row "
        "per repository and changed list. Refreshed every hour."
    ),
    columns={
        "window_start": "window_start",
        "window_end": "window_end",
        "is_truncated": "is_truncated",
    },
)

STREAMS: tuple[Stream, ...] = (
    Stream("repos", REPOSITORIES, "Repositories"),
    Stream("commits", METRICS, "Commits", "activity_max_age_hours"),
    Stream("issues", METRICS, "Closed issues", "activity_max_age_hours"),
    Stream("contributors", METRICS, "Commit authors", "activity_max_age_hours"),
    Stream("releases", RELEASES, "Releases", "activity_max_age_hours"),
    Stream("files", FILES, "Files", "star_history_max_age_hours", ("workspaces",)),
    Stream(
        "stars",
        STAR_HISTORY,
        "Star histories",
        "star_history_max_age_hours",
        ("star history", "first star history"),
    ),
)


def tables() -> list[tuple[RawTable, tuple[str, ...]]]:
    """Every raw table with the names of its streams, in the order of the registry."""
    by_name = {stream.table.name: stream.table for stream in STREAMS}
    return [(table, streams_of(name)) for name, table in by_name.items()]


def streams_of(table: str) -> tuple[str, ...]:
    """The names of the streams that a raw table holds; empty for another table."""
    return tuple(stream.name for stream in STREAMS if stream.table.name == table)


def stream_of_purpose(purpose: str) -> str:
    """The stream a request was made for; a batch of repositories brings most of them at once."""
    return next((s.name for s in STREAMS if purpose in s.purposes), STREAMS[0].name)


def is_published(cursor: psycopg.Cursor) -> bool:
    """Whether the warehouse knows exactly these streams."""
    cursor.execute("select * from raw.streams order by position")
    return cursor.fetchall() == _rows()


def publish(cursor: psycopg.Cursor) -> None:
    """Tell the warehouse which streams there are, and make the tables of new ones."""
    for table, _ in tables():
        cursor.execute(
            sql.SQL(CREATE_TABLE).format(
                table=sql.Identifier("raw", table.name),
                columns=sql.SQL("").join(
                    sql.SQL("{} {}, ").format(sql.Identifier(name), sql.SQL(COLUMN_TYPES[value]))
                    for name, value in table.columns.items()
                ),
                payload=sql.Identifier(table.payload),
                index=sql.Identifier(f"{table.name}_latest"),
                description=table.description,
            )
        )
    cursor.execute("delete from raw.streams")
    cursor.executemany("insert into raw.streams values (%s, %s, %s, %s, %s)", _rows())


def _rows() -> list[tuple[str, str, str, str | None, int]]:
    return [
        (stream.name, stream.table.name, stream.title, stream.age_setting, position)
        for position, stream in enumerate(STREAMS)
    ]
