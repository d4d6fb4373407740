"""Ctrl-C and SIGTERM end a command at once, say so once, and leave an honest record."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.integration.machine import TOKEN, Simulator
from trender_assets.warehouse import embedded

from .conftest import Machine

CLOCK = "2026-11-05T10:00:00Z"
TINY = ("--repositories-per-language", "8", "--render", "12", "--bulk", "0", "--no-limits")
SECONDS = 2.0
# A machine that is busy with other tests takes longer to schedule the end.
BUSY_SECONDS = 1.0


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    running = Simulator(CLOCK, *TINY, start="2026-11-04T00:00:00Z")
    yield running
    running.stop()


class Command:
    """`trender` as a process whose words on stderr can be waited for."""

    def __init__(self, machine: Machine, *arguments: str, **more: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "trender_assets.commands.cli", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=machine.variables(**more), cwd=machine.folder,
        )  # fmt: skip
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(iter(self.process.stderr.readline, ""))

    def wait_for(self, words: str, seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    def stop(self, how: signal.Signals) -> float:
        """Send the signal; the seconds until the process is gone."""
        begun = time.monotonic()
        self.process.send_signal(how)
        self.process.wait(30)
        seconds = time.monotonic() - begun
        self.reader.join(5)
        return seconds

    @property
    def said(self) -> str:
        return "".join(self.lines)


def _statuses(machine: Machine) -> list[tuple[str, str]]:
    with psycopg.connect(embedded.start(machine.data_dir)) as connection:
        return connection.execute(
            "select status, coalesce(error_details ->> 'message', '') "
            "from analytics.fact_workflow_executions order by execution_date"
        ).fetchall()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("phase", "how"),
    [
        (None, signal.SIGINT),
        (" read ", signal.SIGTERM),
        (" files ", signal.SIGINT),
    ],
)
def test_a_stopped_refresh_ends_at_once_and_is_recorded_as_canceled(
    embedded_machine: Machine, simulator: Simulator, phase: str | None, how: signal.Signals
) -> None:
    """It used to go on with another run downstream, to call itself failed for want of a
    termination request, and to leave the traceback of an async generator.
    """
    machine = embedded_machine
    embedded.start(machine.data_dir)
    before = len(_statuses(machine)) if (machine.data_dir / "refresh.log").exists() else 0
    command = Command(machine, "refresh", GITHUB_API_BASE_URL=simulator.url, GITHUB_TOKEN=TOKEN)
    if phase is None:
        time.sleep(1.0)
    else:
        command.wait_for(phase)
        time.sleep(1.0 if phase == " files " else 0.0)  # the models are being built by then
    seconds = command.stop(how)
    assert seconds < SECONDS + BUSY_SECONDS, command.said
    assert command.process.returncode == 128 + how
    last = command.said.splitlines()[-1]
    assert "stopped by you" in last and "stays" in last and "`trender refresh`" in last
    log = machine.data_dir / "refresh.log"
    written = command.said + (log.read_text() if phase else "")
    for never in ("Traceback", "No user initiated termination", "async generator", "unexpected"):
        assert never not in written, written
    if phase is None:
        return
    new = _statuses(machine)[before:]
    assert [status for status, _ in new] == ["canceled"]
    assert "stopped by" in new[0][1]
    with psycopg.connect(embedded.start(machine.data_dir)) as connection:
        going_on = connection.execute(
            "select count(*) from dagster.runs where status in ('STARTED', 'STARTING', 'QUEUED')"
        ).fetchone()
    assert going_on == (0,), "the run is over, and no second one was started"


@pytest.mark.slow
def test_after_a_stop_the_next_refresh_is_whole(
    embedded_machine: Machine, simulator: Simulator
) -> None:
    """What had landed stays, and a stopped run holds nothing that the next one waits for."""
    answer = embedded_machine.trender(
        "refresh", GITHUB_API_BASE_URL=simulator.url, GITHUB_TOKEN=TOKEN
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_demo_leaves_no_simulator_behind(
    machine: Machine, how: signal.Signals, tmp_path: Path
) -> None:
    """Its simulator and its folder of temporary files end with it."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    command = Command(machine, "demo", "--no-serve", TMPDIR=str(temporary))
    command.wait_for("The simulator answers at")
    seconds = command.stop(how)
    assert seconds < SECONDS + BUSY_SECONDS
    assert "stopped by you" in command.said and "`trender demo`" in command.said
    assert not list(temporary.glob("trender-sim-*"))
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [line for line in running if str(temporary).encode() in line]


def test_a_stopped_dashboard_ends_well(machine: Machine) -> None:
    """Ctrl-C is how `trender serve` ends: exit code 0, and a word about it."""
    command = Command(machine, "serve", "--port", "18791")
    command.wait_for("Dashboard: ")
    assert command.stop(signal.SIGINT) < SECONDS + BUSY_SECONDS
    assert command.process.returncode == 0
    assert "Traceback" not in command.said
