"""The manifest is whole for every process that asks; a build says that it goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from trender_assets.dbt import runner as dbt_runner
from trender_assets.dbt.building import BUILD_LOCK
from trender_assets.dbt.runner import PROJECT_DIR
from trender_assets.settings import FileSettings
from trender_assets.warehouse.connect import connect, postgres_environment

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
later = dbt_runner.MANIFEST.stat().st_mtime + 1
os.utime(test, (later, later))
print(json.dumps([first, shown_by()]))
"""


def test_a_changed_test_stays_a_check_of_its_asset(tmp_path: Path) -> None:
    """What an update brings is parsed as a fresh clone would parse it."""
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
    first, second = json.loads(answer.stdout.strip().splitlines()[-1])
    assert first == second == {"dagster": {"ref": {"name": "fact_repo_snapshots_hourly"}}}


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
