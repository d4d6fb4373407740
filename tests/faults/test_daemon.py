"""Dagster's own daemons on our code location: missed hours and a run that hangs.

The scheduler's loop runs on a clock that the test sets; the hanging run is a real process that
Dagster's run monitoring has to end.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import psycopg
import pytest
from dagster._core.storage.partition_status_cache import get_and_update_asset_status_cache_value
from dagster._core.storage.tags import SCHEDULED_EXECUTION_TIME_TAG
from dagster._core.test_utils import (
    create_test_daemon_workspace_context,
    freeze_time,
    instance_for_test,
)
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration
from dagster._scheduler.scheduler import launch_scheduled_runs

from tests.conftest import CHECKOUT
from trender_assets.definitions import defs
from trender_assets.runs.dead_runs import PID_TAG
from trender_assets.runs.record import record_execution
from trender_assets.trending.partitions import EVERY_SOURCE, source_partitions
from trender_web.config import WebConfig
from trender_web.data.freshness import judge

LOCATION = "trender_assets.definitions"
DAY = datetime(2026, 11, 25, tzinfo=UTC)
MONITORING = {"enabled": True, "start_timeout_seconds": 180, "max_runtime_seconds": 1800}
TOKEN = "ghp_" + "Hq7" * 12
PATIENCE = 60.0
# The process that is ended says canceled, monitoring says failed; the later one is the status.
ENDED = (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED)
log = logging.getLogger("test-daemon")


@pytest.fixture(scope="module")
def silent_github() -> Iterator[str]:
    """An address where somebody accepts every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(scope="module")
def location(
    module_warehouse_url: str, silent_github: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkspaceProcessContext]:
    """Our code location in a process of its own, as the daemon loads it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", module_warehouse_url)
        patch.setenv("GITHUB_API_BASE_URL", silent_github)
        patch.setenv("GITHUB_TOKEN", TOKEN)
        patch.setenv("PYTHONWARNINGS", "ignore")
        with (
            instance_for_test(
                {"run_monitoring": MONITORING}, temp_dir=str(tmp_path_factory.mktemp("home"))
            ) as instance,
            create_test_daemon_workspace_context(
                ModuleTarget(LOCATION, None, str(CHECKOUT), LOCATION), instance
            ) as workspace,
        ):
            yield workspace


def daemon_looks(location: WorkspaceProcessContext, now: datetime, known: dict) -> None:
    """One turn of the scheduler daemon's loop at this time; `known` is what one process keeps."""
    with freeze_time(now):
        for problem in launch_scheduled_runs(location, log, now, known):
            assert problem is None, problem


def hours(instance: dg.DagsterInstance) -> list[str]:
    """The hours whose runs the schedule began, oldest first."""
    runs = instance.get_runs(dg.RunsFilter(job_name="hourly_refresh"))
    return [run.tags[SCHEDULED_EXECUTION_TIME_TAG][11:16] for run in reversed(runs)]


def finish(instance: dg.DagsterInstance) -> None:
    """Every run ends."""
    for run in instance.get_runs(dg.RunsFilter(job_name="hourly_refresh")):
        if not run.is_finished:
            instance.report_run_canceled(run)


