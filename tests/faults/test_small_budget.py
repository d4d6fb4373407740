"""An hour with little budget left: the important work is done, the rest is skipped and said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.ingesting import LIGHT, Desk, expected
from tests.integration.machine import SMALL, TOKEN, Simulator
from trender_assets.github.allowance import FOLLOW_UPS, WORKSPACES, is_skipped

FIRST = "2026-11-05T10:00:00+00:00"
SECOND = "2026-11-08T10:00:00+00:00"
THIRD = "2026-11-08T11:00:00+00:00"
SOURCES = ("typescript", "go", "render-oss")
NEWEST_TEXTS = (
    "select distinct on (repo_id) repo_id, files from raw.raw_repo_files order by repo_id, id desc"
)


@pytest.fixture
def desk(warehouse_url: str) -> Iterator[Desk]:
    """A small frozen world with GitHub's limits, and an empty warehouse."""
    simulator = Simulator(FIRST, *SMALL, start="2026-11-05T00:00:00Z")
    yield Desk(simulator, warehouse_url)
    simulator.stop()


def leave(desk: Desk, **left: int) -> None:
    """Let somebody else spend the token's hourly budgets down to this."""
    spent = {name: 5_000 - left.get(name, 5_000) for name in ("core", "graphql")}
    desk.simulator.client.post("/_sim/limits", json={"spent": spent}).raise_for_status()


def used(desk: Desk) -> int:
    """What the token has spent of its core budget."""
    answer = desk.simulator.client.get(
        "/rate_limit", headers={"authorization": f"Bearer {TOKEN}"}
    ).json()
    return answer["resources"]["core"]["used"]


def reasons(desk: Desk, stream: str) -> list[str]:
    """Why attempts of the newest run are unknown."""
    found = desk.rows(
        "select reason from raw.fetch_log "
        "where run_id = %s and stream = %s and outcome = 'unknown'",
        f"run-{desk.run}",
        stream,
    )
    return [str(row[0]) for row in found]


def test_an_hour_with_little_left_does_what_matters(desk: Desk) -> None:
    """Readings are made, niceties unknown, what is known stays."""
    desk.read(*SOURCES, as_of=FIRST)
    first_stars = desk.read_stars(*SOURCES, as_of=FIRST)
    assert not any(fact.skipped for fact in first_stars.values())
    texts = dict(desk.rows(NEWEST_TEXTS))
    histories = desk.rows("select count(*) from raw.raw_star_history")

    desk.simulator.move(SECOND)
    leave(desk, core=400, graphql=550)
    reading = desk.read(*SOURCES, as_of=SECOND)
    truth = expected(desk.simulator, SECOND)
    assert not reading.failed
    for key in SOURCES:
        assert desk.found(key) == truth[key]
    assert reasons(desk, "commits") == [], "every repository's week was read"
    report = reading.report.as_dict()
    assert set(report["skipped"]) == {FOLLOW_UPS, WORKSPACES}
    assert report["skipped"][FOLLOW_UPS] >= 2
    assert report["remaining"]["core"] >= 100 and report["remaining"]["graphql"] >= 100
    assert report["waited_seconds"] == 0
    for stream in ("contributors", "files"):
        assert reasons(desk, stream), stream
        assert all(is_skipped(why) for why in reasons(desk, stream)), stream
    told = sum(fact.metadata("raw_repo_files").get("skipped", 0) for fact in reading.facts.values())
    assert told == len(reasons(desk, "files"))
    now = dict(desk.rows(NEWEST_TEXTS))
    assert all(
        file["status"] != "unknown"
        for key in texts
        for path, file in now[key].items()
        if texts[key].get(path, {}).get("status") not in (None, "unknown")
    )

    stars = desk.read_stars(*SOURCES, as_of=SECOND)
    due, skipped = (
        sum(getattr(fact, name) for fact in stars.values()) for name in ("due", "skipped")
    )
    assert due - skipped == 1, "one had to ask to learn what is left"
    assert not any(fact.failure for fact in stars.values()), "skipping is a plan, no failure"
    assert stars["go"].metadata()["skipped"] == stars["go"].skipped == stars["go"].due
    assert len(reasons(desk, "stars")) == skipped
    assert all(is_skipped(why) for why in reasons(desk, "stars"))
    assert desk.rows("select count(*) from raw.raw_star_history") == [(histories[0][0] + 1,)]

    leave(desk)
    later = desk.read(*SOURCES, as_of=THIRD)
    again = desk.read_stars(*SOURCES, as_of=THIRD)
    assert later.report.as_dict()["skipped"] == {}
    assert [reasons(desk, stream) for stream in ("contributors", "files", "stars")] == [[], [], []]
    assert sum(fact.due for fact in again.values()) >= skipped, "what was skipped is still due"
    assert sum(fact.read for fact in again.values()) == sum(fact.due for fact in again.values())


def test_no_token_has_anything_left(desk: Desk) -> None:
    """Spent before the start: every source fails and says why, nothing is made up."""
    leave(desk, core=0, graphql=0)
    reading = desk.read("go", "render-oss", as_of=FIRST)
    assert set(reading.failed) == {"go", "render-oss"}
    assert all("to wait" in why for why in reading.failed.values())
    report = reading.report.as_dict()
    assert report["skipped"]["organisation"] == 1
    assert report["skipped"]["repositories with texts"] >= 10
    assert desk.rows("select count(*) from raw.fetch_log where outcome <> 'unknown'") == [(0,)]


ACCOUNTS = ("render-oss", "renderinc", "render-examples", "employees")


def test_unchanged_accounts_cost_nothing(desk: Desk) -> None:
    """The second run's listings are 304: free, and the same rows."""
    discovered = (
        "select source, query_name, outcome, items_seen, pages, is_capped "
        "from raw.raw_discovery_queries where run_id = %s order by source, query_name"
    )
    first = desk.read(*ACCOUNTS, as_of=FIRST, tables=LIGHT)
    second = desk.read(*ACCOUNTS, as_of=FIRST, tables=LIGHT)
    assert not first.failed and not second.failed
    asked, missing = first.report.requests["core"], first.report.statuses[404]
    assert first.report.not_modified == 0 and asked - missing == len(ACCOUNTS)
    assert second.report.requests["core"] == asked
    assert second.report.not_modified == asked - missing
    assert used(desk) == asked + missing, "only who is not there costs again"
    assert desk.rows(discovered, "run-1") == desk.rows(discovered, "run-2")
    truth = expected(desk.simulator, FIRST)
    assert {key: desk.found(key) for key in ACCOUNTS} == {key: truth[key] for key in ACCOUNTS}

    desk.simulator.move(SECOND)
    third = desk.read(*ACCOUNTS, as_of=SECOND, tables=LIGHT)
    truth = expected(desk.simulator, SECOND)
    assert third.report.not_modified < len(ACCOUNTS), "three days later something has changed"
    assert {key: desk.found(key) for key in ACCOUNTS} == {key: truth[key] for key in ACCOUNTS}
