"""Starting the process: what it needs, what it says, how fast it is there."""

from __future__ import annotations

import ast
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

import trender_web
from trender_web.__main__ import read_config

FORBIDDEN = {"trender_assets", "github_simulator", "dagster", "pandas", "dbt", "altair"}


def test_arguments_and_environment() -> None:
    config = read_config(["--port", "9"], {"DATABASE_URL": "postgres://u:secret@h/d"})
    assert config.database_url == "postgresql://u:secret@h/d" and config.port == 9
    assert config.base_url == "http://127.0.0.1:9" and "secret" not in repr(config)
    config = read_config(
        ["--database-url", "postgresql+psycopg://h/d", "--base-url", "https://t.example/"], {}
    )
    assert config.base_url == "https://t.example" and config.is_https


def test_where_dagster_is_comes_from_the_option_or_the_environment() -> None:
    known = {"DATABASE_URL": "postgresql://h/d", "TRENDER_DAGSTER_URL": "https://dagster.example/"}
    assert read_config([], known).dagster_url == "https://dagster.example"
    given = read_config(["--dagster-url", "http://127.0.0.1:3001"], known)
    assert given.dagster_url == "http://127.0.0.1:3001"
    for nothing in ({}, {"TRENDER_DAGSTER_URL": ""}, {"TRENDER_DAGSTER_URL": "  "}):
        assert read_config([], {"DATABASE_URL": "postgresql://h/d", **nothing}).dagster_url is None


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "dagster.example", "http://", "http://a:b@h", "ftp://h", "http://["],
)
def test_what_is_no_web_address_is_refused(url: str, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stopped:
        read_config(["--dagster-url", url], {"DATABASE_URL": "postgresql://h/d"})
    assert stopped.value.code == 3
    message = capsys.readouterr().err
    assert "TRENDER_DAGSTER_URL" in message and "a:b" not in message


@pytest.mark.parametrize("url", [None, "", "mysql://h/d", "h/d"])
def test_no_database_is_said_plainly(url: str | None, capsys: pytest.CaptureFixture) -> None:
    with pytest.raises(SystemExit) as stopped:
        read_config([], {"DATABASE_URL": url} if url is not None else {})
    assert stopped.value.code == 3
    assert "DATABASE_URL" in capsys.readouterr().err


def test_it_imports_nothing_of_the_pipeline() -> None:
    """The dashboard stands alone: no dagster, no pandas, no other program of ours."""
    for path in Path(trender_web.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            assert not FORBIDDEN & {name.split(".")[0] for name in names}, path


def test_it_serves_within_seconds_and_ends_on_a_signal(world_url: str) -> None:
    """From the command to the first page; under 2 s on a quiet machine, 8 s when others work."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": world_url}
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "trender_web", "--port", str(port)], env=environment,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while time.monotonic() - started < 8:
            try:
                answer = httpx.get(f"http://127.0.0.1:{port}/")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        else:
            raise AssertionError("no answer")
        assert answer.status_code == 200 and "server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=10)
        assert f"http://127.0.0.1:{port}" in said and "Traceback" not in said
    finally:
        process.kill()
