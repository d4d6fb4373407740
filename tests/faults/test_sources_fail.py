"""When GitHub fails some sources, the others land; nothing is ever made up for the failed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.faults.ingesting import LIGHT, NOW, SEARCH, SOURCES, Desk, expected
from tests.integration.machine import TOKEN

LATER = "2026-11-05T11:00:00+00:00"
BROKEN = {"kind": "html_502"}


def question(source: str) -> dict[str, Any]:
    """What matches a source's discovery requests and no other source's."""
    one = SOURCES[source]
    match one.kind:
        case "language":
            return {"path": SEARCH, "contains": f"language:{one.subject}"}
        case "organisation":
            return {"path": f"/orgs/{one.subject}/repos"}
        case "topic":
            return {"path": SEARCH, "contains": f"q=topic:{one.subject}&"}
        case "readme":
            return {"path": SEARCH, "contains": "in:readme"}
        case "blueprint_file":
            return {"path": "/search/code"}
        case "employees":
            return {"path": "/users/"}


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_fails_in_turn(desk: Desk, source: str) -> None:
    """One source is down, the others land whole, its failure says so."""
    desk.simulator.script({"match": question(source), "action": BROKEN})
    reading = desk.read(as_of=NOW, tables=LIGHT)
    truth = expected(desk.simulator, NOW)
    assert set(reading.failed) == {source}
    assert "502" in reading.failed[source]
    assert {key: desk.found(key) for key in SOURCES} == {**truth, source: set()}
    outcomes = desk.rows(
        "select distinct outcome from raw.raw_discovery_queries where source = %s", source
    )
    assert outcomes == [("unknown",)]


def test_all_sources_fail(desk: Desk) -> None:
    """When nothing answers nothing is stored as an answer."""
    desk.simulator.script({"match": {"path": "/"}, "action": BROKEN})
    reading = desk.read(as_of=NOW, tables=LIGHT)
    assert set(reading.failed) == set(SOURCES)
    assert desk.rows("select count(*) from raw.fetch_log") == [(0,)]
    assert desk.rows("select count(*) from raw.raw_discovery_queries where outcome='found'") == [
        (0,)
    ]


def test_zero_repositories_are_a_fault_not_an_empty_day(desk: Desk) -> None:
    """A language that lists nothing, and a topic that lists nothing any more."""
    nothing = {"total_count": 0, "incomplete_results": False, "items": []}
    empty = {"kind": "body", "body": nothing}
    desk.read("topic-render", "renderinc", as_of=NOW, tables=LIGHT)
    before = desk.found("topic-render")
    desk.simulator.script(
        {"match": question("go"), "action": empty},
        {"match": question("topic-render"), "action": empty},
        {"match": question("renderinc"), "action": {"kind": "body", "body": []}},
    )
    reading = desk.read("go", "topic-render", "renderinc", as_of=LATER, tables=LIGHT)
    assert set(reading.failed) == {"go", "topic-render", "renderinc"}
    assert all("0 repositories" in why for why in reading.failed.values())
    assert desk.found("topic-render") == before  # known ones are read again all the same
    assert desk.rows("select count(*) from raw.fetch_log where outcome = 'absent'") == [(0,)]


def test_incomplete_results_make_nothing_disappear(desk: Desk) -> None:
    """What an incomplete listing leaves out is still watched, not gone."""
    desk.read("topic-render", as_of=NOW, tables=LIGHT)
    whole = desk.found("topic-render")
    cut = {"kind": "incomplete_results", "keep": 0.3}
    desk.simulator.script({"match": {"path": SEARCH, "contains": "topic:render"}, "action": cut})
    reading = desk.read("topic-render", as_of=LATER, tables=LIGHT)
    assert not reading.failed
    assert desk.found("topic-render") == whole
    assert reading.facts["topic-render"].watched > 0
    flags = desk.rows(
        "select incomplete_results from raw.raw_discovery_queries where run_id = 'run-2'"
    )
    assert flags == [(True,)]
    assert not reading.facts["topic-render"].queries["topic"]["complete"]
    assert desk.rows("select count(*) from raw.fetch_log where outcome <> 'found'") == [(0,)]


def test_limits_are_waited_for(desk: Desk) -> None:
    """Every kind of limit ends in a wait and a whole landing."""
    desk.simulator.script(
        {
            "match": {"path": SEARCH, "contains": "language:Go"},
            "action": {"kind": "secondary", "seconds": 60},
            "times": 1,
        },
        {
            "match": {"path": "/orgs/render-oss"},
            "action": {"kind": "secondary", "status": 429, "retry_after": False},
            "times": 1,
        },
        {"match": {"path": "/graphql", "nth": 1}, "action": {"kind": "secondary", "seconds": 9}},
        {"match": {"path": SEARCH, "nth": 3}, "action": {"kind": "rate_limit"}},
    )
    reading = desk.read("go", "render-oss", "employees", as_of=NOW)
    truth = expected(desk.simulator, NOW)
    assert desk.simulator.struck() >= 4
    assert not reading.failed
    for key in ("go", "render-oss", "employees"):
        assert desk.found(key) == truth[key]
    assert sum(wait.seconds for wait in reading.report.waits) >= 60


def test_a_limit_that_ends_too_late_fails_its_sources(desk: Desk) -> None:
    """An hour is over the ceiling; what was had is kept, the rest says why.

    The sources come one after the other: which of them hears of the limit itself and which only
    of the spent budget must not depend on who shares a batch.
    """
    desk.simulator.refill()
    truth = expected(desk.simulator, NOW)
    facts = desk.simulator.truth(NOW)
    node = next(
        facts[key]["node_id"] for key in sorted(truth["go"]) if facts[key]["sources"] == ["go"]
    )
    desk.simulator.script(
        {"match": {"path": "/graphql", "contains": node}, "action": {"kind": "rate_limited"}}
    )
    reading = desk.read("renderinc", "go", "render-oss", as_of=NOW, tables=LIGHT, in_turn=True)
    assert set(reading.failed) == {"go", "render-oss"}
    unread = "no repository could be read: "
    hour = r"3,[56]\d\d s to wait"
    assert re.fullmatch(rf"{unread}primary_limit: {hour}", reading.failed["go"])
    spent = "skipped: budget of graphql is spent until it resets"
    assert re.fullmatch(rf"{unread}{spent}: {hour}", reading.failed["render-oss"])
    assert desk.simulator.struck() == 1  # nothing more is asked
    assert reading.report.waits == []
    assert reading.seconds < 30
    assert desk.found("renderinc") == truth["renderinc"] != set()
    outcomes = desk.rows("select source, outcome, count(*) from raw.fetch_log group by 1, 2")
    assert {(source, outcome) for source, outcome, _ in outcomes} == {
        ("renderinc", "found"), ("go", "unknown"), ("render-oss", "unknown"),
    }  # fmt: skip


def test_a_token_refused_mid_run_ends_it(desk: Desk) -> None:
    """401 is not repeated; the failure names the variable, never the token."""
    desk.simulator.script(
        {"match": {"path": "/graphql"}, "action": {"status": 401, "message": "Bad credentials"}}
    )
    reading = desk.read("go", "render-oss", as_of=NOW, tables=LIGHT)
    assert set(reading.failed) == {"go", "render-oss"}
    for why in reading.failed.values():
        assert "GITHUB_TOKEN" in why
        assert TOKEN not in why
    assert desk.simulator.struck() <= 2
    assert desk.rows("select count(*) from raw.fetch_log where outcome = 'found'") == [(0,)]


def test_the_same_partition_five_times(desk: Desk) -> None:
    """Payloads are stored once, attempts every time."""
    for _ in range(5):
        reading = desk.read("go", as_of=NOW)
        assert not reading.failed
        desk.read_stars("go", as_of=NOW)
    repositories = len(desk.found("go"))
    for table in ("raw_github_repos", "raw_repo_files", "raw_star_history"):
        assert desk.rows(f"select count(*) from raw.{table}") == [(repositories,)]
    assert desk.rows("select count(*) from raw.raw_repo_metrics") == [(3 * repositories,)]
    assert desk.rows("select count(*) from raw.fetch_log where stream = 'repos'") == [
        (5 * repositories,)
    ]
    assert desk.rows("select count(*) from raw.fetch_log where stream = 'stars'") == [
        (repositories,)
    ]
