"""Runs of the pipeline as data: steps on a time scale, what GitHub was asked, claims measured.

Define here what is read out of a recorded run. Everything is computed from what the run's event
log said; a claim without a source is said to be unmeasured, never filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from markupsafe import Markup

from trender_web.answer.formats import duration, exact, fixed, percent, plural
from trender_web.data.store import Row
from trender_web.drawing.meters import columns, gantt

WORDS = {
    "success": ("good", "✓ succeeded"),
    "failure": ("bad", "✗ failed"),
    "canceled": ("doubt", "◌ cancelled"),
    "skipped": ("doubt", "◌ skipped"),
}
MAX_STREAMS = 40


@dataclass(frozen=True)
class Step:
    """One step of a run, ready to show."""

    name: str
    word: tuple[str, str]
    seconds: float | None
    offset: float | None
    attempts: int
    bar: Markup
    streams: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Claim:
    """Something that was promised, beside what was measured."""

    claim: str
    measured: str
    basis: str
    is_met: bool | None


def word_of(status: str) -> tuple[str, str]:
    """(style, icon and word) of a status."""
    return WORDS.get(status, ("doubt", f"◌ {status}"))


def steps_of(run: Row) -> list[Step]:
    """A run's steps in the order they began, each with its place in the run's time."""
    began: datetime = run["execution_date"]
    whole = float(run["total_duration_seconds"] or 0)
    steps = []
    for raw in run["steps"] or []:
        started, seconds = raw.get("started_at"), raw.get("seconds")
        offset = None
        if started is not None:
            offset = max(0.0, (datetime.fromtimestamp(started, UTC) - began).total_seconds())
        streams = sorted((raw.get("streams") or {}).items(), key=lambda item: -item[1])
        style = "bad" if raw.get("status") == "failure" else "b1"
        steps.append(
            Step(
                name=str(raw.get("name")),
                word=word_of(str(raw.get("status"))),
                seconds=seconds,
                offset=offset,
                attempts=int(raw.get("attempts") or 1),
                bar=gantt(offset or 0.0, seconds or 0.0, whole, style),
                streams=[(str(name), float(value)) for name, value in streams[:MAX_STREAMS]],
            )
        )
    return sorted(steps, key=lambda step: (step.offset is None, step.offset or 0.0, step.name))


def usage_of(run: Row) -> list[Row]:
    """What each asset of a run asked of GitHub, by resource, with what was left."""
    reports = run["api_report"] or {}
    if not all(isinstance(report, dict) for report in reports.values()):
        return []
    lines: list[Row] = []
    for asset, report in reports.items():
        requests = report.get("requests") or {}
        remaining = report.get("remaining") or {}
        points = report.get("points") or {}
        for resource in sorted({*requests, *remaining}):
            lines.append(
                {
                    "asset": str(asset),
                    "resource": str(resource),
                    "requests": requests.get(resource),
                    "points": points.get(resource),
                    "remaining": remaining.get(resource),
                }
            )
    return lines


def traffic_of(run: Row) -> Row:
    """Free answers, retries, waits, bytes and what was skipped; None where unknown."""
    reports = [report for report in (run["api_report"] or {}).values() if isinstance(report, dict)]
    if not reports:
        return dict.fromkeys(("not_modified", "retries", "waited", "bytes", "skipped"))
    return {
        "not_modified": sum(report.get("not_modified") or 0 for report in reports),
        "retries": sum(sum((report.get("retries") or {}).values()) for report in reports),
        "waited": sum(report.get("waited_seconds") or 0 for report in reports),
        "bytes": sum(report.get("bytes") or 0 for report in reports),
        "skipped": _skipped(reports),
    }


def _skipped(reports: Sequence[Row]) -> int | None:
    """Attempts left out for lack of budget; None of runs from before that was counted."""
    counted = [report["skipped"] for report in reports if isinstance(report.get("skipped"), dict)]
    return sum(sum(one.values()) for one in counted) if counted else None


def failures_of(run: Row) -> list[tuple[str, str]]:
    """(step or source, why) of what failed; texts were redacted when they were stored."""
    details = run["error_details"]
    if not isinstance(details, dict):
        return []
    found = [
        (str(name), str(why))
        for part in ("steps", "sources")
        for name, why in (details.get(part) or {}).items()
    ]
    if not found and details.get("message"):
        found = [("run", str(details["message"]))]
    return [(name, why.split("\n")[0]) for name, why in found]


def history(runs: Sequence[Row]) -> tuple[Markup, Markup]:
    """Durations and success rates of the runs, oldest first, as columns."""
    oldest = list(reversed(runs))
    styles = {"success": "b1", "failure": "bad"}
    lengths = [(run["total_duration_seconds"], styles.get(run["status"], "bw")) for run in oldest]
    rates = [
        (run["success_rate"], "b1" if (run["success_rate"] or 0) >= 0.99 else "bw")
        for run in oldest
    ]
    count = plural(len(runs), "run")
    return (
        columns(lengths, f"Duration of the last {count}, oldest first"),
        columns(rates, f"Success rate of the last {count}, oldest first", 1.0),
    )


def claims(runs: Sequence[Row], quality: Row) -> list[Claim]:
    """What the project promised against what its own record says."""
    full = [run for run in runs if (run["repos_processed"] or 0) > 0]
    basis = f"median of {plural(len(full), 'run')} that read repositories"
    if full:
        first, last = full[-1]["execution_date"], full[0]["execution_date"]
        basis += f", {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    return [
        _size_and_speed(full, basis),
        _speedup(full, basis),
        _success(full),
        _quality(quality),
        _whole(full),
        Claim("A step starts in under a second", "not measurable here",
              "the event log knows when a step began, not when it was asked for", None),
    ]  # fmt: skip


def _size_and_speed(full: Sequence[Row], basis: str) -> Claim:
    claim = "300 repositories in less than 10 seconds"
    if not full:
        return Claim(claim, "not measured yet", "no run has read repositories", None)
    repositories = median(run["repos_processed"] for run in full)
    seconds = median(run["total_duration_seconds"] for run in full)
    return Claim(
        claim, f"{exact(int(repositories))} repositories in {duration(seconds)}", basis,
        repositories >= 300 and seconds < 10,
    )  # fmt: skip


def _speedup(full: Sequence[Row], basis: str) -> Claim:
    claim = "3× faster than one after the other"
    known = [
        run["parallel_speedup_factor"] for run in full if run["parallel_speedup_factor"] is not None
    ]
    if not known:
        return Claim(claim, "not measured yet", "no run has ended its steps", None)
    value = median(known)
    return Claim(
        claim, f"{fixed(value)}×", f"{basis}; sum of step and source seconds ÷ wall seconds",
        value >= 3,
    )  # fmt: skip


def _success(full: Sequence[Row]) -> Claim:
    claim = "99 % of runs succeed"
    if not full:
        return Claim(claim, "not measured yet", "no run has read repositories", None)
    good = sum(run["status"] == "success" for run in full)
    return Claim(
        claim, percent(good / len(full), 1), f"{good} of {plural(len(full), 'run')}",
        good / len(full) >= 0.99,
    )  # fmt: skip


def _quality(quality: Row) -> Claim:
    claim = "Data quality ≥ 0.90 for 95 % of repositories"
    total = quality.get("repositories") or 0
    if not total:
        return Claim(claim, "not measured yet", "no repository is known", None)
    share = quality["good"] / total
    return Claim(
        claim, percent(share, 1),
        f"{exact(quality['good'])} of {plural(total, 'repository', 'repositories')} now",
        share >= 0.95,
    )  # fmt: skip


def _whole(full: Sequence[Row]) -> Claim:
    claim = "Raw, staging and analytics in one run"
    if not full:
        return Claim(claim, "not measured yet", "no run has read repositories", None)
    layers = ("rows_raw", "rows_staging", "rows_facts")
    whole = sum(all(run[layer] for layer in layers) for run in full)
    return Claim(
        claim, f"{whole} of {plural(len(full), 'run')}",
        "repositories of the run that are in each layer", whole == len(full),
    )  # fmt: skip


def public_run(run: Row) -> dict[str, Any]:
    """A run as the API gives it."""
    return {name: value for name, value in run.items() if name != "api_report"} | {
        "api_usage": usage_of(run)
    }
