"""Reading stored files that detection has not seen, and keeping what it found.

Define here the two queries around `detection`; what a file means does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from trender_assets.warehouse.retry import in_transaction

BATCH_SIZE = 200
COLUMNS = "raw_file_id, repo_id, detector_version, blueprint, nextjs, deployment, fetch_timestamp"


@dataclass(frozen=True)
class FileSet:
    """One raw_repo_files row."""

    raw_file_id: int
    repo_id: int
    repo_full_name: str
    files: dict[str, dict[str, Any]]
    fetch_timestamp: datetime


def undetected_files(
    connection: psycopg.Connection, detector_version: int
) -> Iterator[list[FileSet]]:
    """Stored file sets without findings of this detector version, in batches by id."""
    last = 0
    while True:
        rows = connection.execute(
            """
            select raw.id, raw.repo_id, raw.repo_full_name, raw.files, raw.fetch_timestamp
            from raw.raw_repo_files as raw
            left join staging.repo_file_findings as found
                on raw.id = found.raw_file_id and found.detector_version = %s
            where found.raw_file_id is null and raw.id > %s
            order by raw.id limit %s
            """,
            [detector_version, last, BATCH_SIZE],
        ).fetchall()
        connection.commit()
        if not rows:
            return
        last = rows[-1][0]
        yield [FileSet(*row) for row in rows]


def replace_findings(connection: psycopg.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Store findings, replacing those of an older detector for the same file set."""
    in_transaction(connection, lambda cursor: _replace(cursor, rows))


def _replace(cursor: psycopg.Cursor, rows: Sequence[tuple[Any, ...]]) -> None:
    cursor.execute("create temporary table found (like staging.repo_file_findings) on commit drop")
    with cursor.copy("copy found from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(
        f"""
        insert into staging.repo_file_findings ({COLUMNS}) select {COLUMNS} from found
        on conflict (raw_file_id) do update set
            detector_version = excluded.detector_version, blueprint = excluded.blueprint,
            nextjs = excluded.nextjs, deployment = excluded.deployment
        """  # noqa: S608 - a constant list of columns
    )
