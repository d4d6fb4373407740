"""The whole hourly job once, in this process, with progress.

Define here what `trender refresh` and `trender demo` run. How it looks on a terminal belongs to
`commands/`; what the job consists of to `automation`.
"""

from __future__ import annotations

import contextlib
import gc
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from trender_assets.commands.interruption import wait_if_stopping, when_stopped
from trender_assets.runs.progress import Progress, listening
from trender_assets.settings import PROJECT_ROOT, Settings, use

if TYPE_CHECKING:
    import psycopg

OBJECTS_BETWEEN_COLLECTIONS = 100_000
RECORD_TIMEOUT_MS = "800"


@dataclass(frozen=True)
class RefreshResult:
    """What a refresh did.

    Attributes:
        run_id: The Dagster run (the first, when downstream needed a second one).
        success: Whether every source and every check passed.
        as_of: The run's logical time (UTC).
        seconds: Wall time of the refresh in this process.
        failed_sources: Sources that could not be fetched, with the reason.
        errors: Error texts by step, redacted.
        repos: Repositories read.
        rows_raw: Repositories that reached the raw layer.
        rows_staging: … staging.
        rows_facts: … the facts.
        incomplete: Readings that were asked for and are unknown or not whole, by stream.
        api: The API report of each asset.
        timings: Seconds by part, in order.
    """

    run_id: str
    success: bool
    as_of: datetime | None
    seconds: float
    failed_sources: dict[str, str]
    errors: dict[str, str]
    repos: int | None
    rows_raw: int | None
    rows_staging: int | None
    rows_facts: int | None
    incomplete: dict[str, int]
    api: dict[str, Any]
    timings: dict[str, float] = field(default_factory=dict)


