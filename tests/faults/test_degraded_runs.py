"""Whole runs when something fails: what lands is published, the rest keeps its last state.

One machine goes through an hour after another; each test is one hour and builds on the last.
"""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.integration.fixtures import MakeMachine
from tests.integration.machine import TOKEN, Machine, Worker

FIRST = "2026-11-05T10:00:00Z"
SECOND = "2026-11-05T11:00:00Z"
THIRD = "2026-11-05T12:00:00Z"
FOURTH = "2026-11-05T13:00:00Z"
TINY = ("--repositories-per-language", "10", "--render", "12", "--bulk", "0", "--no-limits")
GO_IS_DOWN = {
    "match": {"path": "/search/repositories", "contains": "language:Go"},
    "action": {"status": 403, "message": "Forbidden"},
}


@pytest.fixture(scope="module")
def machine(make_machine: MakeMachine) -> Machine:
    """A machine whose first hour has gone well."""
    one = make_machine(FIRST, *TINY)
    assert one.refresh(FIRST)["success"]
    return one


def published(machine: Machine) -> dict[str, tuple[int, str]]:
    """What readers of the marts see."""
    return machine.hashes("analytics", without=("fact_workflow_executions",))


def execution(machine: Machine, run_id: str) -> dict[str, Any]:
    """The recorded facts of a run."""
    return machine.rows(
        "select * from analytics.fact_workflow_executions where run_id = %s", run_id
    )[0]


def test_one_source_fails_and_is_fetched_alone_afterwards(machine: Machine) -> None:
    """The others reach the marts, the run is degraded and says so; go heals alone."""
    machine.simulator.move(SECOND)
    machine.simulator.script(GO_IS_DOWN)
    result = machine.refresh(SECOND)
    machine.simulator.script()
    assert not result["success"]
    assert set(result["failed_sources"]) == {"go"}
    by_pool = "select pool, max(as_of) as as_of from staging.stg_repos_validated group by 1"
    times = {row["pool"]: row["as_of"].strftime("%H") for row in machine.rows(by_pool)}
    assert times["python"] == times["typescript"] == "11"
    row = execution(machine, result["run_id"])
    assert row["status"] == "failure"
    assert row["streams_failed"] == ["go"]
    assert "python" in row["languages_processed"]
    assert "go" not in row["languages_processed"]
    assert 0 < row["success_rate"] < 1
    partitions = machine.rows(
        "select partition, count(*) as n from dagster.event_logs where run_id = %s "
        "and dagster_event_type = 'ASSET_MATERIALIZATION' and asset_key like '%%raw_github_repos%%' "
        "group by 1",
        result["run_id"],
    )
    assert {item["partition"] for item in partitions} >= {"python", "typescript", "employees"}
    assert "go" not in {item["partition"] for item in partitions}

    machine.simulator.refill()
    alone = machine.refresh(SECOND, sources=["go"])
    assert alone["success"], alone
    asked = machine.rows(
        "select distinct source from raw.raw_discovery_queries where run_id = %s", alone["run_id"]
    )
    assert [item["source"] for item in asked] == ["go"]
    times = {item["pool"]: item["as_of"].strftime("%H") for item in machine.rows(by_pool)}
    assert times["go"] == "11"
    shown = "select pool, count(*) as n from analytics.analytics_trending_repos_current group by 1"
    assert {item["pool"] for item in machine.rows(shown)} >= {"python", "typescript", "go"}


def test_all_sources_fail_and_the_last_state_stays(machine: Machine, worker: Worker) -> None:
    """An expired token in mid-run; nothing changes, no token anywhere."""
    before = published(machine)
    machine.simulator.move(THIRD)
    token = "ghp_" + "EXPIRED" + "c3D4" * 8
    machine.simulator.script(
        {"match": {"path": "/"}, "action": {"status": 401, "message": f"Bad credentials {token}"}}
    )
    result = machine.refresh(THIRD, token=token)
    machine.simulator.script()
    assert not result["success"]
    assert len(result["failed_sources"]) == 12
    assert published(machine) == before
    assert "GITHUB_TOKEN" in json.dumps(result["errors"]) + json.dumps(result["failed_sources"])
    for secret in (token, TOKEN):
        assert secret not in json.dumps(result)
        assert secret not in worker.log.read_text(encoding="utf-8")
        assert tables_with(machine, secret) == []


