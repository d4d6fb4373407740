"""`trender trigger` against a scripted Dagster: started, already going on, waiting, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from trender_assets.commands import cli, dagster_api, trigger

from .conftest import Machine

pytestmark = pytest.mark.usefixtures("clean_process")

LOCATION = {
    "repositoriesOrError": {
        "__typename": "RepositoryConnection",
        "nodes": [
            {"name": "other", "location": {"name": "elsewhere"}, "jobs": [{"name": "x"}]},
            {
                "name": "__repository__",
                "location": {"name": "trender_assets"},
                "jobs": [{"name": "__ASSET_JOB"}, {"name": "hourly_refresh"}],
            },
        ],
    }
}


class FakeDagster:
    """Answers by the query's root field; statuses of a run come one after the other."""

    def __init__(self) -> None:
        self.active: list[dict[str, str]] = []
        self.statuses = ["STARTED", "SUCCESS"]
        self.launched: list[dict[str, Any]] = []
        self.launch: dict[str, Any] = {
            "__typename": "LaunchRunSuccess",
            "run": {"runId": "run-1", "status": "QUEUED"},
        }
        self.repositories: dict[str, Any] = LOCATION

    def __call__(self, request: httpx.Request) -> httpx.Response:
        asked = json.loads(request.content)
        query, variables = asked["query"], asked["variables"]
        if "repositoriesOrError" in query:
            data = self.repositories
        elif "runsOrError" in query:
            assert variables["filter"]["pipelineName"] == "hourly_refresh"
            data = {"runsOrError": {"__typename": "Runs", "results": self.active}}
        elif "launchRun" in query:
            self.launched.append(variables["params"])
            data = {"launchRun": self.launch}
        else:
            status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
            data = {
                "runOrError": {
                    "__typename": "Run",
                    "runId": variables["id"],
                    "status": status,
                    "startTime": 100.0,
                    "endTime": 108.5 if status == "SUCCESS" else None,
                }
            }
        return httpx.Response(200, json={"data": data})


@pytest.fixture
def dagster(monkeypatch: pytest.MonkeyPatch) -> FakeDagster:
    fake = FakeDagster()
    use(monkeypatch, fake)
    monkeypatch.setattr(trigger, "POLL_SECONDS", 0.0)
    return fake


def use(monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response]) -> None:
    original = dagster_api.Dagster.__init__

    def init(self: dagster_api.Dagster, address: str) -> None:
        original(self, address, httpx.MockTransport(answer))

    monkeypatch.setattr(dagster_api.Dagster, "__init__", init)


def test_it_starts_the_job_over_every_source(
    dagster: FakeDagster, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["trigger"]) == 0
    out = capsys.readouterr().out
    assert "✓ Workflow triggered successfully at 20" in out
    assert "Run ID: run-1" in out
    assert "Initial status: queued" in out
    (params,) = dagster.launched
    assert params["selector"] == {
        "repositoryLocationName": "trender_assets",
        "repositoryName": "__repository__",
        "jobName": "hourly_refresh",
    }
    tags = {tag["key"]: tag["value"] for tag in params["executionMetadata"]["tags"]}
    assert tags["dagster/asset_partition_range_start"] == "python"
    assert tags["dagster/asset_partition_range_end"] == "employees"


def test_it_waits_for_the_end(dagster: FakeDagster, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["trigger", "--wait", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "run_id": "run-1",
        "status": "success",
        "already_running": False,
        "url": "http://127.0.0.1:3000/runs/run-1",
        "seconds": 8.5,
    }
    assert "started" in captured.err


def test_a_failed_run_exits_with_4(
    dagster: FakeDagster, capsys: pytest.CaptureFixture[str]
) -> None:
    dagster.statuses = ["FAILURE"]
    assert cli.run(["trigger", "--wait"]) == 4
    assert "ended as failure" in capsys.readouterr().err


def test_waiting_ends_in_time(dagster: FakeDagster, capsys: pytest.CaptureFixture[str]) -> None:
    dagster.statuses = ["STARTED"]
    assert cli.run(["trigger", "--wait", "--timeout", "1"]) == 4
    assert "it goes on" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code"), [([], 4), (["--if-idle"], 0), (["--wait"], 0), (["--json"], 4)]
)
def test_a_run_that_is_going_on_is_shown_and_not_doubled(
    dagster: FakeDagster, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    dagster.active = [{"runId": "run-0", "status": "STARTED"}]
    assert cli.run(["trigger", *arguments]) == code
    captured = capsys.readouterr()
    assert "run-0" in captured.out
    assert dagster.launched == []
    if code:
        assert "--if-idle" in captured.err


def test_refusals_are_said(dagster: FakeDagster, capsys: pytest.CaptureFixture[str]) -> None:
    dagster.launch = {"__typename": "UnauthorizedError", "message": "read-only"}
    assert cli.run(["trigger"]) == 4
    assert "did not start hourly_refresh: read-only" in capsys.readouterr().err
    dagster.repositories = {"repositoriesOrError": {"__typename": "PythonError", "message": "boo"}}
    assert cli.run(["trigger"]) == 4
    assert "has no job hourly_refresh: boo" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (httpx.Response(200, text="<html>"), "is not Dagster"),
        (httpx.Response(200, json=[1]), "refused the query"),
        (httpx.Response(400, json={"errors": [{"message": "no such field"}]}), "no such field"),
    ],
)
def test_something_else_answers(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: httpx.Response,
    text: str,
) -> None:
    use(monkeypatch, lambda request: answer)
    assert cli.run(["trigger"]) == 4
    assert text in capsys.readouterr().err


def test_nobody_answers(machine: Machine) -> None:
    answer = machine.trender("trigger", TRENDER_DAGSTER_URL="http://127.0.0.1:1")
    assert answer.returncode == 4
    assert "No Dagster answers at http://127.0.0.1:1" in answer.stderr
    assert "trender dev" in answer.stderr
    assert "TRENDER_DAGSTER_URL" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_queries_fit_dagsters_schema(tmp_path: Path) -> None:
    """Validated against the schema of the installed Dagster, so an upgrade can't break them."""
    from dagster_graphql.schema import create_schema
    from graphql import parse, validate

    schema = create_schema().graphql_schema
    for query in (
        dagster_api.REPOSITORIES,
        dagster_api.RUNS,
        dagster_api.RUN,
        dagster_api.LAUNCH,
    ):
        assert validate(schema, parse(query)) == []
