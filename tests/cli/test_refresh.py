"""`trender refresh`: arguments, exit codes, the summary."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from trender_assets.commands.failures import CommandFailure
from trender_assets.commands.hourly import RefreshResult
from trender_assets.commands.ready import load_settings
from trender_assets.commands.refresh import (
    as_dict,
    check_sources,
    exit_code,
    export,
    parse_time,
    summary,
)
from trender_assets.commands.terminal import Terminal

from .conftest import CANARY, Machine

GOOD = RefreshResult(
    run_id="run-1",
    success=True,
    as_of=datetime(2026, 11, 25, 9, tzinfo=UTC),
    seconds=9.31,
    failed_sources={},
    errors={},
    repos=400,
    rows_raw=400,
    rows_staging=398,
    rows_facts=None,
    incomplete={},
    api={"raw_github_repos": {"requests": {"graphql": 40}, "points": {"graphql": 44}}},
    timings={"imports": 2.0, "job": 7.0},
)


def test_exit_codes() -> None:
    assert exit_code(GOOD) == 0
    assert exit_code(replace(GOOD, success=False, failed_sources={"go": "timeout"})) == 4
    assert exit_code(replace(GOOD, success=False, errors={"dbt": "test failed"})) == 5


def test_the_summary_says_what_it_did_and_what_failed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    summary(
        Terminal(),
        replace(GOOD, success=False, failed_sources={"go": f"401 with {CANARY}"}),
        Path("/data/refresh.log"),
    )
    captured = capsys.readouterr()
    assert "Run run-1: 400 repositories in 9.3 s" in captured.out
    assert "raw 400, staging 398, facts —" in captured.out
    assert "40 requests, 44 GraphQL points" in captured.out
    assert "go: 401 with ***" in captured.out
    assert "trender refresh --source go" in captured.err
    assert "/data/refresh.log" in captured.err
    assert "\x1b[" not in captured.out


def test_the_summary_says_what_was_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    """By purpose, with counts; nothing is said when nothing was skipped."""
    summary(Terminal(), GOOD, Path("/data/refresh.log"))
    assert "skipped" not in capsys.readouterr().out
    report = {"requests": {"core": 4}, "skipped": {"first star history": 1200, "follow-ups": 3}}
    summary(Terminal(), replace(GOOD, api={"raw_star_history": report}), Path("/data/refresh.log"))
    line = next(line for line in capsys.readouterr().out.splitlines() if "skipped" in line)
    assert line == "  skipped       first star history 1,200, follow-ups 3 (too little budget)"


def test_the_result_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(as_json=True).document(as_dict(GOOD))
    facts = json.loads(capsys.readouterr().out)
    assert facts["as_of"] == "2026-11-25T09:00:00+00:00"
    assert facts["api_totals"]["requests"] == 40
    assert facts["rows_facts"] is None


def test_times() -> None:
    expected = datetime(2026, 11, 25, 9, tzinfo=UTC)
    assert parse_time("2026-11-25T09:00:00Z") == expected
    assert parse_time("2026-11-25T09:00:00.75") == expected
    assert parse_time("2026-11-25T10:00:00+01:00") == expected
    east = timezone(timedelta(hours=1))
    assert parse_time(expected.astimezone(east).isoformat()) == expected
    with pytest.raises(CommandFailure) as caught:
        parse_time("2026-02-30")
    assert caught.value.exit_code == 2


def test_sources_that_do_not_exist_are_named(clean_process: Path) -> None:
    settings = load_settings()
    check_sources(settings, [])
    check_sources(settings, ["python", "employees"])
    with pytest.raises(CommandFailure, match="there is no ruby; known are python,") as caught:
        check_sources(settings, ["python", "ruby"])
    assert caught.value.exit_code == 2


def test_what_the_assets_read_is_in_the_environment(
    clean_process: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They make their own settings: a token of another `.env` would be another run."""
    import os

    for name in ("GITHUB_TOKEN", "GITHUB_API_BASE_URL", "TRENDER_DATA_DIR"):
        monkeypatch.setenv(name, "")
    clean_process.write_text("GITHUB_TOKEN=aaaa,bbbb\nGITHUB_API_BASE_URL=http://127.0.0.1:9/\n")
    monkeypatch.setenv("TRENDER_DATA_DIR", str(clean_process.parent / "d"))
    export(load_settings())
    assert os.environ["GITHUB_TOKEN"] == "aaaa,bbbb"
    assert os.environ["GITHUB_API_BASE_URL"] == "http://127.0.0.1:9"
    assert Path(os.environ["TRENDER_DATA_DIR"]) == (clean_process.parent / "d").resolve()


def test_a_source_that_does_not_exist_exits_with_2(machine: Machine) -> None:
    answer = machine.trender("refresh", "--source", "ruby", GITHUB_TOKEN=CANARY)
    assert answer.returncode == 2
    assert "there is no ruby" in answer.stderr
    assert CANARY not in answer.stdout + answer.stderr


def test_chatter_goes_to_a_private_log_without_secrets(
    clean_process: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dagster prints every exception; a token in two pieces is still hidden."""
    import stat
    import sys

    from trender_assets.commands.run_log import run_log

    folder = clean_process.parent / "data"
    with run_log(folder) as path:
        print("to stdout")
        sys.stderr.write(f"an error with {CANARY[:10]}")
        sys.stderr.write(f"{CANARY[10:]} in it\nand a last line \udcff")
    captured = capsys.readouterr()
    assert captured.out + captured.err == ""
    assert path.read_text() == ("to stdout\nan error with *** in it\nand a last line \\udcff")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_summary_says_what_is_incomplete(capsys: pytest.CaptureFixture[str]) -> None:
    """Three in ten answers were partly null, and the run said "✓" without a word."""
    summary(Terminal(), replace(GOOD, incomplete={"commits": 2, "repos": 130}), Path("/x.log"))
    line = next(line for line in capsys.readouterr().out.splitlines() if "incomplete" in line)
    assert line == "  incomplete    commits 2, repos 130 (unknown for now; the next run asks again)"


def test_one_reason_is_said_once_for_all_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    failed = {"go": "timeout", "python": "timeout", "employees": "not found"}
    summary(Terminal(), replace(GOOD, success=False, failed_sources=failed), Path("/x.log"))
    lines = [line for line in capsys.readouterr().out.splitlines() if "not fetched" in line]
    assert lines == [
        "  not fetched   go, python: timeout",
        "  not fetched   employees: not found",
    ]
