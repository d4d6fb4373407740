"""What a run asked of GitHub, added up over its assets.

Define here how the API reports become one sentence. What is counted is decided in
`github.report`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def totals(reports: Mapping[str, Any]) -> dict[str, float]:
    """Requests, GraphQL points, unchanged answers, waits and retries over all assets of a run."""
    return {
        "requests": _sum(reports, "requests"),
        "points": sum(
            _added(report["points"].get("graphql"))
            for report in reports.values()
            if isinstance(report, Mapping) and isinstance(report.get("points"), Mapping)
        ),
        "not_modified": _sum(reports, "not_modified"),
        "retries": _sum(reports, "retries"),
        "waited_seconds": _sum(reports, "waited_seconds"),
    }


def sentence(reports: Mapping[str, Any]) -> str:
    """The cost in words."""
    total = totals(reports)
    text = f"{total['requests']:,.0f} requests, {total['points']:,.0f} GraphQL points"
    if total["not_modified"]:
        text += f", {total['not_modified']:,.0f} unchanged (free)"
    if total["retries"]:
        text += f", {total['retries']:,.0f} retries"
    if total["waited_seconds"]:
        text += f", waited {total['waited_seconds']:,.0f} s"
    return text


def skipped(reports: Mapping[str, Any]) -> dict[str, int]:
    """What was not asked for lack of budget, by purpose, over all assets of a run."""
    left_out: dict[str, int] = {}
    for report in reports.values():
        listed = report.get("skipped") if isinstance(report, Mapping) else None
        for purpose, count in listed.items() if isinstance(listed, Mapping) else ():
            left_out[str(purpose)] = left_out.get(str(purpose), 0) + int(_added(count))
    return left_out


def budget_left(reports: Mapping[str, Any]) -> dict[str, int]:
    """What each resource had left when the run ended: the least that any asset saw."""
    left: dict[str, int] = {}
    for report in reports.values():
        remaining = report.get("remaining") if isinstance(report, Mapping) else None
        if isinstance(remaining, Mapping):
            for resource, value in remaining.items():
                if isinstance(value, int):
                    left[resource] = min(left.get(resource, value), value)
    return left


def _sum(reports: Mapping[str, Any], key: str) -> float:
    return sum(
        _added(report.get(key)) for report in reports.values() if isinstance(report, Mapping)
    )


def _added(value: Any) -> float:
    """A number, or the sum of the numbers by resource."""
    if isinstance(value, Mapping):
        return sum(_added(item) for item in value.values())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return 0.0
