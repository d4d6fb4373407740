"""How fresh the data is, in words: updated, overdue, failed, stopped, empty.

Define here the states of the freshness chip and their conditions. When runs are due is the
pipeline's business; here it is only judged against the interval of the configuration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from trender_web.answer.formats import ago, span, utc_text
from trender_web.config import WebConfig
from trender_web.data.store import DataVersion, Reading, Row

State = Literal["fresh", "running", "overdue", "stopped", "failed", "empty"]
GRACE = timedelta(minutes=10)
STOPPED_AFTER = 3
RUNNING_FOR = timedelta(minutes=15)


@dataclass(frozen=True)
class Freshness:
    """What the chip says.

    Attributes:
        state: Which of the states.
        as_of: Logical time of the data shown.
        next_due: When the next run is expected; None when none is, or nothing is scheduled.
        text: The sentence, without JavaScript's help, with absolute times.
        detail: Why, when something is wrong.
    """

    state: State
    as_of: datetime | None
    next_due: datetime | None
    text: str
    detail: str | None = None


def due_after(as_of: datetime, config: WebConfig) -> datetime:
    """The next full interval after a run, counted from the hour (the schedule is ``0 * * * *``)."""
    step = timedelta(minutes=config.interval_minutes)
    midnight = as_of.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + step * ((as_of - midnight) // step + 1)


def lateness(as_of: datetime | None, config: WebConfig, now: datetime) -> State:
    """Whether data of this time is fresh, overdue or older than three intervals."""
    if as_of is None:
        return "empty"
    late = now - due_after(as_of, config)
    if late <= GRACE:
        return "fresh"
    return (
        "overdue"
        if late < timedelta(minutes=config.interval_minutes * STOPPED_AFTER)
        else "stopped"
    )


def state_key(version: DataVersion, config: WebConfig) -> str:
    """What, besides the data, a kept page depends on."""
    return lateness(version.as_of, config, config.clock())


def read_freshness(reading: Reading, config: WebConfig) -> Freshness:
    """The present state, from the newest observation and the newest recorded runs."""
    now = config.clock()
    as_of = reading.version.as_of
    if as_of is None:
        return Freshness("empty", None, None, "No data yet")
    runs = reading.row("freshness") or {}
    return judge(as_of, runs, config, now)


def judge(as_of: datetime, runs: Row, config: WebConfig, now: datetime) -> Freshness:
    """The state for a given moment; pure.

    Args:
        as_of: Time of the newest observation.
        runs: ``last_status``, ``last_finished``, ``last_error``, ``running_since``,
            ``is_scheduled`` (whether the schedule began any of the recent runs).
        config: For the interval.
        now: The moment it is asked at.
    """
    due = due_after(as_of, config)
    updated = f"Updated {ago(as_of, now)}"
    started = runs.get("running_since")
    if started is not None and timedelta() <= now - started < RUNNING_FOR:
        return Freshness(
            "running", as_of, due, f"{updated} · running now (started {ago(started, now)})"
        )
    if runs.get("last_status") == "failure":
        when = utc_text(runs.get("last_finished"))
        return Freshness(
            "failed", as_of, due, f"Last run failed {when} — showing data of {utc_text(as_of)}",
            runs.get("last_error"),
        )  # fmt: skip
    state = lateness(as_of, config, now)
    if not runs.get("is_scheduled"):
        return Freshness(state, as_of, None, f"{updated} · no scheduled run yet")
    if state == "fresh":
        left = due - now
        coming = f"next run in {span(left)}" if left > timedelta() else "next run due now"
        return Freshness("fresh", as_of, due, f"{updated} · {coming}")
    if state == "overdue":
        return Freshness(
            "overdue", as_of, due, f"{updated} · next run overdue by {span(now - due)}"
        )
    return Freshness(
        "stopped",
        as_of,
        None,
        f"{updated} · no run for {span(now - as_of)}: the schedule has stopped",
    )
