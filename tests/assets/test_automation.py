"""What runs by itself: the schedule, the conditions, the sensors."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import dagster as dg
import psycopg
import pytest

from tests.assets.conftest import start_run
from trender_assets.automation import alert_on_failure, hourly, recorders
from trender_assets.definitions import defs
from trender_assets.raw.streams import tables
from trender_assets.resources import Warehouse
from trender_assets.runs.record import record_execution
from trender_assets.settings import FileSettings
from trender_assets.trending.sources import all_sources

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TOKEN = "ghp_" + "Zx9" * 12
RAW = (*(table.name for table, _ in tables()), "raw_discovery_queries")


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance that others can open, as the daemon's is."""
    with dg.DagsterInstance.local_temp(str(tmp_path)) as one:
        yield one


def tick(instance: dg.DagsterInstance) -> Any:
    """What the schedule says at noon to a daemon that knows these runs."""
    with dg.build_schedule_context(
        instance_ref=instance.get_ref(), scheduled_execution_time=NOON
    ) as context:
        return hourly(context)


def test_one_run_an_hour_over_every_source(stored: dg.DagsterInstance) -> None:
    """The schedule asks for one run that covers the first to the last source."""
    request = tick(stored)
    assert isinstance(request, dg.RunRequest)
    keys = [source.key for source in all_sources(FileSettings())]
    assert request.tags["dagster/asset_partition_range_start"] == keys[0]
    assert request.tags["dagster/asset_partition_range_end"] == keys[-1]


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED"])
def test_never_two_at_once(stored: dg.DagsterInstance, status: str) -> None:
    """While a run goes on the tick is skipped and names it."""
    run = stored.create_run_for_job(
        defs.resolve_job_def("hourly_refresh"), status=dg.DagsterRunStatus(status)
    )
    skipped = tick(stored)
    assert isinstance(skipped, dg.SkipReason)
    assert run.run_id in str(skipped.skip_message)


def test_missed_ticks_are_caught_up_by_one_run() -> None:
    """Dagster repeats missed ticks only of schedules made from partitions; this is none."""
    from dagster._core.definitions.partitions.partitioned_schedule import (
        UnresolvedPartitionedAssetScheduleDefinition,
    )
    from dagster._core.remote_representation.external_data import ScheduleSnap

    schedule = defs.resolve_schedule_def("hourly")
    assert not isinstance(schedule, UnresolvedPartitionedAssetScheduleDefinition)
    snap = ScheduleSnap.from_def(schedule, defs.get_repository_def())
    assert snap.partition_set_name is None


def materialise(instance: dg.DagsterInstance, name: str, partition: str | None = None) -> None:
    instance.report_runless_asset_event(
        dg.AssetMaterialization(dg.AssetKey(name), partition=partition)
    )


def downstream() -> list[str]:
    graph = defs.resolve_asset_graph()
    return [
        key.path[-1]
        for key in graph.toposorted_asset_keys
        if key in graph.materializable_asset_keys and key.path[-1] not in RAW
    ]


@pytest.mark.parametrize("sources", ["all", "one"])
def test_a_source_fetched_alone_brings_downstream_up_to_date_once(
    instance: dg.DagsterInstance, sources: str
) -> None:
    """Findings and marts are asked for once, also where other sources were never fetched."""
    keys = [source.key for source in all_sources(FileSettings())]
    for partition in keys if sources == "all" else ["go"]:
        for name in RAW:
            materialise(instance, name, partition)
    for name in downstream():
        materialise(instance, name)
    calm = dg.evaluate_automation_conditions(defs, instance)
    calm = dg.evaluate_automation_conditions(defs, instance, cursor=calm.cursor)
    assert calm.total_requested == 0
    for name in RAW:
        materialise(instance, name, "go")
    first = dg.evaluate_automation_conditions(defs, instance, cursor=calm.cursor)
    for name in ("repo_file_findings", "stg_repos_validated", "fact_repo_snapshots"):
        assert first.get_num_requested(dg.AssetKey(name)) == 1, name
    for name in RAW:
        assert first.get_num_requested(dg.AssetKey(name)) == 0, name
    second = dg.evaluate_automation_conditions(defs, instance, cursor=first.cursor)
    assert second.total_requested == 0


def run_event(run: dg.DagsterRun, kind: dg.DagsterEventType, message: str = "") -> dg.DagsterEvent:
    from dagster._core.events import JobFailureData

    data = (
        JobFailureData(error=None, failure_reason=None)
        if kind == dg.DagsterEventType.RUN_FAILURE
        else None
    )
    return dg.DagsterEvent(kind.value, run.job_name, event_specific_data=data, message=message)


