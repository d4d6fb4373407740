"""The documented backup, restored: the same pages; the evidence alone: the same rows.

And what a rebuild does when evidence is gone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.integration.fixtures import MakeMachine
from tests.integration.machine import SMALL, Machine, Worker
from tests.web.conftest import client_of
from trender_assets.raw.migrate import migrate
from trender_assets.raw.retention import prune_raw
from trender_assets.settings import PROJECT_ROOT
from trender_assets.warehouse import embedded
from trender_assets.warehouse.connect import connect
from trender_web.config import WebConfig

AS_OF = "2026-11-05T10:00:00Z"
DAY_AFTER = "2026-11-06T12:00:00Z"
PAGES = (
    "/", "/language/python", "/render", "/meta", "/for-marketing", "/trending.json?limit=100",
)  # fmt: skip
Run = Callable[[str, Machine], None]


@pytest.fixture(scope="module")
def refreshed(make_machine: MakeMachine) -> Machine:
    """A warehouse of one refresh."""
    machine = make_machine(AS_OF, *SMALL, "--no-limits")
    assert machine.refresh(AS_OF)["success"]
    return machine


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command of the documents on a machine's database, with the server's own tools."""

    def run(command: str, machine: Machine) -> None:
        path = f"{embedded.tools()}:{os.environ['PATH']}"
        subprocess.run(
            ["sh", "-c", command],
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PATH": path, "URL": machine.database},
        )

    return run


def documented(name: str) -> tuple[str, str]:
    """How `docs/operations.md` dumps to a file of this name, and how it restores it."""
    text = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    dump = re.search(rf"^pg_dump .*\b{name}\b.*$", text, re.MULTILINE)
    restore = re.search(rf"^pg_restore .*\b{name}\b.*$", text, re.MULTILINE)
    assert dump and restore, name
    return dump[0], restore[0]


def rebuild(machine: Machine, worker: Worker, *options: str) -> subprocess.CompletedProcess[str]:
    """`trender rebuild` on a machine's database."""
    return subprocess.run(
        [sys.executable, "-m", "trender_assets.commands.cli", "rebuild", *options],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **worker.environment(machine.simulator.url, machine.database)},
    )


async def pages(machine: Machine) -> dict[str, str]:
    """What the dashboard shows of a machine's warehouse, without the version of its tables."""
    config = WebConfig(
        database_url=machine.database, clock=lambda: datetime(2026, 11, 5, 10, 5, tzinfo=UTC)
    )
    async with client_of(config) as client:
        answers = {path: await client.get(path) for path in PAGES}
    assert {answer.status_code for answer in answers.values()} == {200}
    version = re.search(r"data version <code>([^<]+)</code>", answers["/"].text)
    assert version
    return {path: answer.text.replace(version[1], "…") for path, answer in answers.items()}


async def test_a_restored_backup_shows_the_same_pages(
    refreshed: Machine, new_machine: MakeMachine, run: Run
) -> None:
    restored = new_machine(AS_OF, *SMALL)
    migrate(restored.database)
    dump, restore = documented("everything.dump")
    run(dump, refreshed)
    run(restore, restored)
    everything = ("raw", "staging", "analytics", "dagster")
    assert restored.hashes(*everything, without=()) == refreshed.hashes(*everything, without=())
    assert await pages(restored) == await pages(refreshed)


def test_the_evidence_alone_gives_the_same_rows(
    refreshed: Machine, new_machine: MakeMachine, worker: Worker, run: Run
) -> None:
    rebuilt = new_machine(AS_OF, *SMALL)
    migrate(rebuilt.database)
    dump, restore = documented("evidence.dump")
    run(dump, refreshed)
    run(restore, rebuilt)
    assert rebuild(rebuilt, worker).returncode == 0
    schemas = ("raw", "staging", "analytics")
    assert rebuilt.hashes(*schemas) == refreshed.hashes(*schemas)
    assert refreshed.value("select count(*) from analytics.fact_repo_snapshots") > 0


def test_days_without_evidence_are_not_lost_by_accident(
    refreshed: Machine, new_machine: MakeMachine, worker: Worker
) -> None:
    """Raw was pruned: the hour goes on, a rebuild is refused, and done when it is meant."""
    machine = new_machine(AS_OF, copy_of=refreshed)
    machine.simulator.move(DAY_AFTER)
    assert machine.refresh(DAY_AFTER)["success"]
    with connect(machine.database) as connection:
        prune_raw(connection, datetime(2026, 11, 7, tzinfo=UTC), keep_days=1)
    days = "select array_agg(distinct snapshot_date::text) as days from fact_repo_snapshots"
    both = ["2026-11-05", "2026-11-06"]
    assert machine.refresh(DAY_AFTER)["success"]
    assert machine.value(days) == both
    refused = rebuild(machine, worker)
    assert refused.returncode == 3
    assert "would lose 1 day of facts (2026-11-05 to 2026-11-05)" in refused.stderr
    assert machine.value(days) == both
    meant = rebuild(machine, worker, "--lose-old-days")
    assert meant.returncode == 0, meant.stderr
    assert machine.value(days) == both[1:]
    assert rebuild(machine, worker).returncode == 0
