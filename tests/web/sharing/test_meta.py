"""`/meta`: the record of runs, quality, claims and the schedule, as they are recorded."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest

from tests.web.conftest import NOW, client_of
from tests.web.repositories import AS_OF
from trender_web.answer.formats import percent
from trender_web.config import WebConfig
from trender_web.drawing.meters import columns, gantt, interval, meter
from trender_web.pages.pipeline import data as runs
from trender_web.pages.pipeline.view import schedule_state


async def test_meta_equals_the_record(shared: httpx.AsyncClient, facts: psycopg.Connection) -> None:
    """Duration, speed-up, steps and success are the run's own, computed by nobody here."""
    row = facts.execute(
        "select total_duration_seconds, parallel_speedup_factor, tasks_succeeded, tasks_executed,"
        " success_rate, run_id from analytics.fact_workflow_executions"
        " order by execution_date desc limit 1"
    ).fetchone()
    assert row is not None
    page = (await shared.get("/meta")).text
    latest = page.split('id="latest"')[1]
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>(?:<span[^>]*>)?([^<]+)<", latest))
    assert shown["Speed-up"] == f"{row[1]:.1f}×" and float(row[1]) < 1
    assert shown["Steps"] == f"{row[2]} of {row[3]}" and shown["Success rate"] == percent(row[4], 1)
    assert shown["Took"].startswith(f"{row[0]:.1f}") and row[5] in page
    assert page.index("repositories</b>") < page.index("analytics</b>"), "steps in order of time"
    assert "skipped for lack of budget: 31<" in page, "A20: what was left out is said"
    assert "↻ 1 retry" in page and "4\u202f871" in page and "circuit open" not in latest[:2000]


async def test_meta_quality_and_claims_are_measured(
    shared: httpx.AsyncClient, facts: psycopg.Connection
) -> None:
    row = facts.execute(
        "select count(*), count(*) filter (where data_quality_score >= 0.90)"
        " from staging.stg_repos_validated where availability = 'available'"
    ).fetchone()
    assert row is not None
    data = (await shared.get("/meta.json")).json()["data"]
    assert (data["quality"]["repositories"], data["quality"]["good"]) == tuple(row)
    assert sum(data["quality"][key] for key in
               ("below_50", "from_50", "from_60", "from_70", "from_80", "from_90")) == row[0]  # fmt: skip
    claims = {claim["claim"]: claim for claim in data["claims"]}
    assert claims["99 % of runs succeed"]["measured"].startswith("93.3")
    assert claims["99 % of runs succeed"]["is_met"] is False
    assert claims["A step starts in under a second"]["is_met"] is None
    assert "not measurable" in claims["A step starts in under a second"]["measured"]
    assert claims["3× faster than one after the other"]["is_met"] is False
    assert len(data["runs"]) == 30
    sources = {source["source"]: source for source in data["sources"]}
    assert sources["python"]["absent"] == 1 and sources["topic-render"]["found"] == 2


async def test_a_failed_run_is_told_with_its_cause(
    marketed: Callable[..., WebConfig], marketed_url: str
) -> None:
    """The newest run failed: a banner says so, names the step, and what is shown instead."""
    with psycopg.connect(marketed_url, autocommit=True) as connection:
        connection.execute(
            "insert into analytics.fact_workflow_executions (run_id, job_name, status, trigger,"
            " execution_date, finished_at, total_duration_seconds, tasks_executed, tasks_succeeded,"
            " tasks_failed, tasks_retried, error_details, success_rate) values ('bad', 'hourly',"
            " 'failure', 'schedule', %s, %s, 3, 1, 0, 1, 0,"
            """ '{"steps": {"repositories": "no <b>token</b>\\nTrace"}, "sources": {}}', 0)""",
            [AS_OF + timedelta(minutes=5), AS_OF + timedelta(minutes=6)],
        )
        try:
            async with client_of(marketed(version_seconds=0.0)) as client:
                page = (await client.get("/meta")).text
        finally:
            connection.execute(
                "delete from analytics.fact_workflow_executions where run_id = 'bad'"
            )
    assert "The newest run failed" in page and "no &lt;b&gt;token&lt;/b&gt;" in page
    assert "Trace" not in page.split("How it is written")[0]
    assert "run-2026112409" in page, "the run that read repositories is still shown whole"


def _runs(*times: datetime, trigger: str = "schedule") -> list[dict]:
    return [{"trigger": trigger, "execution_date": moment} for moment in times]


@pytest.mark.parametrize(
    ("minutes", "state", "coming"),
    [
        (10, "good", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (65, "good", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (119, "good", datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (150, "doubt", None),
        (600, "bad", None),
    ],
)
def test_schedule_states(minutes: int, state: str, coming: datetime | None) -> None:
    """At work, overdue, stopped; judged by the runs that the schedule began."""
    config = WebConfig("postgresql://x", clock=lambda: AS_OF + timedelta(minutes=minutes))
    found = schedule_state(_runs(AS_OF), config)
    assert found["state"] == state and found["next"] == coming


def test_a_schedule_that_never_ran_is_not_seen() -> None:
    config = WebConfig("postgresql://x", clock=lambda: NOW)
    assert schedule_state(_runs(AS_OF, trigger="manual"), config)["word"] == "◌ not seen"
    assert schedule_state([], config)["next"] is None


def test_missing_measures_stay_missing() -> None:
    """A run without a report shows nothing, not zero."""
    run = {"api_report": None, "steps": None, "error_details": None, "execution_date": AS_OF,
           "total_duration_seconds": 0.0}  # fmt: skip
    assert runs.traffic_of(run)["bytes"] is None
    assert runs.usage_of(run) == [] and runs.steps_of(run) == [] and runs.failures_of(run) == []
    flat = {**run, "api_report": {"requests": 210}}
    assert runs.usage_of(flat) == [] and runs.traffic_of(flat)["retries"] is None
    older = {**run, "api_report": {"repositories": {"bytes": 5}}}
    assert runs.traffic_of(older)["skipped"] is None
    claims = runs.claims([], {})
    assert all(claim.is_met is None for claim in claims)


def test_meters_stay_in_their_frame() -> None:
    assert 'width="1000"' in meter(5, 5) and 'width="0"' in meter(None, 5)
    assert 'width="0"' in meter(0, 5) and 'width="4"' in meter(1, 100_000)
    assert "rect" not in interval(None, None, None, 1)
    assert 'x="1000"' in gantt(50, 10, 10) and "rect" not in gantt(1, 1, 0)
    assert (
        columns([(None, "b1")], "x") == ""
        and columns([(1, "b1"), (None, "b1")], "x").count("rect") == 1
    )
