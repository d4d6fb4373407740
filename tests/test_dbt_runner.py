"""The manifest is whole for every process that asks; a build says that it goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from trender_assets.dbt import runner as dbt_runner
from trender_assets.dbt.building import BUILD_LOCK, announced
from trender_assets.dbt.runner import PROJECT_DIR
from trender_assets.settings import FileSettings
from trender_assets.warehouse.connect import connect, postgres_environment
from trender_assets.warehouse.errors import WarehouseUnavailable

READ = """
import json
from trender_assets.dbt.runner import ensure_manifest
from trender_assets.settings import FileSettings
print(len(json.loads(ensure_manifest(FileSettings()).read_bytes())["nodes"]))
"""

CHANGE = """
import json, os, sys
from pathlib import Path
from trender_assets.dbt import runner as dbt_runner
from trender_assets.dbt.runner import PROJECT_DIR
from trender_assets.settings import FileSettings
dbt_runner.PROJECT_DIR = Path(sys.argv[1])
def shown_by():
    nodes = json.loads(dbt_runner.ensure_manifest(FileSettings()).read_bytes())["nodes"]
    return nodes["test.trender.scores_add_up"]["config"]["meta"]
first = shown_by()
test = dbt_runner.PROJECT_DIR / "tests" / "scores_add_up.sql"
test.write_text(test.read_text() + "-- changed")
os.utime(test, (0, 0))
second = shown_by()
test.rename(test.with_name("renamed.sql"))
next(dbt_runner.PROJECT_DIR.rglob("monthly_drafts.sql")).unlink()
nodes = json.loads(dbt_runner.ensure_manifest(FileSettings()).read_bytes())["nodes"]
print(json.dumps([first, second, sorted(nodes)]))
"""


def test_a_changed_test_stays_a_check_of_its_asset(tmp_path: Path) -> None:
    """What an update brings is parsed as a fresh clone would parse it. Only files newer than the
    manifest counted: a model that was deleted, or renamed, stayed an asset that nothing builds."""
    project = shutil.copytree(
        PROJECT_DIR, tmp_path / "dbt", ignore=shutil.ignore_patterns("target")
    )
    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CHANGE, str(project)],
        env={**os.environ, "DBT_TARGET_PATH": str(tmp_path / "target")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    first, second, nodes = json.loads(answer.stdout.strip().splitlines()[-1])
    assert first == second == {"dagster": {"ref": {"name": "fact_repo_snapshots_hourly"}}}
    assert "test.trender.renamed" in nodes and "test.trender.scores_add_up" not in nodes
    assert "model.trender.monthly_drafts" not in nodes and "model.trender.dim_languages" in nodes


def test_processes_that_start_at_once_all_read_a_whole_manifest(tmp_path: Path) -> None:
    """A fresh clone's first commands: each finds no manifest, one writes it, all read it."""
    environment = {**os.environ, "DBT_TARGET_PATH": str(tmp_path / "target")}
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", READ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [(process.communicate(timeout=120), process.returncode) for process in started]
    assert [code for _, code in answers] == [0, 0, 0], answers
    counts = {int(out.strip().splitlines()[-1]) for (out, _), _ in answers}
    assert len(counts) == 1 and counts.pop() > 20
    assert json.loads((tmp_path / "target" / "manifest.json").read_text())["nodes"]


def test_a_build_holds_its_lock_from_before_the_first_model_to_after_the_last(
    warehouse_url: str,
) -> None:
    """Readers keep to the state before a build for as long as it says that it goes on."""
    seen: list[tuple[str, bool]] = []
    with connect(warehouse_url, autocommit=True) as connection:

        def is_locked() -> bool:
            row = connection.execute(
                "select count(*) from pg_locks where locktype = 'advisory' and objid = %s "
                "and database = (select oid from pg_database where datname = current_database())",
                [BUILD_LOCK],
            ).fetchone()
            return row is not None and row[0] == 1

        passed, results, error = dbt_runner.build(
            FileSettings(),
            postgres_environment(warehouse_url),
            select=["render_service_types"],
            on_event=lambda event: seen.append((event.info.name, is_locked())),
        )
        assert passed and error == "" and len(results) >= 1
        assert {locked for _, locked in seen} == {True}
        assert "LogSeedResult" in {name for name, _ in seen}
        assert not is_locked()
        assert no_build_is_connected(connection)


def build_connections(connection: psycopg.Connection, then: LiteralString = "count(*)") -> int:
    row = connection.execute(
        f"select {then} from pg_stat_activity "
        "where datname = current_database() and application_name = 'trender-build'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def no_build_is_connected(connection: psycopg.Connection) -> bool:
    """The server's process ends a little later than the client's close."""
    for _ in range(200):
        if build_connections(connection) == 0:
            return True
        connection.execute("select pg_sleep(0.05)")
    return False


def test_a_build_that_cannot_be_announced_does_not_start() -> None:
    """It went on unannounced, and the dashboard showed its half as a state of its own."""
    seen: list[str] = []
    with pytest.raises(WarehouseUnavailable, match=r"127\.0\.0\.1:1/db does not answer"):
        dbt_runner.build(
            FileSettings(),
            postgres_environment("postgresql://u@127.0.0.1:1/db"),
            on_event=lambda event: seen.append(event.info.name),
        )
    assert seen == []


def test_a_build_whose_announcement_was_cut_does_not_count(warehouse_url: str) -> None:
    """The cut went unnoticed: readers took the half of the build for published, and the build
    passed."""
    with connect(warehouse_url, autocommit=True) as connection:
        ended: list[int] = []

        def cut(event: Any) -> None:
            if event.info.name == "LogStartLine" and not ended:
                ended.append(build_connections(connection, "pg_terminate_backend(pid, 5000)::int"))

        with pytest.raises(WarehouseUnavailable, match=r"was cut.*build again"):
            dbt_runner.build(
                FileSettings(), postgres_environment(warehouse_url),
                select=["render_service_types"], on_event=cut,
            )  # fmt: skip
        assert ended == [1]


def test_a_build_that_breaks_gives_its_connection_back(warehouse_url: str) -> None:
    """Where the lock could not be given back, the connection stayed open with it."""
    with connect(warehouse_url, autocommit=True) as connection:
        with pytest.raises(KeyboardInterrupt), announced(postgres_environment(warehouse_url)):
            build_connections(connection, "pg_terminate_backend(pid, 5000)::int")
            raise KeyboardInterrupt
        with pytest.raises(KeyboardInterrupt), announced(postgres_environment(warehouse_url)):
            raise KeyboardInterrupt
        assert no_build_is_connected(connection)


def test_dbt_still_asks_for_the_summary_that_is_spared(warehouse_url: str) -> None:
    """`_skip_graph_summary` replaces a method of dbt's that no documentation promises: with an
    upgrade it might replace nothing, and cost every run a second, and nobody would see it."""
    summary = dbt_runner.MANIFEST.with_name("graph_summary.json")
    summary.unlink(missing_ok=True)
    before = dict(os.environ)
    passed, _, error = dbt_runner.build(
        FileSettings(), postgres_environment(warehouse_url), select=["render_service_types"]
    )
    assert passed, error
    assert summary.exists(), "dbt writes no graph_summary.json any more: drop _skip_graph_summary"
    assert json.loads(summary.read_text())["with_test_edges"] == {}, (
        "dbt no longer takes its summary from Linker.get_graph_summary: adapt _skip_graph_summary"
    )
    assert os.environ.items() - {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}.items() == (
        before.items() - {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}.items()
    ), "the warehouse's variables stayed behind in the process and would bend other addresses"
