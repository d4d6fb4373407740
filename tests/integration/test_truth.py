"""Everything Trender publishes about the simulated world equals the world's ground truth.

One machine lives through four days with renames, transfers, deletions, blocked and re-created
repositories and Blueprints that appear, change and are repaired; its first week holds the end of
daylight saving time. A second one looks at the week in which it begins.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from tests.integration.comparing import Comparison, compare
from tests.integration.fixtures import MakeMachine
from tests.integration.machine import Machine

MOMENTS = (
    "2026-11-05T10:00:00Z",
    "2026-11-05T11:00:00Z",
    "2026-11-06T12:00:00Z",
    "2026-11-09T15:00:00Z",
)
SPRING = "2026-03-12T18:00:00Z"
PLAIN = ("--repositories-per-language", "20", "--render", "30", "--bulk", "5", "--no-limits")


class History(NamedTuple):
    """A machine after four days, and what each moment's comparison said."""

    machine: Machine
    results: dict[str, dict[str, Any]]
    comparisons: dict[str, Comparison]


@pytest.fixture(scope="module")
def history(make_machine: MakeMachine) -> History:
    """Four refreshes over four days."""
    machine = make_machine(MOMENTS[0], *PLAIN)
    seen: dict[int, set[str]] = {}
    results, comparisons = {}, {}
    for moment in MOMENTS:
        machine.simulator.move(moment)
        results[moment] = machine.refresh(moment)
        comparisons[moment] = compare(machine, moment, seen)
    return History(machine, results, comparisons)


def assert_true(comparison: Comparison) -> None:
    """Every value that was compared is equal."""
    print(comparison.table())
    assert not comparison.different, "\n".join(comparison.different[:40])
    assert comparison.compared["stars"] > 100
    assert comparison.compared["services"] > 20


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_warehouse_equals_the_world(history: History, moment: str) -> None:
    """Stars, gains, activity, Next.js, Blueprints, availability and sources: all of them.

    Gains, activity, verdicts, renames and services were each wrong once; so was what became of
    repositories that were blocked, deleted, renamed, or whose name was taken again.
    """
    assert history.results[moment].get("success"), history.results[moment]
    assert_true(history.comparisons[moment])


def test_the_week_in_which_summer_time_begins(make_machine: MakeMachine) -> None:
    """Star days are Los Angeles days, one of them 23 hours long."""
    machine = make_machine(SPRING, *PLAIN, start="2026-03-05T00:00:00Z")
    result = machine.refresh(SPRING)
    assert result.get("success"), result
    assert_true(compare(machine, SPRING, {}))


def test_the_world_moved_while_it_was_watched(history: History) -> None:
    """The four days really hold what the comparison is meant to prove."""
    facts = history.machine.simulator.truth(MOMENTS[-1])
    before = history.machine.simulator.truth(MOMENTS[0])
    by_tag = {tag: fact for fact in facts.values() for tag in fact["tags"]}
    renamed = [k for k, f in before.items() if f["name"] != facts[k]["name"]]
    assert len(renamed) >= 2
    assert {f["state"] for f in facts.values()} == {"available", "gone", "blocked"}
    assert by_tag["recreated-new"]["name"] == by_tag["recreated-old"]["name"]
    changed = [k for k, f in before.items() if f["blueprint"] != facts[k]["blueprint"]]
    assert len(changed) >= 3


