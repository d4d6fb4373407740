"""What a run really did: measured, never constant."""

from __future__ import annotations

import pytest

from trender_assets.runs.record import (
    StepFacts,
    measured_speedup,
    sequential_seconds,
    success_rate,
)


def step(name: str, seconds: float | None, status: str = "success", **streams: float) -> StepFacts:
    return StepFacts(name, status, 0.0, seconds, 1, streams)


def test_streams_count_their_own_time() -> None:
    steps = [step("repositories", 4.0, python=3.0, go=3.5, typescript=2.5), step("dbt", 2.0)]
    assert sequential_seconds(steps) == pytest.approx(11.0)
    assert measured_speedup(steps, 6.0) == pytest.approx(11.0 / 6.0)


def test_a_step_never_counts_less_than_its_wall_time() -> None:
    assert sequential_seconds([step("stars", 5.0, python=1.0)]) == 5.0


def test_the_speedup_changes_with_the_run() -> None:
    """The draft's duration * 3 / duration is 3 for every run."""
    steps = [step("a", 1.0), step("b", 1.0)]
    assert measured_speedup(steps, 2.0) == 1.0
    assert measured_speedup(steps, 4.0) == 0.5


@pytest.mark.parametrize(
    ("steps", "wall"), [([], 1.0), ([step("a", None)], 1.0), ([step("a", 1.0)], 0.0)]
)
def test_what_cannot_be_measured_is_none(steps: list[StepFacts], wall: float) -> None:
    assert measured_speedup(steps, wall) is None


def test_success_rate_counts_streams_and_steps() -> None:
    steps = [
        step("repositories", 1.0, "failure", python=1.0),
        step("dbt", 1.0),
        step("x", None, "skipped"),
    ]
    assert success_rate(steps, streams_ok=11, streams_failed=1) == pytest.approx(12 / 13)
    assert success_rate([], 0, 0) is None
