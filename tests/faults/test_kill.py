"""Death in the middle of a run: the refresh's, PostgreSQL's; the next run heals everything.

`benchmarks/kill_test.py` does the same at twenty random instants, each on a machine of its own.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.integration.fixtures import MakeMachine
from tests.integration.machine import Machine, Simulator, Worker
from trender_assets.warehouse import embedded

FIRST = "2026-11-05T10:00:00Z"
SECOND = "2026-11-06T12:00:00Z"
SEED = 20261105
KILLS = 4
TINY = ("--repositories-per-language", "8", "--render", "12", "--bulk", "0", "--no-limits")


def after(machine: Machine) -> tuple[Any, Any]:
    """What must be the same whatever happened on the way."""
    return machine.results(), machine.payload_hashes()


class TwoDays(NamedTuple):
    """A machine after its first day, and what an undisturbed second day made of a copy."""

    first: Machine
    rows: tuple[Any, Any]
    told: int


@pytest.fixture(scope="module")
def days(make_machine: MakeMachine) -> TwoDays:
    """Two days without a fault."""
    first = make_machine(FIRST, *TINY)
    assert first.refresh(FIRST)["success"]
    first.simulator.move(SECOND)
    undisturbed = make_machine(SECOND, copy_of=first)
    result = undisturbed.refresh(SECOND)
    assert result["success"]
    return TwoDays(first, after(undisturbed), result["told"])


def test_killed_at_random_points(days: TwoDays, make_machine: MakeMachine, worker: Worker) -> None:
    """Killed four times in the same hour, then left alone: the same rows.

    Each death leaves a run STARTED in Dagster; the next refresh reports it as failed.
    """
    machine = make_machine(SECOND, copy_of=days.first)
    points = sorted(random.Random(SEED).sample(range(2, days.told - 1), KILLS))
    for point in points:
        worker.begin(machine.command(SECOND, die_at=point))
        assert worker.wait_for_death() == -signal.SIGKILL
        started = machine.rows("select run_id from dagster.runs where status = 'STARTED'")
        assert len(started) == 1, points
    result = machine.refresh(SECOND)
    assert result["success"], result
    assert after(machine) == days.rows, points
    left = machine.rows("select status, count(*) as n from dagster.runs group by 1")
    assert {row["status"]: row["n"] for row in left} == {"SUCCESS": 2, "FAILURE": KILLS}
    held = "select count(*) from dagster.concurrency_slots where run_id is not null"
    assert machine.value(held) == 0


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a PostgreSQL of its own."""
    tmp_path.chmod(0o755)
    embedded.start(tmp_path)
    yield tmp_path
    embedded.stop(tmp_path)


def test_postgres_dies_in_a_run(days: TwoDays, own_server: Path, worker: Worker) -> None:
    """Kill -9 of the postmaster while the run writes; no half row is left."""
    simulator = Simulator(FIRST, *TINY, start="2026-11-05T00:00:00Z")
    machine = Machine(simulator, embedded.start(own_server), worker)
    try:
        assert machine.refresh(FIRST)["success"]
        simulator.move(SECOND)
        worker.begin(machine.command(SECOND))
        time.sleep(1.0)
        status = embedded.status(own_server)
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
        embedded.start(own_server)
        outcome = worker.answer()
        assert set(outcome) & {"raised", "success"}
        worker.kill()  # as the command's process ends after an error
        result = machine.refresh(SECOND)
        assert result["success"], (outcome, result)
        assert after(machine) == days.rows
    finally:
        simulator.stop()


def test_two_refreshes_at_once(
    days: TwoDays, make_machine: MakeMachine, worker: Worker, tmp_path: Path
) -> None:
    """Two processes refresh the same hour; both end, no row is doubled."""
    machine = make_machine(SECOND, copy_of=days.first)
    other = Worker(tmp_path)
    (tmp_path / "dbt-target").symlink_to(worker.folder / "dbt-target")
    try:
        other.warm()
        worker.begin(machine.command(SECOND))
        other.begin(machine.command(SECOND))
        results = [worker.answer(), other.answer()]
    except (AssertionError, subprocess.SubprocessError):
        other.kill()
        raise
    other.kill()
    assert all(result.get("success") for result in results), results
    assert after(machine) == days.rows