def test_versions_of_a_renamed_repository_keep_its_id(history: History) -> None:
    """One identity, versions without overlap, one current."""
    rows = history.machine.rows(
        "select repo_id, repo_full_name, valid_from, valid_to, is_current, availability "
        "from analytics.dim_repositories order by repo_id, valid_from"
    )
    versions: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        versions.setdefault(row["repo_id"], []).append(row)
    facts = history.machine.simulator.truth(MOMENTS[-1])
    for repo_id, own in versions.items():
        assert [row["is_current"] for row in own] == [False] * (len(own) - 1) + [True]
        for older, newer in pairwise(own):
            assert older["valid_to"] == newer["valid_from"]
        assert own[-1]["availability"] == facts[repo_id]["state"]
    renamed = [k for k, f in facts.items() if len(f["names"]) > 1 and k in versions]
    assert any(len({row["repo_full_name"] for row in versions[key]}) > 1 for key in renamed)
    again = next(k for k, f in facts.items() if "recreated-new" in f["tags"])
    old = next(k for k, f in facts.items() if "recreated-old" in f["tags"])
    assert versions[again][0]["repo_full_name"] == versions[old][-1]["repo_full_name"]
    assert versions[again][-1]["availability"] == "available"
    assert versions[old][-1]["availability"] == "gone"


def test_the_ranking_is_the_drafts_formula(history: History) -> None:
    """Momentum recomputed from the truth gives the published order."""
    moment = MOMENTS[-1]
    facts = history.machine.simulator.truth(moment)
    rows = history.machine.rows(
        "select repo_id, pool, momentum_score, rank_in_language, created_at_too_old as old "
        "from (select f.*, s.created_at < f.as_of - interval '180 days' as created_at_too_old "
        "from analytics.fact_repo_snapshots f join staging.stg_repos_validated s using (repo_id) "
        "where f.as_of = %s) as fact where is_ranked",
        moment,
    )
    expected: dict[str, list[tuple[float, int, int]]] = {}
    for row in rows:
        fact = facts[row["repo_id"]]
        velocity = fact["stars_gained_7d"] / max(fact["stars"], 1) * 100
        activity = (
            0.4 * fact["commits_7d"]
            + 0.3 * (fact["issues_closed_7d"] or 0)
            + 0.3 * fact["active_contributors_7d"]
        )
        boost = 1.2 if fact["blueprint"]["status"] == "valid" else 1.0
        age = 0.9 if row["old"] else 1.0
        momentum = (0.4 * velocity + 0.6 * activity) * boost * age
        assert row["momentum_score"] == pytest.approx(momentum, rel=1e-9), fact["name"]
        if row["pool"] is not None:
            expected.setdefault(row["pool"], []).append((-momentum, -fact["stars"], row["repo_id"]))
    assert set(expected) == {"python", "typescript", "go"}
    ranks = {row["repo_id"]: row["rank_in_language"] for row in rows}
    for pool in expected.values():
        for position, (_, _, repo_id) in enumerate(sorted(pool), start=1):
            assert ranks[repo_id] == position
    verdicts = {facts[r["repo_id"]]["nextjs"] for r in rows if r["pool"] == "typescript"}
    assert verdicts == {"yes"}


def test_a_second_run_for_the_same_time_changes_no_row(history: History) -> None:
    """Only when we fetched may differ, nothing else, no row more."""
    machine = history.machine
    before = machine.results(), machine.payload_hashes()
    result = machine.refresh(MOMENTS[-1])
    assert result.get("success"), result
    assert machine.results() == before[0]
    assert machine.payload_hashes() == before[1]


def test_a_rebuild_from_raw_gives_the_same_bytes(history: History) -> None:
    """A full refresh equals four days of incremental runs, every column."""
    machine = history.machine
    before = machine.hashes("staging", "analytics")
    assert sum(rows for rows, _ in before.values()) > 1000
    assert machine.build("full") == {"passed": True, "broken": []}
    after = machine.hashes("staging", "analytics")
    assert after == before


def test_every_moment_has_its_zone(history: History) -> None:
    """No table, view or model holds a timestamp that depends on the session's zone."""
    kinds = history.machine.rows(
        "select data_type as kind, array_agg(table_schema || '.' || table_name || '.' || "
        "column_name order by 1) as columns from information_schema.columns where table_schema "
        "in ('raw', 'staging', 'analytics') and data_type like '%%time%%' group by 1"
    )
    assert [row["kind"] for row in kinds] == ["timestamp with time zone"], kinds
    assert len(kinds[0]["columns"]) > 50
