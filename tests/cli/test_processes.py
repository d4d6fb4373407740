"""Children end with the command that started them: by Ctrl-C, by SIGTERM, even by kill -9."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trender_assets.commands import processes, serve, simulator
from trender_assets.commands.failures import CommandFailure

PARENT = """
import sys
from pathlib import Path
from trender_assets.commands import processes
child = processes.start([sys.executable, "-c", "import time; time.sleep(60)"])
Path(sys.argv[1]).write_text(str(child.pid))
processes.wait_for_first({"child": child})
"""


def _gone(pid: int, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="the parent-death signal is Linux's")
def test_kill_9_of_the_command_ends_its_children(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(note)])
    deadline = time.monotonic() + 10
    while not (note.exists() and note.read_text()) and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(note.read_text())
    assert not _gone(child, 0.1)
    parent.kill()
    parent.wait()
    assert _gone(child)


def test_a_child_that_does_not_listen_is_ended_by_force() -> None:
    code = (
        "import signal, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as output:
        child = processes.start([sys.executable, "-c", code], output=output)
    with os.fdopen(reader, "rb") as answers:
        assert answers.readline() == b"ready\n"
    begun = time.monotonic()
    assert processes.stop(child, grace=0.3) == -signal.SIGKILL
    assert time.monotonic() - begun < 3


def test_stopping_what_ended_already() -> None:
    child = processes.start([sys.executable, "-c", "raise SystemExit(7)"])
    assert processes.wait_for_first({"it": child}) == ("it", 7)
    assert processes.stop(child) == 7


def test_a_port_that_is_taken_is_named() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(CommandFailure, match=f"Port {port} .*--port"):
            serve.require_free_port("127.0.0.1", port, "--port")
    serve.require_free_port("127.0.0.1", port, "--port")


def test_the_simulator_comes_up_and_goes(tmp_path: Path) -> None:
    import httpx

    with simulator.running(tmp_path, profile="fast") as address:
        answer = httpx.get(
            f"{address}/rate_limit", headers={"Authorization": f"Bearer {simulator.DEMO_TOKEN}"}
        )
        assert answer.status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}/rate_limit")


def test_a_simulator_that_does_not_start_is_quoted(tmp_path: Path) -> None:
    with (
        pytest.raises(CommandFailure, match="simulator did not start") as caught,
        simulator.running(tmp_path, profile="no-such-profile"),
    ):
        pass
    assert caught.value.exit_code == 3
    assert "simulator.log" in str(caught.value)


@pytest.mark.parametrize("given", [None, "http://127.0.0.1:3001"])
def test_the_dashboard_is_told_where_dagster_is_only_when_it_is_known(
    given: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address from elsewhere in the environment must not become a link by accident."""
    told: list[dict[str, str]] = []
    monkeypatch.setenv("TRENDER_DAGSTER_URL", "http://left-over.example")
    monkeypatch.setattr(
        processes, "start", lambda command, environment, folder: told.append(environment)
    )
    serve.start("postgresql://h/d", port=1, host="127.0.0.1", data_dir=tmp_path, dagster_url=given)
    assert [environment["TRENDER_DAGSTER_URL"] for environment in told] == [given or ""]
