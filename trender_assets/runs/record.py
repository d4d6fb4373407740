"""fact_workflow_executions: one row per finished run, from Dagster's own event log.

Define here what a run's record says and how durations, steps, retries and the speed-up are
measured. What is read from and written to the warehouse is in `record_rows`; the sensors that
call this are in `automation`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import dagster as dg
import psycopg

from trender_assets.github.redaction import redact
from trender_assets.runs.clock import AS_OF_TAG, parse_as_of
from trender_assets.runs.record_rows import (
    ExecutionRow,
    api_reports,
    layer_counts,
    recorded_run_ids,
    store_execution,
    stream_outcomes,
)

FINISHED = {
    dg.DagsterRunStatus.SUCCESS: "success",
    dg.DagsterRunStatus.FAILURE: "failure",
    dg.DagsterRunStatus.CANCELED: "canceled",
}
CATCH_UP_LIMIT = 200
INTERRUPTED = "DagsterExecutionInterruptedError"
TRIGGER_TAG = "trender/trigger"


@dataclass(frozen=True)
class StepFacts:
    """One step of a run.

    Attributes:
        name: Dagster's step key.
        status: success, failure or skipped.
        started_at: Epoch seconds (UTC), or None when it never started.
        seconds: How long it ran, or None when it did not end.
        attempts: How often it was tried.
        streams: Seconds by source, for steps that work on several at once.
    """

    name: str
    status: str
    started_at: float | None
    seconds: float | None
    attempts: int
    streams: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a jsonb column."""
        return {**asdict(self), "streams": dict(self.streams)}


def sequential_seconds(steps: Sequence[StepFacts]) -> float | None:
    """How long the same work would take one after the other.

    A step that worked on several sources at once counts the sum of its sources' own times (at
    least its wall time); any other step its wall time.

    Returns:
        Seconds, or None when no step ended.
    """
    ended = [step for step in steps if step.seconds is not None]
    if not ended:
        return None
    return sum(max(step.seconds or 0.0, sum(step.streams.values())) for step in ended)


def measured_speedup(steps: Sequence[StepFacts], wall_seconds: float) -> float | None:
    """Sum of step and stream time ÷ wall time of the run.

    Returns:
        The factor, or None when it can't be measured.
    """
    total = sequential_seconds(steps)
    if total is None or wall_seconds <= 0:
        return None
    return total / wall_seconds


def success_rate(steps: Sequence[StepFacts], streams_ok: int, streams_failed: int) -> float | None:
    """Share of what was tried that succeeded: streams and steps that are not streams.

    Returns:
        Between 0 and 1, or None when nothing was tried.
    """
    plain = [step for step in steps if not step.streams and step.status != "skipped"]
    good = sum(step.status == "success" for step in plain) + streams_ok
    tried = len(plain) + streams_ok + streams_failed
    return good / tried if tried else None


