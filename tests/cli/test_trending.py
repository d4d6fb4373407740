"""The sentence that says why, progress lines, and the cost of a run."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from trender_assets.commands import cost
from trender_assets.commands.progress_lines import ProgressLines
from trender_assets.commands.terminal import Terminal, number
from trender_assets.commands.trending import TrendingRow, show, top_rows, why
from trender_assets.runs.progress import Progress
from trender_assets.warehouse.connect import connect

ROW = TrendingRow(
    pool="python",
    rank_in_language=1,
    repo_full_name="acme/rocket",
    stars=5000,
    stars_gained_7d=410,
    stars_gained_7d_reason=None,
    star_velocity=8.2,
    commits_last_7_days=1,
    issues_closed_last_7_days=12,
    active_contributors=9,
    momentum_velocity_part=3.28,
    momentum_activity_part=4.02,
    age_factor=0.9,
    render_boost=1.2,
    momentum_score=7.88,
    uses_render=True,
    as_of=None,
)


def test_the_sentence_repeats_the_marts_numbers() -> None:
    assert why(ROW) == (
        "+410 stars in 7 days (8.2 % of all) → 3.3; 1 commit, 12 closed issues, 9 authors → 4.0; "
        "× 0.9 older than half a year, × 1.2 for using Render"
    )


def test_unknown_is_said_and_never_zero() -> None:
    unknown = replace(
        ROW,
        stars_gained_7d=None,
        stars_gained_7d_reason="history not asked",
        issues_closed_last_7_days=None,
        momentum_velocity_part=None,
        age_factor=1,
        render_boost=1,
    )
    assert why(unknown) == (
        "star gain unknown (history not asked); 1 commit, closed issues unknown, 9 authors → 4.0"
    )
    assert "-3 stars" in why(replace(ROW, stars_gained_7d=-3))
    assert number(None) == "—"


def test_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    show(Terminal(), [ROW, replace(ROW, pool="go", uses_render=False, momentum_score=None)])
    out = capsys.readouterr().out
    assert "Trending in python" in out and "Trending in go" in out
    assert "  1. acme/rocket  [Render]   +410 in 7 days, 5,000 stars\n     momentum 7.9: " in out
    assert "momentum —" in out


def test_what_a_run_did_not_read_is_marked_with_its_own_time(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A language whose source had failed was shown as if it had just been read."""
    now = datetime(2026, 11, 25, 9, tzinfo=UTC)
    old = replace(ROW, pool="go", as_of=now - timedelta(hours=2))
    show(Terminal(), [replace(ROW, as_of=now), old], now)
    lines = capsys.readouterr().out.splitlines()
    assert "Trending in python" in lines
    assert "Trending in go (of 2026-11-25 07:00 UTC; not read this time)" in lines


def test_before_the_marts_exist_there_is_no_top(warehouse_url: str) -> None:
    with connect(warehouse_url) as connection:
        assert top_rows(connection, ["python"]) == []


class _Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


STEPS = (
    Progress("discover", "python", "3 queries"),
    Progress("read", "python", "repositories", 50, 100),
    Progress("read", "python", "repositories", 100, 100),
    Progress("wait", "core", "waiting 30 s: Bearer abcdefghijklmnop"),
)


def test_in_a_pipe_only_whole_lines() -> None:
    stream = io.StringIO()
    with ProgressLines(stream, clock=lambda: 0.0) as lines:
        for step in STEPS:
            lines(step)
    text = stream.getvalue()
    assert "\r" not in text and "\x1b" not in text
    assert text.count("\n") == 3
    assert "abcdefghijklmnop" not in text


def test_on_a_terminal_one_line_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = _Tty()
    times = iter([0.0, *[n / 10 for n in range(1, 100)]])
    with ProgressLines(stream, clock=lambda: next(times)) as lines:
        for step in STEPS:
            lines(step)
    text = stream.getvalue()
    assert "[########--------] 50/100 " in text
    assert text.count("\n") == 3
    assert text.endswith("\n")


def test_hostile_text_cannot_move_the_cursor_to_another_line() -> None:
    stream = io.StringIO()
    ProgressLines(stream, clock=lambda: 0.0)(Progress("read", "a/b", "x\nFAKE LINE\r\x85y"))
    assert stream.getvalue().count("\n") == 1


def test_cost_adds_up_over_assets() -> None:
    reports = {
        "a": {
            "requests": {"core": 3, "graphql": 4},
            "points": {"core": 3, "graphql": 9},
            "not_modified": 2,
            "retries": {"502": 1},
            "waited_seconds": 1.5,
            "remaining": {"core": 10},
            "skipped": {"follow-ups": 3, "workspaces": 1},
        },
        "b": {
            "requests": {"core": 1},
            "remaining": {"core": 7, "search": 3},
            "skipped": {"follow-ups": 2, "first star history": 40},
        },
        "broken": None,
    }
    assert cost.totals(reports) == {
        "requests": 8,
        "points": 9,
        "not_modified": 2,
        "retries": 1,
        "waited_seconds": 1.5,
    }
    assert cost.sentence(reports) == (
        "8 requests, 9 GraphQL points, 2 unchanged (free), 1 retries, waited 2 s"
    )
    assert cost.budget_left(reports) == {"core": 7, "search": 3}
    assert cost.skipped(reports) == {"follow-ups": 5, "workspaces": 1, "first star history": 40}
    assert cost.skipped({}) == {}
    assert cost.sentence({}) == "0 requests, 0 GraphQL points"
