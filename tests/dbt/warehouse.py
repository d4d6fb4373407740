"""A warehouse that a test fills and dbt builds in this process.

Define here what is done with the database. What the models should have made of it belongs to
the tests.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.dbt.raw_rows import attempts
from tests.dbt.seen import Seen, utc
from trender_assets.dbt.runner import OTHER_STEPS
from trender_assets.raw.load import land
from trender_assets.raw.rows import Attempt, QuarantineRow, SourceBatch
from trender_assets.warehouse.connect import connect, postgres_environment

LANGUAGES = {"python": "Python", "typescript": "TypeScript", "go": "Go"}
CHECKOUT = Path(__file__).resolve().parents[2]
PROJECT = CHECKOUT / "trender_dbt"
TABLES = {
    "staging.stg_repos_validated": "repo_id",
    "staging.stg_render_enrichment": "repo_id",
    "staging.stg_repos_quarantined": "quarantine_key",
    "staging.int_observations": "repo_id, as_of",
    "staging.int_repo_sources": "repo_id, source, discovered_by",
    "analytics.repositories_current": "repo_id",
    "analytics.dim_languages": "language_key",
    "analytics.dim_render_services": "service_key",
    "analytics.dim_repositories": "repo_key",
    "analytics.fact_repo_snapshots": "snapshot_id",
    "analytics.fact_repo_snapshots_hourly": "snapshot_id",
    "analytics.fact_releases": "repo_id, tag",
    "analytics.fact_star_days": "repo_id, star_date",
    "analytics.fact_render_usage": "usage_id",
}


@dataclass
class Warehouse:
    """A migrated database, filled and built by a test."""

    url: str
    target_path: Path
    runs: int = 0

    def run(
        self,
        as_of: datetime | str,
        seen: Sequence[Seen] = (),
        *,
        source: str = "python",
        gone: Sequence[tuple[Seen, str]] = (),
        unknown: Sequence[tuple[Seen, str]] = (),
        quarantine: Sequence[QuarantineRow] = (),
    ) -> None:
        """Land what one source brought in one run.

        Args:
            as_of: The run's logical time.
            seen: What was found.
            source: The partition key.
            gone: Repositories that GitHub said are not there, with its reason.
            unknown: Repositories that could not be asked about, with the reason.
            quarantine: Answers that could not be read.
        """
        moment = utc(as_of) if isinstance(as_of, str) else as_of
        self.runs += 1
        missing = [(item, reason, "absent") for item, reason in gone]
        missing += [(item, reason, "unknown") for item, reason in unknown]
        asked = [attempt for item in seen for attempt in attempts(item, moment)]
        asked += [
            Attempt("repos", item.repo_id, item.full_name, outcome, moment, reason=reason)  # type: ignore[arg-type]
            for item, reason, outcome in missing
        ]
        batch = SourceBatch(
            run_id=f"run-{self.runs}",
            as_of=moment,
            source=source,
            source_type="trending" if source in LANGUAGES else "render_ecosystem",
            source_language=LANGUAGES.get(source),
            attempts=tuple(asked),
            quarantine=tuple(quarantine),
        )
        with connect(self.url) as connection:
            land(connection, batch)
            self._find(connection, seen)

    def _find(self, connection: psycopg.Connection, seen: Sequence[Seen]) -> None:
        for item in seen:
            if isinstance(item.files, Mapping) and item.findings is not None:
                self.add_findings(connection, item)

    def add_findings(self, connection: psycopg.Connection, item: Seen) -> None:
        """Write what the detection says of a repository's newest files."""
        assert item.findings is not None
        connection.execute(
            "insert into staging.repo_file_findings select id, repo_id, 1, %s, %s, %s, "
            "fetch_timestamp from raw.raw_repo_files where repo_id = %s order by id desc limit 1 "
            "on conflict do nothing",
            [
                psycopg.types.json.Jsonb(item.findings[part])
                for part in ("blueprint", "nextjs", "deployment")
            ]
            + [item.repo_id],
        )
        connection.commit()

    def build(
        self,
        *arguments: str,
        with_tests: bool = False,
        variables: Mapping[str, Any] | None = None,
        check: bool = True,
    ) -> dict[str, tuple[str, str]]:
        """Build what is measured in this process; returns each node's status and message.

        Args:
            *arguments: Further arguments for dbt, such as ``--full-refresh``.
            with_tests: Whether the project's own tests run too.
            variables: What the pipeline would pass with ``--vars``.
            check: Whether a failure is an error of the test.

        Raises:
            AssertionError: When dbt failed and `check` is set.
        """
        import json

        from dbt.cli.main import dbtRunner

        os.environ.update(postgres_environment(self.url))
        extra = ["--vars", json.dumps(variables)] if variables else []
        outcome = dbtRunner().invoke(
            [
                "--quiet",
                "--log-level-file",
                "none",
                "--no-write-json",
                "build",
                *([] if with_tests else ["--exclude-resource-type", "test"]),
                "--exclude",
                OTHER_STEPS,
                "--project-dir",
                str(PROJECT),
                "--profiles-dir",
                str(PROJECT),
                "--target-path",
                str(self.target_path),
                *extra,
                *arguments,
            ]
        )
        results = {
            item.node.name: (str(item.status), str(item.message))
            for item in getattr(outcome.result, "results", [])
        }
        if check:
            bad = {
                name: result
                for name, result in results.items()
                if result[0] in ("error", "fail", "runtime error", "skipped")
            }
            assert outcome.success, f"{outcome.exception} {bad}"
        return results

    def rows(self, query: str, parameters: Any = None) -> list[dict[str, Any]]:
        """The rows of a query."""
        with connect(self.url) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def value(self, query: str, parameters: Any = None) -> Any:
        """The single value of a query."""
        (row,) = self.rows(query, parameters)
        (value,) = row.values()
        return value

    def snapshot(self) -> dict[str, list[dict[str, Any]]]:
        """Every row of every model, in the order of its key."""
        return {
            table: self.rows(f"select * from {table} order by {key}")
            for table, key in TABLES.items()
        }