def test_three_missed_hours_are_caught_up_by_one_run(location: WorkspaceProcessContext) -> None:
    """The daemon is away over three ticks; one run for the newest, none twice."""
    instance = location.instance
    known: dict = {}
    daemon_looks(location, DAY.replace(hour=8, minute=30), known)
    assert hours(instance) == []
    daemon_looks(location, DAY.replace(hour=9, second=5), known)
    assert hours(instance) == ["09:00"]
    finish(instance)
    daemon_looks(location, DAY.replace(hour=9, minute=10), known)

    back = DAY.replace(hour=12, minute=20)
    begun = {"is_scheduled": True}
    said = judge(DAY.replace(hour=9), begun, WebConfig("postgresql://h/d"), back)
    assert said.state == "overdue" and "overdue by 2 h 20 min" in said.text

    known = {}
    daemon_looks(location, back, known)
    assert hours(instance) == ["09:00", "12:00"]
    tags = instance.get_runs(limit=1)[0].tags
    assert EVERY_SOURCE.items() <= tags.items()
    for minute in (21, 40, 59):
        daemon_looks(location, back.replace(minute=minute), known)
    assert hours(instance) == ["09:00", "12:00"]

    # The catch-up run takes longer than the hour: the tick says whom it waits for.
    going_on = instance.get_runs(limit=1)[0]
    daemon_looks(location, DAY.replace(hour=13, second=2), known)
    assert hours(instance) == ["09:00", "12:00"]
    (schedule,) = [state for state in instance.all_instigator_state() if state.name == "hourly"]
    tick = instance.get_ticks(schedule.instigator_origin_id, schedule.selector_id, limit=1)[0]
    assert tick.tick_data.skip_reason == f"run {going_on.run_id} is still going on"
    finish(instance)
    daemon_looks(location, DAY.replace(hour=14, second=2), known)
    assert hours(instance) == ["09:00", "12:00", "14:00"]
    finish(instance)


def test_a_week_away_is_one_run_too(location: WorkspaceProcessContext) -> None:
    instance = location.instance
    before = hours(instance)
    daemon_looks(location, DAY + timedelta(days=7, hours=15, minutes=1), {})
    assert hours(instance) == [*before, "15:00"]
    finish(instance)


def hang(location: WorkspaceProcessContext, max_runtime: int) -> dg.DagsterRun:
    """Launch the hourly job for one source, as a process that GitHub never answers."""
    workspace = location.create_request_context()
    repository = next(iter(workspace.get_code_location(LOCATION).get_repositories().values()))
    job = repository.get_full_job("hourly_refresh")
    run = location.instance.create_run_for_job(
        defs.resolve_job_def("hourly_refresh"),
        remote_job_origin=job.get_remote_origin(),
        job_code_origin=job.get_python_origin(),
        tags={"dagster/partition": "go", "dagster/max_runtime": str(max_runtime)},
    )
    return location.instance.launch_run(run.run_id, workspace)


def reloaded(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def monitor(location: WorkspaceProcessContext) -> None:
    """One turn of the monitoring daemon's loop."""
    for problem in execute_run_monitoring_iteration(location, log):
        assert problem is None, problem


def test_a_run_that_hangs_is_ended_and_its_partition_marked(
    location: WorkspaceProcessContext, module_warehouse_url: str
) -> None:
    """Monitoring ends the process, the source is failed and not fetched."""
    instance = location.instance
    run = hang(location, max_runtime=4)
    deadline = time.monotonic() + PATIENCE
    while PID_TAG not in reloaded(instance, run).tags and time.monotonic() < deadline:
        time.sleep(0.1)
    pid = int(reloaded(instance, run).tags[PID_TAG])
    assert Path(f"/proc/{pid}").exists()
    monitor(location)
    assert reloaded(instance, run).status == dg.DagsterRunStatus.STARTED, "there is still time"
    while not reloaded(instance, run).is_finished and time.monotonic() < deadline:
        monitor(location)
        time.sleep(0.3)
    assert reloaded(instance, run).status in ENDED
    said = [entry.message for entry in instance.all_logs(run.run_id)]
    assert any("Exceeded maximum runtime of 4 seconds" in message for message in said)
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{pid}").exists(), "the process itself is gone"

    with psycopg.connect(module_warehouse_url) as connection:
        # Whichever of Dagster's two reports came last, the record says what happened.
        for last in (instance.report_run_canceled, instance.report_run_failed):
            last(reloaded(instance, run))
            row = record_execution(instance, reloaded(instance, run), connection)
            assert row.status == "failure" and row.success_rate < 1
            assert "maximum runtime" in str(row.error_details)
        landed = connection.execute("select count(*) from raw.fetch_log").fetchone()
    assert landed == (0,)

    key = dg.AssetKey("raw_github_repos")
    assert instance.get_materialized_partitions(key) == set()
    status = get_and_update_asset_status_cache_value(instance, key, source_partitions)
    assert status is not None
    failed = status.deserialize_failed_partition_subsets(source_partitions)
    assert set(failed.get_partition_keys()) == {"go"}