@dg.asset(
    group_name="runs",
    kinds={"python", "postgres"},
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def fact_workflow_executions(
    context: dg.AssetExecutionContext, warehouse: dg.ResourceParam[Any]
) -> dg.MaterializeResult:
    """True duration, steps, retries, measured speed-up and API cost of every run.

    One row per finished run. A sensor adds each run as it ends; materialising this adds what
    the sensor missed.
    """
    with warehouse.connect() as connection:
        known = recorded_run_ids(connection)
        missed = [
            record.dagster_run
            for record in context.instance.get_run_records(
                dg.RunsFilter(statuses=list(FINISHED)), limit=CATCH_UP_LIMIT
            )
            if record.dagster_run.run_id not in known
        ]
        for run in missed:
            record_execution(context.instance, run, connection)
    return dg.MaterializeResult(metadata={"runs_added": len(missed)})


def record_execution(
    instance: dg.DagsterInstance, run: dg.DagsterRun, connection: psycopg.Connection
) -> ExecutionRow:
    """Store what a finished run did; storing it again changes nothing.

    Raises:
        ValueError: When the run has not finished.
    """
    row = execution_row(instance, run, connection)
    store_execution(connection, row)
    return row


def execution_row(
    instance: dg.DagsterInstance, run: dg.DagsterRun, connection: psycopg.Connection
) -> ExecutionRow:
    """Compute a run's row from the event log and the run's API reports."""
    if run.status not in FINISHED:
        raise ValueError(f"run {run.run_id} is {run.status.value}, not finished")
    stats: Any = instance.get_run_stats(run.run_id)
    begun = stats.start_time or stats.launch_time or stats.enqueued_time or stats.end_time
    ended = stats.end_time or begun or datetime.now(UTC).timestamp()
    begun = begun or ended
    reports = api_reports(connection, run.run_id)
    streams = stream_outcomes(connection, run.run_id)
    steps = _steps(instance, run.run_id, reports)
    wall = max(ended - begun, 0.0)
    failed = {**_stated_failures(instance, run.run_id), **streams.failed}
    succeeded = sorted(set(streams.succeeded) - set(failed))
    counts = layer_counts(connection, run.run_id)
    return ExecutionRow(
        run_id=run.run_id,
        job_name=run.job_name,
        status="failure" if _took_too_long(instance, run) else FINISHED[run.status],
        trigger=_trigger(run.tags),
        as_of=parse_as_of(run.tags[AS_OF_TAG]) if AS_OF_TAG in run.tags else counts.as_of,
        execution_date=datetime.fromtimestamp(begun, UTC),
        finished_at=datetime.fromtimestamp(ended, UTC),
        total_duration_seconds=wall,
        repos_processed=counts.repositories,
        tasks_executed=sum(step.status != "skipped" for step in steps),
        tasks_succeeded=sum(step.status == "success" for step in steps),
        tasks_failed=sum(step.status == "failure" for step in steps),
        tasks_retried=sum(max(step.attempts - 1, 0) for step in steps),
        parallel_speedup_factor=measured_speedup(steps, wall),
        sequential_seconds=sequential_seconds(steps),
        languages_processed=[key for key in succeeded if key in streams.languages],
        streams_processed=succeeded,
        streams_failed=sorted(failed),
        rows_raw=counts.raw,
        rows_staging=counts.staging,
        rows_facts=counts.facts,
        api_requests=_total(reports, "requests"),
        api_points=_total(reports, "points"),
        steps=json.dumps([step.as_dict() for step in steps]),
        api_report=json.dumps(reports) if reports else None,
        error_details=_errors(instance, run, failed),
        success_rate=success_rate(steps, len(succeeded), len(failed)),
    )


def _steps(
    instance: dg.DagsterInstance, run_id: str, reports: dict[str, dict[str, Any]]
) -> list[StepFacts]:
    facts = []
    for step in instance.get_run_step_stats(run_id):
        seconds = (
            step.end_time - step.start_time
            if step.end_time is not None and step.start_time is not None
            else None
        )
        report = next((value for name, value in reports.items() if name == step.step_key), {})
        facts.append(
            StepFacts(
                name=step.step_key,
                status=step.status.value.lower() if step.status else "unknown",
                started_at=step.start_time,
                seconds=seconds,
                attempts=max(step.attempts or 1, 1),
                streams=report.get("seconds_by_source", {}),
            )
        )
    return facts


def _total(reports: dict[str, dict[str, Any]], measure: str) -> int | None:
    """Sum of a measure over all assets and resources; None when the run asked nothing."""
    if not reports:
        return None
    return sum(sum(report.get(measure, {}).values()) for report in reports.values())


def _trigger(tags: Mapping[str, str]) -> str:
    if TRIGGER_TAG in tags:
        return tags[TRIGGER_TAG]
    for tag, name in (
        ("dagster/schedule_name", "schedule"),
        ("dagster/sensor_name", "sensor"),
        ("dagster/backfill", "backfill"),
        ("dagster/parent_run_id", "retry"),
    ):
        if tag in tags:
            return name
    return "manual"


def _stated_failures(instance: dg.DagsterInstance, run_id: str) -> dict[str, str]:
    """Sources that a raw asset named when it failed: the Failure's metadata."""
    failed: dict[str, str] = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        data: Any = event.step_failure_data if event is not None else None
        metadata = data.user_failure_data.metadata if data and data.user_failure_data else {}
        stated = metadata.get("failed_sources")
        if stated is not None and isinstance(stated.value, dict):
            failed.update({str(key): redact(str(why)) for key, why in stated.value.items()})
    return failed


def _errors(instance: dg.DagsterInstance, run: dg.DagsterRun, failed: dict[str, str]) -> str | None:
    """Redacted error texts by step, why each failed source failed, and the run's own reason."""
    ended_by = _ended_by(instance, run)
    steps: dict[str, str] = {}
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        if event is None or event.step_key is None:
            continue
        data: Any = event.step_failure_data
        stated = data.user_failure_data.description if data.user_failure_data else None
        text = stated or (data.error.message if data.error else "failed")
        if ended_by and data.error and data.error.cls_name == INTERRUPTED:
            text = ended_by
        steps[event.step_key] = redact(str(text))[:2000]
    if not steps and not failed and not ended_by:
        return None
    first = next((f"{name}: {why.splitlines()[0]}" for name, why in steps.items() if why), None)
    message = {"message": ended_by or first} if ended_by or first else {}
    return json.dumps({**message, "steps": steps, "sources": failed})


def _ended_by(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """Why a run ended before its work did: it took too long, its process died, it was stopped."""
    if too_long := _took_too_long(instance, run):
        return too_long
    if run.status == dg.DagsterRunStatus.CANCELED:
        stops = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_CANCELED)
        messages = [entry.dagster_event.message for entry in stops if entry.dagster_event]
        return redact(str(next(filter(None, messages), "canceled")))
    if run.status != dg.DagsterRunStatus.FAILURE:
        return None
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE):
        event: Any = entry.dagster_event
        reason = event.job_failure_data.failure_reason if event and event.job_failure_data else None
        if reason is not None and reason.value == "STEP_FAILURE":
            continue
        return redact(str(event.message or "the run failed outside of its steps"))
    return None


def _took_too_long(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """What run monitoring said when it ended a run; None when it did not.

    The process it ends reports itself as canceled, before or after monitoring reports a failure:
    which of the two the run's status becomes is chance.
    """
    for entry in instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_CANCELING):
        if "exceeding maximum runtime" in entry.message:
            return redact(entry.message)
    return None
