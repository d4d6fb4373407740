"""When things run: the hourly job, its schedule, the sensors around it.

Define a job, schedule or sensor here. What they run is in the wings and in `dbt/`; policies that
hold for many assets are applied in `definitions`.
"""

from datetime import UTC, datetime

import dagster as dg

from trender_assets.github.redaction import redact
from trender_assets.raw import retention
from trender_assets.resources import Warehouse
from trender_assets.runs import dead_runs
from trender_assets.runs.record import record_execution
from trender_assets.settings import current
from trender_assets.trending.partitions import EVERY_SOURCE

MAX_RUNTIME_SECONDS = 1800
ACTIVE = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]

MARKETING = dg.AssetSelection.groups("marketing")

marketing_refresh = dg.define_asset_job(
    "marketing_refresh",
    selection=MARKETING,
    description="Cards, stories, drafts and comparisons, from what the last hour measured.",
    tags={"dagster/max_runtime": str(MAX_RUNTIME_SECONDS)},
)
hourly_refresh = dg.define_asset_job(
    "hourly_refresh",
    selection=dg.AssetSelection.all(include_sources=False) - MARKETING,
    description="Everything that is measured, for every source: raw, staging, analytics, checks.",
    tags={"dagster/max_runtime": str(MAX_RUNTIME_SECONDS)},
)


@dg.schedule(
    job=hourly_refresh,
    cron_schedule="0 * * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Every hour on the hour (UTC); skipped while the last hour's run is going on.",
)
def hourly(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run over every source; never two at once."""
    going_on = context.instance.get_runs(
        dg.RunsFilter(job_name=hourly_refresh.name, statuses=ACTIVE), limit=1
    )
    if going_on:
        return dg.SkipReason(f"run {going_on[0].run_id} is still going on")
    return dg.RunRequest(tags=dict(EVERY_SOURCE))


rebuild = dg.AutomationConditionSensorDefinition(
    "rebuild",
    target=dg.AssetSelection.all(),
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Brings downstream up to date when a source was fetched alone.",
)


def _record(context: dg.RunStatusSensorContext, warehouse: Warehouse) -> dg.SensorResult:
    with warehouse.connect() as connection:
        row = record_execution(context.instance, context.dagster_run, connection)
    return dg.SensorResult(
        asset_events=[
            dg.AssetMaterialization(
                "fact_workflow_executions",
                metadata={
                    "run": row.run_id,
                    "seconds": row.total_duration_seconds,
                    "speedup": row.parallel_speedup_factor or 0.0,
                },
            )
        ]
    )


def _recorder(status: dg.DagsterRunStatus) -> dg.SensorDefinition:
    return dg.run_status_sensor(
        run_status=status,
        name=f"record_{status.value.lower()}",
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=10,
        description=f"Records every run that ends as {status.value} in fact_workflow_executions.",
    )(_record)


recorders = [
    _recorder(dg.DagsterRunStatus.SUCCESS),
    _recorder(dg.DagsterRunStatus.FAILURE),
    _recorder(dg.DagsterRunStatus.CANCELED),
]


@dg.run_failure_sensor(
    name="alert_on_failure",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=30,
    description="Posts a failed run to TRENDER_ALERT_WEBHOOK_URL, if it is set.",
)
def alert_on_failure(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    """Tell the configured webhook which run failed and why, without secrets."""
    webhook = current().alert_webhook_url
    if webhook is None:
        return dg.SkipReason("TRENDER_ALERT_WEBHOOK_URL is not set")
    import httpx

    run = context.dagster_run
    text = redact(str(context.failure_event.message or "failed"))[:1500]
    try:
        answer = httpx.post(
            webhook.get_secret_value(),
            json={
                "text": f"Trender: {run.job_name} failed ({run.run_id}): {text}",
                "run_id": run.run_id,
                "job": run.job_name,
            },
            timeout=10,
        )
    except httpx.HTTPError as error:
        raise dg.Failure(f"the webhook did not answer: {type(error).__name__}") from None
    if answer.is_error:
        raise dg.Failure(f"the webhook answered {answer.status_code}")
    return None


@dg.sensor(
    name="end_dead_runs",
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=60,
    description="Fails runs that a dead machine or process left STARTED.",
)
def end_dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Report runs whose process is gone as failed, so that nothing waits for them."""
    ended = dead_runs.end_dead_runs(context.instance)
    return dg.SkipReason(f"{len(ended)} of the started runs were dead and are recorded as failed")


@dg.op(
    description="Delete raw evidence older than raw_retention_days and PNGs of cards older than "
    "card_picture_days."
)
def delete_old_evidence(context: dg.OpExecutionContext, warehouse: Warehouse) -> None:
    """Prune the raw layer and the pictures; facts and drawings stay."""
    kept, now = current().file, datetime.now(UTC)
    with warehouse.connect() as connection:
        pruned = {
            **retention.prune_raw(connection, now, kept.raw_retention_days).rows,
            **retention.prune_pictures(connection, now, kept.card_picture_days).rows,
        }
    context.log.info("deleted: %s", pruned or "nothing")


@dg.job(
    description="Keeps raw evidence as long as raw_retention_days says, PNGs of cards as long as "
    "card_picture_days says."
)
def prune_raw() -> None:
    """Delete what is older than promised."""
    delete_old_evidence()


monthly_prune = dg.ScheduleDefinition(
    name="monthly_prune",
    job=prune_raw,
    cron_schedule="30 3 1 * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

jobs = [hourly_refresh, marketing_refresh, prune_raw]
schedules = [hourly, monthly_prune]
sensors = [rebuild, *recorders, alert_on_failure, end_dead_runs]
