"""What a finished run really did, computed from Dagster's event log; pure.

Define here how durations, steps, retries and the speed-up are measured. Reading the event log
and writing fact_workflow_executions belong to `assets/executions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class StepFacts:
    """One step of a run.

    Attributes:
        name: Dagster's step key.
        status: success, failure or skipped.
        started_at: Epoch seconds (UTC), or None when it never started.
        seconds: How long it ran, or None when it did not end.
        attempts: How often it was tried.
        streams: Seconds by source, for steps that work on several at once.
    """

    name: str
    status: str
    started_at: float | None
    seconds: float | None
    attempts: int
    streams: Mapping[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a jsonb column."""
        return {**asdict(self), "streams": dict(self.streams)}


def sequential_seconds(steps: Sequence[StepFacts]) -> float | None:
    """How long the same work would take one after the other.

    A step that worked on several sources at once counts the sum of its sources' own times (at
    least its wall time); any other step its wall time.

    Returns:
        Seconds, or None when no step ended.
    """
    ended = [step for step in steps if step.seconds is not None]
    if not ended:
        return None
    return sum(max(step.seconds or 0.0, sum(step.streams.values())) for step in ended)


def measured_speedup(steps: Sequence[StepFacts], wall_seconds: float) -> float | None:
    """Sum of step and stream time ÷ wall time of the run (trap T33: never a constant).

    Returns:
        The factor, or None when it can't be measured.
    """
    total = sequential_seconds(steps)
    if total is None or wall_seconds <= 0:
        return None
    return total / wall_seconds


def success_rate(steps: Sequence[StepFacts], streams_ok: int, streams_failed: int) -> float | None:
    """Share of what was tried that succeeded: streams and steps that are not streams.

    Returns:
        Between 0 and 1, or None when nothing was tried.
    """
    plain = [step for step in steps if not step.streams and step.status != "skipped"]
    good = sum(step.status == "success" for step in plain) + streams_ok
    tried = len(plain) + streams_ok + streams_failed
    return good / tried if tried else None
