"""A refresh that can't go on, or that somebody stops: what a person at the terminal sees."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest

from tests.integration.machine import SMALL, Simulator

from .conftest import Machine

CLOCK = "2026-11-05T10:00:00Z"


@pytest.fixture(scope="module")
def simulated_github() -> Iterator[Simulator]:
    simulator = Simulator(CLOCK, *SMALL)
    yield simulator
    simulator.stop()


@pytest.fixture
def ready(machine: Machine, module_warehouse_url: str) -> Machine:
    machine.environment |= {"DATABASE_URL": module_warehouse_url, "GITHUB_TOKEN": "a-token"}
    return machine


def test_github_that_is_away_is_named_in_one_line(ready: Machine) -> None:
    """It once took over 400 s of waiting for a budget that had never been spent, and then showed
    the top 3 of an older run as if it had just been read."""
    begun = time.monotonic()
    answer = ready.trender("refresh", GITHUB_API_BASE_URL="http://127.0.0.1:9")
    assert time.monotonic() - begun < 15
    assert answer.returncode == 4
    assert answer.stdout == ""
    said = [line for line in answer.stderr.splitlines() if line.startswith("trender: ")]
    assert len(said) == 1
    assert said[0].startswith("trender: 127.0.0.1 can't be reached: Connection refused. Check ")
    assert answer.stderr.count("can't be reached") == 1
    with psycopg.connect(ready.environment["DATABASE_URL"]) as connection:
        status, message = connection.execute(
            "select status, error_details ->> 'message' from analytics.fact_workflow_executions "
            "order by execution_date desc limit 1"
        ).fetchone() or (None, None)
    assert status == "failure" and "can't be reached" in message


@pytest.mark.parametrize(
    ("scheme", "host", "cause"),
    [("https", "127.0.0.1", "SSL"), ("https", "no-such-host.invalid", "")],
)
def test_every_way_not_to_reach_github_has_its_cause(
    ready: Machine, simulated_github: Simulator, scheme: str, host: str, cause: str
) -> None:
    """No route, no name and no TLS are said like a refused connection: host, cause, what to do."""
    port = simulated_github.url.rpartition(":")[2]
    begun = time.monotonic()
    answer = ready.trender("refresh", GITHUB_API_BASE_URL=f"{scheme}://{host}:{port}")
    assert time.monotonic() - begun < 15
    assert answer.returncode == 4
    lines = answer.stderr.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith(f"trender: {host} can't be reached: ") and cause in lines[0]


class Pages(BaseHTTPRequestHandler):
    """A web server that knows nothing of GitHub."""

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Not here</html>")

    def log_message(self, format: str, *args: object) -> None: ...


def test_a_server_that_is_not_github_is_named_in_one_line(ready: Machine) -> None:
    """Each of the eleven sources had a line of its own, and none said what is at the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        answer = ready.trender("refresh", GITHUB_API_BASE_URL=address)
        server.shutdown()
    assert answer.returncode == 3
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert line.startswith(f"trender: {address} is not GitHub's API: it answers with HTTP 404 and ")
    assert "Set GITHUB_API_BASE_URL to https://api.github.com" in line


def test_a_wrong_token_is_said_once(ready: Machine, simulated_github: Simulator) -> None:
    """The same sentence stood there eleven times, and then a command to try eleven sources."""
    answer = ready.trender(
        "refresh", GITHUB_API_BASE_URL=simulated_github.url, GITHUB_TOKEN="expired-token"
    )
    assert answer.returncode == 3
    assert answer.stderr.count("401 Bad credentials") == 1
    assert "--source" not in answer.stderr and answer.stdout == ""
    assert "expired-token" not in answer.stderr


def test_what_was_read_is_the_result(ready: Machine, simulated_github: Simulator) -> None:
    answer = ready.trender(
        "refresh", "--json", "--as-of", CLOCK, GITHUB_API_BASE_URL=simulated_github.url
    )
    assert answer.returncode == 0, answer.stderr
    facts = json.loads(answer.stdout)
    assert facts["top"] and facts["incomplete"] == {}


@pytest.mark.parametrize(
    ("number", "code", "by", "phase"),
    [
        (signal.SIGINT, 130, "by you (Ctrl-C)", r"discover"),
        (signal.SIGTERM, 143, "by you (SIGTERM)", r"land "),
        (signal.SIGINT, 130, "by you (Ctrl-C)", r"land .* go |land +go "),
    ],
)
def test_a_stopped_run_ends_at_once_and_is_recorded(
    ready: Machine,
    simulated_github: Simulator,
    number: signal.Signals,
    code: int,
    by: str,
    phase: str,
) -> None:
    """Ctrl-C began a second run downstream and called itself a failure; SIGTERM left the traceback
    of an async generator."""
    simulated_github.refill()
    child = subprocess.Popen(
        [sys.executable, "-m", "trender_assets.commands.cli", "refresh", "--as-of", CLOCK],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ready.variables(GITHUB_API_BASE_URL=simulated_github.url),
        cwd=ready.folder,
    )
    assert child.stderr is not None
    seen = []
    for line in child.stderr:
        seen.append(line)
        if re.search(phase, line):
            break
    else:
        raise AssertionError("".join(seen))
    begun = time.monotonic()
    child.send_signal(number)
    rest = child.stderr.read()
    assert child.wait(60) == code
    assert time.monotonic() - begun < 10  # 2 s on an idle machine
    assert f"trender: stopped {by}. What had landed stays" in rest and "`trender refresh`" in rest
    assert "Traceback" not in rest and "termination request" not in rest
    with psycopg.connect(ready.environment["DATABASE_URL"]) as connection:
        unfinished, canceled = connection.execute(
            "select count(*) filter (where status in ('STARTED', 'STARTING')), "
            "count(*) filter (where status = 'CANCELED') from dagster.runs"
        ).fetchone() or (None, None)
        recorded = connection.execute(
            "select count(*) from analytics.fact_workflow_executions where status = 'canceled'"
        ).fetchone()
        held = connection.execute(
            "select count(*) from dagster.concurrency_slots where run_id is not null"
        ).fetchone()
    assert unfinished == 0 and held == (0,)
    assert recorded == (canceled,) and canceled
