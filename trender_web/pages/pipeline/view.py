"""`/meta`: how the pipeline runs, step by step, and how good and fresh its data is.

Define here the page about the machine. What a run's record means is `runs`, whether the data is
late is `freshness`; nothing of Dagster is asked, only what the pipeline recorded.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import Response

from trender_web.answer.answers import (
    Twin,
    config_of,
    csv_answer,
    empty_page,
    from_reading,
    html_answer,
    json_answer,
)
from trender_web.answer.formats import span, utc_text
from trender_web.answer.openapi import CSV_ANSWER, JSON_ANSWER
from trender_web.answer.params import AsOf, FormAsOf, once
from trender_web.config import WebConfig
from trender_web.data.freshness import GRACE, STOPPED_AFTER, due_after
from trender_web.data.store import Reading, Row
from trender_web.drawing.meters import meter
from trender_web.pages.pipeline.data import (
    claims,
    failures_of,
    history,
    public_run,
    steps_of,
    traffic_of,
    usage_of,
    word_of,
)
from trender_web.pages.trending.past_day import checked, dated, end_of, to_canonical, until

router = APIRouter(tags=["pipeline"], dependencies=[once])
SOURCE = "analytics.fact_workflow_executions"
COLUMNS = (
    "run_id", "job_name", "status", "trigger", "as_of", "execution_date", "finished_at",
    "total_duration_seconds", "sequential_seconds", "parallel_speedup_factor", "success_rate",
    "repos_processed", "tasks_executed", "tasks_succeeded", "tasks_failed", "tasks_retried",
    "languages_processed", "streams_processed", "streams_failed", "rows_raw", "rows_staging",
    "rows_facts", "api_requests", "api_points", "error_details", "steps",
)  # fmt: skip
BUCKETS = (
    ("from_90", "0.90 to 1.00"), ("from_80", "0.80 to 0.90"), ("from_70", "0.70 to 0.80"),
    ("from_60", "0.60 to 0.70"), ("from_50", "0.50 to 0.60"), ("below_50", "below 0.50"),
)  # fmt: skip


def schedule_state(runs: list[Row], config: WebConfig) -> Row:
    """Whether the schedule is at work, judged by the newest runs it began.

    A schedule that ran within the last two intervals runs again at the next full interval.
    """
    now = config.clock()
    step = timedelta(minutes=config.interval_minutes)
    last: datetime | None = next(
        (run["execution_date"] for run in runs if run["trigger"] == "schedule"), None
    )
    if last is None:
        return {"state": "doubt", "word": "◌ not seen", "last": None, "next": None,
                "text": "None of the recorded runs was begun by the schedule."}  # fmt: skip
    late = now - due_after(last, config)
    if late <= GRACE or now - last <= 2 * step:
        coming = max(due_after(last, config), due_after(now - step, config))
        return {"state": "good", "word": "✓ at work", "last": last, "next": coming,
                "text": f"Next run {utc_text(coming)}."}  # fmt: skip
    if late <= STOPPED_AFTER * step:
        return {"state": "doubt", "word": "! overdue", "last": last, "next": None,
                "text": f"A run is overdue by {span(late)}."}  # fmt: skip
    return {"state": "bad", "word": "✗ stopped", "last": last, "next": None,
            "text": f"Nothing was begun for {span(now - last)}."}  # fmt: skip


def state_on(day: date) -> Row:
    """What is said of the schedule on a past day."""
    return {"state": "doubt", "word": "◌ not kept", "last": None, "next": None,
            "text": f"Not kept for past days; the runs up to {day} are below."}  # fmt: skip


@router.get("/meta", include_in_schema=False)
@from_reading
def page(request: Request, reading: Reading, as_of: FormAsOf = None) -> Response:
    """The pipeline."""
    if not reading.version.is_built:
        return empty_page(request, reading, "The pipeline", "/meta", "Nothing has run yet.")
    day = checked(reading, as_of)
    address = dated("/meta", day)
    to_canonical(request, address)
    runs = reading.rows("meta_runs", day=day)
    latest = next((run for run in runs if (run["repos_processed"] or 0) > 0), None)
    latest = latest or (runs[0] if runs else None)
    facts = _facts(reading, day)
    durations, rates = history(runs)
    return html_answer(
        request,
        reading,
        "meta.html",
        title=f"The pipeline on {day}" if day else "The pipeline",
        description="How the data is made: the latest run in its steps, what it cost, how fresh "
        "and how good the data is.",
        canonical=address,
        section="/meta",
        twins=[
            Twin(dated("/meta.csv", day), "text/csv", "Download CSV"),
            Twin(dated("/meta.json", day), "application/json", "JSON"),
        ],
        card="/card/trending.png",
        day=day,
        days=reading.row("days") or {},
        runs=[
            {**run, "word": word_of(run["status"]), "href": _in_dagster(request, run)}
            for run in runs
        ],
        newest=runs[0] if runs else None,
        newest_href=_in_dagster(request, runs[0]) if runs else None,
        newest_failures=failures_of(runs[0]) if runs and runs[0]["status"] != "success" else [],
        latest=latest,
        latest_word=word_of(latest["status"]) if latest else None,
        latest_href=_in_dagster(request, latest) if latest else None,
        steps=steps_of(latest) if latest else [],
        usage=usage_of(latest) if latest else [],
        traffic=traffic_of(latest) if latest else None,
        failures=failures_of(latest) if latest else [],
        durations=durations,
        rates=rates,
        claims=claims(runs, facts["quality"]),
        schedule=state_on(day) if day else schedule_state(runs, config_of(request)),
        buckets=_buckets(facts["quality"]),
        **facts,
    )


def _in_dagster(request: Request, run: Row) -> str | None:
    """The run's page in the Dagster UI, when the configuration says where that is."""
    base = config_of(request).dagster_url
    return f"{base}/runs/{quote(run['run_id'], safe='')}" if base else None


def _facts(reading: Reading, day: date | None) -> Row:
    window = {"as_of": end_of(day) if day else reading.version.as_of, "until": until(day)}
    return {
        "quality": reading.row("meta_quality", day=day) or {},
        "sources": reading.rows("meta_sources", **window),
        "streams": reading.rows("meta_streams", until=until(day)),
        "quarantine": reading.rows("meta_quarantine", **window),
    }


def _buckets(quality: Row) -> list[Row]:
    total = quality.get("repositories") or 0
    return [
        {
            "label": label,
            "count": quality.get(key),
            "bar": meter(quality.get(key), total, "b1" if key == "from_90" else "bw"),
        }
        for key, label in BUCKETS
    ]


@router.get("/meta.json", responses=JSON_ANSWER)
@from_reading
def as_json(request: Request, reading: Reading, as_of: AsOf = None) -> Response:
    """The last 30 runs, data quality, freshness by source and stream, claims and measures."""
    day = checked(reading, as_of)
    runs = reading.rows("meta_runs", day=day) if reading.version.is_built else []
    facts = _facts(reading, day)
    data = {
        "runs": [public_run(run) for run in runs],
        "schedule": state_on(day) if day else schedule_state(runs, config_of(request)),
        "claims": [claim.__dict__ for claim in claims(runs, facts["quality"])],
        **facts,
    }
    return json_answer(request, reading, data, source=SOURCE, meta={"count": len(runs)})


@router.get("/meta.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(request: Request, reading: Reading, as_of: AsOf = None) -> Response:
    """The last 30 runs as CSV."""
    day = checked(reading, as_of)
    runs = reading.rows("meta_runs", day=day) if reading.version.is_built else []
    return csv_answer(reading, runs, COLUMNS, name="runs")
