"""`trender serve`: the dashboard depends on the database and on nothing of Dagster's."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from .conftest import Machine

PATIENCE = 20.0


def test_the_dashboard_serves_while_the_code_location_is_broken(
    machine: Machine, tmp_path: Path, warehouse_url: str
) -> None:
    """Dagster itself can't be imported; pages and API are there, and so is `status`."""
    broken = tmp_path / "dagster"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise ImportError('a broken code location')\n")
    environment = {"PYTHONPATH": str(tmp_path), "DATABASE_URL": warehouse_url}
    asked = machine.trender("refresh", GITHUB_TOKEN="t", **environment)
    assert asked.returncode != 0 and "a broken code location" in asked.stderr, "it is broken"
    assert machine.trender("status", **environment).returncode == 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "trender_assets.commands.cli", "serve", "--port", str(port)],
        env=machine.variables(**environment),
        cwd=machine.folder,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
            _wait_for(client)
            for path in ("/", "/render", "/meta", "/trending.json", "/openapi.json"):
                assert client.get(path).status_code == 200, path
    finally:
        child.terminate()
        child.wait(PATIENCE)


def _wait_for(client: httpx.Client) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            client.get("/health")
            return
        except httpx.TransportError:
            assert time.monotonic() < deadline, "no answer"
            time.sleep(0.1)