def refresh(
    settings: Settings,
    *,
    sources: tuple[str, ...] | None = None,
    as_of: datetime | None = None,
    trigger: str = "cli",
    full_refresh: bool = False,
    lose_old_days: bool = False,
    with_marketing: bool = False,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> RefreshResult:
    """Run the hourly job for all sources, or for some of them, and bring the marts up to date.

    When some sources fail, those that landed still reach the marts: a second run builds what
    the first skipped.

    Args:
        settings: The settings of the process.
        sources: Partition keys; None means all, an empty tuple none: GitHub is not asked, what
            stands on the raw layer is built.
        as_of: The logical time; None means now.
        trigger: What started it, for the record.
        full_refresh: Rebuild the marts from raw.
        lose_old_days: Rebuild even though days without evidence in raw are lost by it.
        with_marketing: Make the cards, stories and drafts too.
        on_progress: Told of progress.

    Raises:
        ValueError: When a source does not exist; the message names the known ones.
        WarehouseError: When there is no database to write to, or a rebuild would lose days.
    """
    begun = time.perf_counter()
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    from trender_assets.raw.migrate import migrate
    from trender_assets.raw.retention import require_evidence
    from trender_assets.warehouse.connect import (
        connect,
        postgres_environment,
        resolve_database_url,
    )

    url = resolve_database_url(settings)
    migrate(url)
    if full_refresh and not lose_old_days:
        with connect(url) as connection:
            require_evidence(connection)
    os.environ["DATABASE_URL"] = url  # Dagster's own configuration reads it
    use(settings.model_copy(update={"database_url": url}))
    timings = {"database": time.perf_counter() - begun}

    mark = time.perf_counter()
    # Imports make many objects and no garbage: collecting meanwhile costs 0.3 s for nothing.
    gc.disable()
    import dagster as dg

    from trender_assets.dbt.runner import prepare
    from trender_assets.definitions import defs
    from trender_assets.runs.clock import AS_OF_TAG
    from trender_assets.runs.dead_runs import cancel_own_runs, end_dead_runs, identity
    from trender_assets.runs.record import TRIGGER_TAG, record_execution
    from trender_assets.runs.record_rows import unknown_readings
    from trender_assets.runs.storage import keep_connected
    from trender_assets.trending.partitions import EVERY_SOURCE, SOURCES

    gc.freeze()
    gc.enable()
    unknown = sorted(set(sources or ()) - set(SOURCES))
    if unknown:
        raise ValueError(
            f"no source is called {', '.join(unknown)}; known are {', '.join(SOURCES)}"
        )
    timings["imports"] = time.perf_counter() - mark

    mark = time.perf_counter()
    instance = dg.DagsterInstance.from_config(str(PROJECT_ROOT))
    keep_connected(instance)
    end_dead_runs(instance)
    timings["instance"] = time.perf_counter() - mark

    logical = (as_of or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    tags = {
        **identity(),
        TRIGGER_TAG: trigger,
        AS_OF_TAG: logical.isoformat(),
        **({"trender/full_refresh": "true"} if full_refresh else {}),
    }
    mark = time.perf_counter()
    runs: list[dg.DagsterRun] = []
    prepare(settings.file, postgres_environment(url))

    def execute(job: Any, tags: dict[str, str]) -> dg.ExecuteInProcessResult:
        wait_if_stopping()
        outcome = job.execute_in_process(instance=instance, tags=tags, raise_on_error=False)
        runs.append(outcome.dagster_run)
        return outcome

    def record(connection: psycopg.Connection) -> list[Any]:
        ended = [instance.get_run_by_id(run.run_id) or run for run in runs]
        return [record_execution(instance, run, connection) for run in ended]

    def stopped() -> None:
        runs.extend(cancel_own_runs(instance))
        with connect(url) as connection:
            # What this process is building may lock tables that the record counts.
            connection.execute(
                "select set_config('statement_timeout', %s, false)", [RECORD_TIMEOUT_MS]
            )
            record(connection)

    with when_stopped(stopped), listening(on_progress), _rare_collections():
        for part in _ranges(sources, list(SOURCES)):
            outcome = execute(
                defs.resolve_job_def("hourly_refresh"),
                {**tags, **(EVERY_SOURCE if part is None else _range_tags(part))},
            )
            if not outcome.success and _raw_failed(outcome) and _has_landed(url, runs[-1].run_id):
                execute(_downstream_job(defs), tags)
        if sources == ():
            execute(_downstream_job(defs), tags)
        if with_marketing:
            execute(defs.resolve_job_def("marketing_refresh"), tags)
    timings["job"] = time.perf_counter() - mark

    mark = time.perf_counter()
    with connect(url) as connection:
        rows = record(connection)
        incomplete = unknown_readings(connection, [run.run_id for run in runs])
    timings["record"] = time.perf_counter() - mark
    return _result(rows, incomplete, time.perf_counter() - begun, timings)


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect garbage seldom: a run's objects live to its end, and looking for it costs 0.4 s."""
    usual = gc.get_threshold()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _ranges(sources: tuple[str, ...] | None, known: list[str]) -> list[tuple[str, str] | None]:
    """Contiguous ranges of the partition order that cover the wanted sources."""
    if sources is None:
        return [None]
    if not sources:
        return []
    positions = sorted(known.index(source) for source in set(sources))
    ranges: list[tuple[str, str] | None] = []
    start = previous = positions[0]
    for position in [*positions[1:], None]:
        if position is not None and position == previous + 1:
            previous = position
            continue
        ranges.append((known[start], known[previous]))
        if position is not None:
            start = previous = position
    return ranges


def _range_tags(part: tuple[str, str]) -> dict[str, str]:
    return {
        "dagster/asset_partition_range_start": part[0],
        "dagster/asset_partition_range_end": part[1],
    }


def _has_landed(url: str, run_id: str) -> bool:
    """Whether a run read anything at all that its marts could show."""
    from trender_assets.warehouse.connect import connect

    with connect(url) as connection:
        row = connection.execute(
            "select exists (select 1 from raw.fetch_log where run_id = %s and outcome = 'found')",
            [run_id],
        ).fetchone()
    return bool(row and row[0])


def _raw_failed(outcome: Any) -> bool:
    """Whether a raw asset failed, so that what landed has not reached the marts."""
    return any(
        event.step_key in ("repositories", "raw_star_history")
        for event in outcome.get_step_failure_events()
    )


def _downstream_job(defs: Any) -> Any:
    """The job that builds what stands on the raw layer."""
    return defs.resolve_implicit_global_asset_job_def().get_subset(
        asset_selection=_downstream(defs)
    )


def _downstream(defs: Any) -> set[Any]:
    graph = defs.resolve_asset_graph()
    return {
        key
        for key in graph.materializable_asset_keys
        if graph.get(key).partitions_def is None
        and graph.get(key).group_name != "marketing"
        and key.path[-1] != "fact_workflow_executions"
    }


def _result(
    rows: list[Any], incomplete: dict[str, int], seconds: float, timings: dict[str, float]
) -> RefreshResult:
    import json

    first, last = rows[0], rows[-1]
    failed: dict[str, str] = {}
    errors: dict[str, str] = {}
    api: dict[str, Any] = {}
    for row in rows:
        details = json.loads(row.error_details) if row.error_details else {}
        failed.update(details.get("sources", {}))
        errors.update(details.get("steps", {}))
        for name, report in (json.loads(row.api_report) if row.api_report else {}).items():
            api[name] = report
        for step in json.loads(row.steps):
            if step["seconds"] is not None:
                timings[step["name"]] = timings.get(step["name"], 0.0) + step["seconds"]
    return RefreshResult(
        run_id=first.run_id,
        success=all(row.status == "success" for row in rows),
        as_of=first.as_of,
        seconds=seconds,
        failed_sources=failed,
        errors=errors,
        repos=first.repos_processed,
        rows_raw=first.rows_raw,
        rows_staging=last.rows_staging or first.rows_staging,
        rows_facts=last.rows_facts or first.rows_facts,
        incomplete=incomplete,
        api=api,
        timings=timings,
    )