@dg.asset
def breaks() -> None:
    raise dg.Failure(f"GitHub refused Bearer {TOKEN}")


@dg.asset
def works() -> int:
    return 1


@pytest.mark.parametrize("which", ["success", "failure"])
def test_a_finished_run_is_recorded(
    instance: dg.DagsterInstance, warehouse_url: str, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    """Measured duration and steps, redacted errors, one row however often it is told."""
    monkeypatch.setenv("DATABASE_URL", warehouse_url)
    outcome = dg.materialize(
        [breaks if which == "failure" else works], instance=instance, raise_on_error=False
    )
    run = outcome.dagster_run
    sensor = next(item for item in recorders if item.name == f"record_{which}")
    for _ in range(2):
        context = dg.build_run_status_sensor_context(
            sensor.name,
            run_event(
                run,
                dg.DagsterEventType.RUN_FAILURE
                if which == "failure"
                else dg.DagsterEventType.RUN_SUCCESS,
            ),
            instance,
            run,
            resources={"warehouse": Warehouse()},
        )
        sensor(context)  # pyright: ignore
    with psycopg.connect(warehouse_url) as connection:
        rows = connection.execute(
            "select status, total_duration_seconds, tasks_executed, tasks_failed, success_rate, "
            "error_details::text from analytics.fact_workflow_executions"
        ).fetchall()
    assert len(rows) == 1
    status, seconds, executed, failed, rate, errors = rows[0]
    assert (status, executed) == (which, 1)
    assert 0 < seconds < 60
    assert (failed, rate) == ((1, 0.0) if which == "failure" else (0, 1.0))
    assert TOKEN not in str(errors)
    if which == "failure":
        assert json.loads(errors)["message"].startswith("breaks: "), (
            "what the dashboard's chip says"
        )
    else:
        assert errors is None


def test_a_run_that_died_is_recorded_with_the_reason(
    instance: dg.DagsterInstance, warehouse_url: str
) -> None:
    """No step failed; the page would say nothing of why the run did."""
    run = start_run(instance)
    instance.report_run_failed(run, f"its process is gone: the machine died ({TOKEN})")
    run = instance.get_run_by_id(run.run_id)
    assert run is not None
    with psycopg.connect(warehouse_url) as connection:
        row = record_execution(instance, run, connection)
    assert row.error_details is not None and TOKEN not in row.error_details
    details = json.loads(row.error_details)
    assert details["message"].startswith("its process is gone") and details["steps"] == {}


class Listener(BaseHTTPRequestHandler):
    """A webhook that remembers what it was told."""

    told: ClassVar[list[dict[str, Any]]] = []
    status = 200

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        type(self).told.append(json.loads(self.rfile.read(length)))
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Listener]]:
    server = HTTPServer(("127.0.0.1", 0), Listener)
    Listener.told, Listener.status = [], 200
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/hooks/secret-path"
    monkeypatch.setenv("TRENDER_ALERT_WEBHOOK_URL", address)
    yield Listener
    server.shutdown()
    server.server_close()


def failure_context(instance: dg.DagsterInstance) -> dg.RunFailureSensorContext:
    run = start_run(instance)
    message = f"Authorization: Bearer {TOKEN} was refused"
    context = dg.build_run_status_sensor_context(
        "alert_on_failure",
        run_event(run, dg.DagsterEventType.RUN_FAILURE, message),
        instance,
        run,
    )
    return context.for_run_failure()


def test_the_webhook_is_told_without_secrets(
    instance: dg.DagsterInstance, webhook: type[Listener]
) -> None:
    """The alert names job and run; the token in the message is masked."""
    assert alert_on_failure(failure_context(instance)) is None
    assert len(webhook.told) == 1
    assert webhook.told[0]["job"] == "hourly_refresh"
    assert TOKEN not in json.dumps(webhook.told)


def test_a_webhook_that_refuses_is_a_failure_without_its_address(
    instance: dg.DagsterInstance, webhook: type[Listener]
) -> None:
    """The sensor's error says what happened and keeps the webhook's secret address."""
    webhook.status = 500
    with pytest.raises(dg.Failure) as raised:
        alert_on_failure(failure_context(instance))
    assert "500" in str(raised.value.description)
    assert "secret-path" not in str(raised.value.description)


def test_without_a_webhook_nothing_is_sent(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No address, no alert, no error."""
    monkeypatch.delenv("TRENDER_ALERT_WEBHOOK_URL", raising=False)
    assert isinstance(alert_on_failure(failure_context(instance)), dg.SkipReason)
