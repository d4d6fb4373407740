"""Fixtures: simulators as real processes, and a naive client that pages through everything."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

NOW = "2026-11-03T18:30:00Z"
START = "2026-11-01T00:00:00Z"


class Simulator:
    """A running simulator and a client that carries a token."""

    def __init__(self, process: subprocess.Popen[str], url: str, started_in: float) -> None:
        self.process, self.url, self.started_in = process, url, started_in
        self.client = httpx.Client(
            base_url=url,
            headers={"Authorization": "Bearer test-token", "User-Agent": "tests"},
            timeout=30,
        )

    def get(self, path: str, **arguments: Any) -> httpx.Response:
        return self.client.get(path, **arguments)

    def graphql(self, query: str, token: str | None = None, **variables: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables}
        return self.client.post("/graphql", json=body, headers=headers)

    def data(self, query: str, **variables: Any) -> Any:
        body = self.graphql(query, **variables).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def truth(self, as_of: str | None = None) -> dict[str, Any]:
        params = {"as_of": as_of} if as_of else {}
        return self.get("/_sim/truth", params=params).json()

    def move(self, instant: str) -> None:
        self.client.post("/_sim/clock", json={"now": instant}).raise_for_status()

    def script(self, *faults: dict[str, Any]) -> None:
        answer = self.client.post("/_sim/faults", json=list(faults))
        assert answer.status_code == 200, answer.text

    def limits(self, **settings: Any) -> None:
        self.client.post("/_sim/limits", json=settings).raise_for_status()

    def by_tag(self, tag: str, as_of: str | None = None) -> list[tuple[int, dict[str, Any]]]:
        rows = self.truth(as_of)["repositories"]
        return [(int(k), v) for k, v in rows.items() if tag in v["tags"]]

    def pages(self, path: str, **params: Any) -> list[Any]:
        """Every row of a REST list, following the Link header."""
        answer = self.get(path, params={"per_page": 100, **params})
        rows: list[Any] = []
        while True:
            assert answer.status_code == 200, answer.text
            body = answer.json()
            rows += body["items"] if isinstance(body, dict) else body
            if "next" not in answer.links:
                return rows
            answer = self.get(answer.links["next"]["url"])

    def reset(self) -> None:
        self.client.delete("/_sim/faults")
        self.client.delete("/_sim/limits")
        self.client.delete("/_sim/log")
        self.client.post("/_sim/limits", json=DEFAULTS).raise_for_status()
        self.move(NOW)

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(10)


DEFAULTS: dict[str, Any] = {
    "user": {"core": 5000, "search": 30, "code_search": 10, "graphql": 5000},
    "spent": {"core": 0, "search": 0, "code_search": 0, "graphql": 0},
    "rest_points": 900,
    "graphql_points": 2000,
    "in_flight": 100,
    "cpu_seconds": None,
    "status": 403,
    "retry_after": "always",
    "block_seconds": 60.0,
    "is_enforced": True,
}


def start_simulator(*options: str) -> Simulator:
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "github_simulator", "--profile", "fast", *options],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("listening on http://"), line
    url = line.split()[-1]
    httpx.get(f"{url}/_sim/clock", timeout=20).raise_for_status()
    return Simulator(process, url, time.perf_counter() - began)


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    """A small world at a fixed instant, two and a half days after its start."""
    simulator = start_simulator(
        "--clock", NOW, "--start", START, "--repositories-per-language", "12",
        "--render", "20", "--bulk", "130",
    )  # fmt: skip
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Simulator:
    """The shared simulator with full budgets, no faults and its first clock."""
    shared_simulator.reset()
    return shared_simulator


@pytest.fixture
def launch() -> Iterator[Callable[..., Simulator]]:
    """Starts further simulators that end with the test."""
    running: list[Simulator] = []

    def start(*options: str) -> Simulator:
        running.append(start_simulator(*options))
        return running[-1]

    yield start
    for one in running:
        one.stop()
