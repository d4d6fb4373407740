"""A simulator of this package's own, as a real process, and what runs against it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NOW = "2026-11-03T18:30:00Z"


class Simulator:
    """A running simulator."""

    def __init__(self, process: subprocess.Popen[str], url: str, is_fast: bool) -> None:
        self.process, self.url, self.is_fast = process, url, is_fast

    def call(self, path: str, body: Any = None, method: str | None = None) -> Any:
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def truth(self, as_of: str) -> dict[int, dict[str, Any]]:
        rows = self.call(f"/_sim/truth?as_of={as_of}")["repositories"]
        return {int(repo_id): row for repo_id, row in rows.items()}

    def stats(self) -> dict[str, Any]:
        return self.call("/_sim/stats")


def start(folder: Path, *arguments: str) -> Simulator:
    """Start a simulator and wait until it listens."""
    ready = folder / "port"
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "github_simulator",
            "--port",
            "0",
            "--ready-file",
            str(ready),
            *arguments,
        ],
        stdout=subprocess.DEVNULL,
        text=True,
    )
    deadline = time.monotonic() + 60
    while not (ready.exists() and ready.read_text().strip()):
        assert process.poll() is None, "the simulator ended"
        assert time.monotonic() < deadline, "the simulator did not start"
        time.sleep(0.05)
    return Simulator(process, f"http://127.0.0.1:{ready.read_text().strip()}", "fast" in arguments)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A fast simulator whose clock stands at `NOW`."""
    running = start(
        tmp_path_factory.mktemp("simulator"), "--profile", "fast", "--clock", NOW, "--no-limits"
    )
    yield running
    running.process.terminate()
    running.process.wait(10)


@pytest.fixture(scope="module")
def pessimistic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """GitHub on a bad day, limits on: 300 ms + 90 ms per repository, 60 s of GraphQL a minute."""
    running = start(
        tmp_path_factory.mktemp("pessimistic"), "--profile", "pessimistic", "--clock", NOW,
        "--repositories-per-language", "80", "--render", "60",
    )  # fmt: skip
    yield running
    running.process.terminate()
    running.process.wait(10)
