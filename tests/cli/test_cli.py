"""The command line as a whole: exit codes, streams, no traceback."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from trender_assets.commands import cli, failures
from trender_assets.commands.failures import CommandFailure, explain
from trender_assets.settings import SettingsError
from trender_assets.warehouse.errors import WarehouseUnavailable

from .conftest import CANARY, CHECKOUT, Machine

HEAVY = ("dagster", "dbt", "pandas", "psycopg", "httpx", "pydantic", "sqlalchemy", "alembic")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from trender_assets.commands.cli import run; run(['--help']); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )
    assert answer.stderr.strip() == "[]"
    assert "refresh" in answer.stdout


def test_help_is_there_at_once(machine: Machine) -> None:
    """Its own work stays under 0.4 s; wall time would measure how busy the machine is."""
    assert min(_cpu_seconds(machine, "--help") for _ in range(3)) < 0.4


def _cpu_seconds(machine: Machine, *arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert machine.trender(*arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["bogus"], "No such command 'bogus'"),
        (["refresh", "--bogus"], "No such option"),
        (["refresh", "--as-of", "yesterday"], "--as-of 'yesterday' is not an ISO 8601 time"),
        (["serve", "--port", "99999"], "--port"),
        (["oauth"], "--write-env"),
        (["trigger", "--timeout", "x"], "--timeout"),
    ],
)
def test_usage_errors_exit_with_2(
    arguments: list[str],
    text: str,
    clean_process: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(arguments) == failures.USAGE
    captured = capsys.readouterr()
    assert text in captured.err
    assert captured.out == ""


def test_no_command_shows_the_help_and_exits_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == failures.USAGE
    assert "Commands:" in capsys.readouterr().out


def test_without_a_token_refresh_says_what_to_do(machine: Machine) -> None:
    answer = machine.trender("refresh")
    assert answer.returncode == failures.CONFIGURATION
    assert "GITHUB_TOKEN is not set" in answer.stderr
    assert str(machine.env_file) in answer.stderr
    assert "trender demo" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""
    assert not machine.data_dir.exists()


def test_bad_configuration_files_are_named(machine: Machine) -> None:
    config = machine.folder / "trender.yaml"
    config.write_text("languages: [oops\n")
    answer = machine.trender(
        "refresh", "--source", "python", TRENDER_CONFIG=str(config), GITHUB_TOKEN=CANARY
    )
    assert answer.returncode == failures.CONFIGURATION
    assert str(config) in answer.stderr
    assert "Traceback" not in answer.stderr
    assert CANARY not in answer.stdout + answer.stderr


def test_a_foreign_database_address_is_refused_without_its_password(machine: Machine) -> None:
    answer = machine.trender("db", "status", DATABASE_URL="mysql://u:hunter22@h/db")
    assert answer.returncode == failures.CONFIGURATION
    assert "DATABASE_URL must be a postgresql:// address" in answer.stderr
    assert "hunter22" not in answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (CommandFailure("do this", 4), 4, "do this"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (SettingsError("trender.yaml: x"), 3, "trender.yaml: x"),
        (WarehouseUnavailable("no server"), 3, "no server"),
        (OSError(errno.ENOSPC, "No space left", "/data/x"), 3, "/data/x: the disk is full"),
        (psycopg.errors.DiskFull("could not extend file"), 3, "free some space where it keeps"),
        (OSError(errno.EROFS, "Read-only", "/data/x"), 3, "TRENDER_DATA_DIR"),
        (ZeroDivisionError("division by zero"), 1, "unexpected ZeroDivisionError"),
    ],
)
def test_each_error_has_its_code(error: BaseException, code: int, text: str) -> None:
    message, answer = explain(error)
    assert answer == code
    assert text in message


def test_a_bug_shows_no_traceback_unless_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(name: str) -> str:
        raise RuntimeError(f"broken with {CANARY}")

    monkeypatch.setattr("importlib.metadata.version", broken)
    monkeypatch.delenv("TRENDER_DEBUG", raising=False)
    assert cli.version is not None
    assert cli.run(["version"]) == failures.BUG
    quiet = capsys.readouterr().err
    assert "Traceback" not in quiet
    assert "TRENDER_DEBUG=1" in quiet
    monkeypatch.setenv("TRENDER_DEBUG", "1")
    assert cli.run(["version"]) == failures.BUG
    loud = capsys.readouterr().err
    assert "Traceback" in loud
    assert CANARY not in quiet + loud


def test_interrupt_exits_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(name: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("importlib.metadata.version", interrupted)
    assert cli.run(["version"]) == failures.INTERRUPTED
    assert "Traceback" not in capsys.readouterr().err


def test_a_closed_pipe_is_not_an_error(machine: Machine) -> None:
    """`trender version | head -0`: the reader is gone before anything is written."""
    reader, writer = os.pipe()
    os.close(reader)
    child = subprocess.run(
        [sys.executable, "-m", "trender_assets.commands.cli", "version"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=machine.variables(),
        check=False,
    )
    os.close(writer)
    assert "Traceback" not in child.stderr
    assert "BrokenPipe" not in child.stderr


def test_it_runs_without_home_and_in_an_ascii_locale(machine: Machine) -> None:
    variables = machine.variables(LC_ALL="C", PYTHONIOENCODING="ascii", NO_COLOR="1")
    variables.pop("HOME", None)
    answer = subprocess.run(
        [sys.executable, "-m", "trender_assets.commands.cli", "db", "status"],
        capture_output=True,
        env=variables,
        cwd=machine.folder,
        check=False,
    )
    assert answer.returncode == failures.CONFIGURATION
    assert b"not running" in answer.stdout
    assert b"\x1b[" not in answer.stdout + answer.stderr


def test_version_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert cli.run(["version", "--json"]) == failures.OK
    facts = json.loads(capsys.readouterr().out)
    assert facts["trender"] and facts["schema"] and facts["dagster"].startswith("1.")
