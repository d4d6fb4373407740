"""The warehouse against the world: which figures are equal, which are not.

Define here a figure that must equal the simulator's ground truth. What the pipeline computed is
read from the tables people use; nothing of the pipeline's code is called.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.integration.machine import Machine

STATE = """
select staging.*, render.blueprint_status as render_blueprint_status,
    render.service_count as render_service_count, render.database_count as render_databases,
    coalesce((
        select jsonb_object_agg(usage.service_type, usage.service_count)
        from analytics.fact_render_usage as usage
        where usage.repo_id = staging.repo_id
            and usage.snapshot_date = (staging.as_of at time zone 'UTC')::date
            and usage.service_type <> 'database'
    ), '{}') as usage,
    coalesce(finding.blueprint -> 'service_types', '{}') as service_types
from staging.stg_repos_validated as staging
left join staging.stg_render_enrichment as render using (repo_id)
left join staging.repo_file_findings as finding
    on finding.raw_file_id = staging.blueprint_raw_file_id
"""
FIELDS = {
    "repo_full_name": "name",
    "stars": "stars",
    "forks": "forks",
    "stars_gained_7d": "stars_gained_7d",
    "commits_last_7_days": "commits_7d",
    "issues_closed_last_7_days": "issues_closed_7d",
    "active_contributors": "active_contributors_7d",
    "nextjs_verdict": "nextjs",
    "is_archived": "is_archived",
    "is_fork": "is_fork",
    "is_disabled": "is_disabled",
}


@dataclass
class Comparison:
    """How many values of each field were compared and were equal, and what differed."""

    compared: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)

    def check(self, subject: str, name: str, ours: Any, truth: Any) -> None:
        """Compare one value."""
        self.compared[name] += 1
        if ours == truth:
            self.equal[name] += 1
        else:
            self.different.append(f"{subject}: {name} is {ours!r}, in truth {truth!r}")

    def table(self) -> str:
        """Equal of compared by field."""
        return "\n".join(
            f"{name:28} {self.equal[name]:5} of {count:5}" for name, count in self.compared.items()
        )


def compare(machine: Machine, as_of: str, seen_before: dict[int, set[str]]) -> Comparison:
    """Compare everything that can be reached at an instant with the truth.

    Args:
        machine: The machine, refreshed for `as_of`.
        as_of: The instant.
        seen_before: By repository id, the sources that could find it at earlier instants; this
            one's are added.
    """
    result = Comparison()
    truth = machine.simulator.truth(as_of)
    ours = {row["repo_id"]: row for row in machine.rows(STATE)}
    reachable = {key for key, fact in truth.items() if fact["sources"]}
    result.check("the warehouse", "repositories", sorted(set(ours) - set(seen_before)),
                 sorted(reachable - set(seen_before)))  # fmt: skip
    for key in sorted(reachable | set(seen_before)):
        fact = truth[key]
        subject = f"{fact['name']} ({key}, {' '.join(fact['tags'])})"
        row = ours.get(key)
        if row is None:
            result.check(subject, "in staging", False, True)
            continue
        result.check(subject, "availability", row["availability"], fact["state"])
        seen_before.setdefault(key, set()).update(fact["sources"])
        result.check(subject, "sources", set(row["sources"]), seen_before[key])
        if fact["state"] != "available":
            continue
        for column, name in FIELDS.items():
            result.check(subject, column, row[column], fact[name])
        result.check(subject, "language", row["language"], fact["language"] or "Unknown")
        blueprint = fact["blueprint"]
        result.check(subject, "blueprint status", row["blueprint_status"], blueprint["status"])
        if blueprint["status"] == "valid":
            result.check(subject, "services", row["service_types"], blueprint["services"])
            result.check(subject, "usage facts", row["usage"], blueprint["services"])
            result.check(
                subject, "service count", row["render_service_count"], blueprint["service_count"]
            )
            result.check(subject, "databases", row["render_databases"], blueprint["databases"])
    return result