def tables_with(machine: Machine, text: str) -> list[str]:
    """Every table of every schema that holds a text."""
    with psycopg.connect(machine.database) as connection:
        names = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_type = 'BASE TABLE' "
            "and table_schema not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = []
        for schema, name in names:
            count = connection.execute(
                f'select count(*) from "{schema}"."{name}" as one '  # pyright: ignore
                "where position(%s in one::text) > 0",
                [text],
            ).fetchone()
            if count is not None and count[0]:
                found.append(f"{schema}.{name}")
    assert len(names) > 40
    return found


def test_bad_data_is_not_published(machine: Machine) -> None:
    """Quality below 0.90 for more than 5 % stops the build before the marts."""
    before = published(machine)
    machine.execute("create table public.kept as select id, api_response from raw.raw_github_repos")
    machine.execute(
        "update raw.raw_github_repos set api_response = api_response || "
        """'{"description": null, "licenseInfo": null, "primaryLanguage": null,
            "forkCount": null, "watchers": null, "openIssues": null, "pushedAt": null,
            "defaultBranchRef": null, "repositoryTopics": null, "homepageUrl": null,
            "languages": null, "updatedAt": null}'::jsonb"""
    )
    outcome = machine.build("full")
    assert not outcome["passed"]
    assert any("most_repositories_have_good_data" in name for name in outcome["broken"])
    assert published(machine) == before
    machine.execute(
        "update raw.raw_github_repos as raw set api_response = kept.api_response "
        "from public.kept as kept where raw.id = kept.id"
    )
    machine.execute("drop table public.kept")
    assert machine.build("full") == {"passed": True, "broken": []}
    assert published(machine) == before


def test_a_full_disk_loses_nothing(machine: Machine) -> None:
    """PostgreSQL refuses to write in the middle; afterwards the run simply works.

    The disk is played by a trigger that raises what PostgreSQL raises (SQLSTATE 53100).
    """
    before = published(machine)
    payloads = machine.payload_hashes()
    machine.simulator.move(FOURTH)
    machine.execute(
        "create function public.full_disk() returns trigger language plpgsql as $$ begin "
        "raise exception 'could not extend file: No space left on device' "
        "using errcode = '53100'; end $$"
    )
    machine.execute(
        "create trigger full_disk before insert on raw.fetch_log "
        "for each statement execute function public.full_disk()"
    )
    result = machine.refresh(FOURTH)
    assert not result["success"]
    assert len(result["failed_sources"]) == 12
    assert "No space left on device" in json.dumps(result["failed_sources"])
    assert machine.payload_hashes() == payloads
    assert published(machine) == before
    machine.execute("drop trigger full_disk on raw.fetch_log")
    result = machine.refresh(FOURTH)
    assert result["success"], result
    assert machine.value("select max(as_of) from analytics.fact_repo_snapshots").hour == 13


def test_the_clock_and_zone_of_the_host_do_not_matter(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another zone, a session in another zone: the same rows."""
    before = machine.results()
    command = machine.command(FOURTH)
    command["environment"] |= {"TZ": "America/New_York", "PGTZ": "Asia/Tokyo"}
    machine.worker.begin(command)
    result = machine.worker.answer()
    machine.worker.kill()
    assert result["success"], result
    assert machine.results() == before
    dates = machine.rows(
        "select distinct snapshot_date::text as day from analytics.fact_repo_snapshots"
    )
    assert [item["day"] for item in dates] == ["2026-11-05"]
