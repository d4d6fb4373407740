"""`trender demo` and `trender dev --demo` whole: real server, real simulator, real Dagster."""

from __future__ import annotations

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from trender_assets.commands.demo import Counts, counts
from trender_assets.commands.ready import DEMO_DATABASE
from trender_assets.commands.simulator import DEMO_TOKEN
from trender_assets.warehouse import embedded
from trender_assets.warehouse.connect import connect, normalised

from .conftest import Machine

pytestmark = pytest.mark.slow
MINUTES = 60.0
LAUNCHED = (
    "select status from dagster.runs where exists (select 1 from dagster.run_tags "
    "where run_tags.run_id = runs.run_id and key = '.dagster/grpc_info')"
)


def _demo(machine: Machine) -> dict[str, object]:
    answer = subprocess.run(
        [sys.executable, "-m", "trender_assets.commands.cli", "demo", "--no-serve", "--json"],
        capture_output=True,
        text=True,
        env=machine.variables(),
        cwd=machine.folder,
        timeout=5 * MINUTES,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "demo data: an invented GitHub" in answer.stderr
    assert DEMO_TOKEN not in answer.stdout + answer.stderr
    return json.loads(answer.stdout)


def test_the_demo_twice_adds_no_row_twice(embedded_machine: Machine) -> None:
    first = _demo(embedded_machine)
    assert first["demo"] is True
    before, after = first["rows_before"], first["rows_after"]
    assert before == {"raw": 0, "staging": 0, "facts": 0, "duplicates": 0}
    assert isinstance(after, dict) and after["facts"] > 300 and after["duplicates"] == 0
    top = first["top"]
    assert isinstance(top, list)
    pools = [row["pool"] for row in top]
    assert list(dict.fromkeys(pools)) == ["python", "typescript", "go"]
    assert all(pools.count(pool) == 10 for pool in set(pools))
    assert all(row["why"] for row in top)

    told = embedded_machine.trender("db", "status", "--demo").stdout.splitlines()[-1]
    ranked = subprocess.run(
        f"{told.split(maxsplit=1)[1]} -Atc 'select count(*) from analytics_language_rankings'",
        shell=True, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert int(ranked.stdout) >= 30, "the README's line opens the demo's tables by plain names"

    second = _demo(embedded_machine)
    again = second["rows_after"]
    assert isinstance(again, dict)
    assert second["rows_before"] == after
    assert (again["facts"], again["duplicates"]) == (after["facts"], 0)
    totals = (first["api_totals"], second["api_totals"])
    assert isinstance(totals[0], dict) and isinstance(totals[1], dict)
    assert totals[1]["requests"] < totals[0]["requests"] / 2


def test_demo_data_never_mixes_with_real_data(embedded_machine: Machine) -> None:
    url = embedded.start(embedded_machine.data_dir)
    with connect(normalised(url, dbname=DEMO_DATABASE)) as demo, connect(url) as real:
        assert counts(demo).facts > 0
        assert counts(real) == Counts(0, 0, 0, 0)


def test_no_secret_in_any_file_of_the_run(embedded_machine: Machine) -> None:
    for path in embedded_machine.data_dir.glob("*.log"):
        assert DEMO_TOKEN not in path.read_text(errors="replace")


def test_dev_opens_dagster_and_ctrl_c_ends_everything(embedded_machine: Machine) -> None:
    """On a busy machine Dagster did not answer in time: the run under way stayed STARTED in its
    record, and its processes went on."""
    port, web_port = _free_port(), _free_port()
    demo_url = normalised(embedded.start(embedded_machine.data_dir), dbname=DEMO_DATABASE)
    log = embedded_machine.folder / "dev.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "trender_assets.commands.cli",
                "dev",
                "--demo",
                "--port",
                str(port),
                "--web-port",
                str(web_port),
            ],
            stdout=output,
            stderr=output,
            env=embedded_machine.variables(),
            cwd=embedded_machine.folder,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/server_info", child)
        answer = _trigger_when_loaded(embedded_machine, address)
        assert answer.returncode == 0, answer.stderr
        assert "Initial status: " in answer.stdout
        again = embedded_machine.trender(
            "trigger", "--if-idle", "--json", TRENDER_DAGSTER_URL=address
        )
        assert again.returncode == 0, again.stderr
        assert json.loads(again.stdout)["already_running"] is True
        status = embedded_machine.trender("status", "--demo", "--json")
        assert json.loads(status.stdout)["active_runs"]
        _wait_for_the_worker(demo_url)
    finally:
        begun = time.monotonic()
        child.send_signal(signal.SIGINT)
        code = child.wait(60)
    assert time.monotonic() - begun < 4, "two seconds on an idle machine"
    assert code == 0, log.read_text(errors="replace")[-2000:]
    text = log.read_text(errors="replace")
    assert "Traceback" not in text.split("Stopping")[0]
    assert DEMO_TOKEN not in text
    for closed in (port, web_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", closed)) != 0
    with connect(demo_url) as connection:
        ended = connection.execute(f"select distinct status from ({LAUNCHED}) as runs").fetchall()
    assert ended == [("CANCELED",)]
    assert _left_behind(embedded_machine) == []


def test_dev_without_a_token_says_what_works_without_one(machine: Machine) -> None:
    answer = machine.trender("dev")
    assert answer.returncode == 3
    assert "GITHUB_TOKEN is not set" in answer.stderr
    assert "trender dev --demo" in answer.stderr


def _wait_for_the_worker(url: str) -> None:
    """Until a process of Dagster's has begun to work on the run."""
    deadline = time.monotonic() + MINUTES
    with connect(url, autocommit=True) as connection:
        while not connection.execute(f"{LAUNCHED} and status = 'STARTED'").fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.05)


def _left_behind(machine: Machine) -> list[str]:
    """The command lines of what this machine's commands started and did not end."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(machine.data_dir).encode() in (process / "environ").read_bytes():
                command = (process / "cmdline").read_bytes().decode().split("\0")
                if not command[0].endswith("/postgres"):
                    found.append(" ".join(command))
    return found


def _trigger_when_loaded(machine: Machine, address: str) -> subprocess.CompletedProcess[str]:
    deadline = time.monotonic() + MINUTES
    while True:
        answer = machine.trender("trigger", TRENDER_DAGSTER_URL=address)
        if answer.returncode == 0 or time.monotonic() > deadline:
            return answer
        time.sleep(1)


def _wait_for(address: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 2 * MINUTES
    while time.monotonic() < deadline:
        assert child.poll() is None
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"{address} did not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
