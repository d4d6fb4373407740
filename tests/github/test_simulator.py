"""The client against the simulator over real HTTP: truth, reruns, cost, faults."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.github.conftest import NOW, Simulator
from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.cache import MemoryETagStore
from trender_assets.github.client import GitHubClient
from trender_assets.github.pacing import PerMinute
from trender_assets.settings import FileSettings
from trender_assets.trending.detection.findings import detect
from trender_assets.trending.reading.discovery import (
    Candidate,
    DiscoveryQuery,
    QueryOutcome,
    discover,
)
from trender_assets.trending.reading.repositories import RepositoryReader, RepositoryReading
from trender_assets.trending.reading.stars import (
    StarHistoryReading,
    read_star_histories,
    stars_window,
)
from trender_assets.trending.sources import all_sources

pytestmark = pytest.mark.slow
Truth = dict[int, dict[str, Any]]


class Run:
    """What one run read, like the pipeline does: all sources at once over one client."""

    def __init__(self, simulator: Simulator, as_of: str, token: str = "reader-token") -> None:
        self.url, self.token = simulator.url, token
        # The machine that runs the tests is slow, not GitHub: only limits of a bad day are kept.
        self.pace = PerMinute()
        if simulator.is_fast:
            self.pace.rest.limit = self.pace.seconds.limit = float("inf")
        self.as_of = datetime.fromisoformat(as_of)
        self.readings: dict[int, RepositoryReading] = {}
        self.outcomes: dict[str, list[QueryOutcome]] = {}
        self.stars: dict[int, StarHistoryReading] = {}
        self.report: dict[str, Any] = {}
        self.seconds = 0.0

    async def __call__(
        self, known: dict[int, Any] | None = None, candidates: list[Candidate] | None = None
    ) -> Run:
        begun = time.perf_counter()
        async with GitHubClient(
            tokens=[self.token], api_base_url=self.url, pace=self.pace
        ) as client:
            reader = RepositoryReader(client, as_of=self.as_of)

            async def read(listed: list[Candidate], with_workspaces: bool) -> None:
                async for reading in reader.read(
                    listed, known_files=known, with_workspaces=with_workspaces
                ):
                    if reading.repo_id is not None:
                        self.readings[reading.repo_id] = reading

            async def source(item: Any) -> None:
                listed, self.outcomes[item.key] = await discover(
                    client, item.queries(self.as_of), as_of=self.as_of
                )
                await read(listed, item.requires_nextjs)

            if candidates is not None:
                await read(candidates, True)
            else:
                await asyncio.gather(*(source(item) for item in all_sources(FileSettings())))
        self.seconds = time.perf_counter() - begun
        self.report = client.report.as_dict()
        return self

    async def with_stars(self, store: MemoryETagStore) -> Run:
        pairs = [(repo_id, r.full_name) for repo_id, r in self.readings.items()]
        async with GitHubClient(
            tokens=[self.token], api_base_url=self.url, cache=store, pace=self.pace
        ) as client:
            self.stars = {r.repo_id: r async for r in read_star_histories(client, pairs)}
        return self

    @property
    def files(self) -> dict[int, Any]:
        return {i: r.files.value for i, r in self.readings.items() if isinstance(r.files, Found)}


def counted(reading: RepositoryReading, as_of: datetime) -> dict[str, int | None]:
    """The three counts of the week, as dbt counts them."""
    commits, closed, contributors = (
        reading.streams[stream] for stream in ("commits", "issues", "contributors")
    )
    assert isinstance(commits, Found), commits
    assert isinstance(closed, Found) or closed == Absent("disabled")
    assert isinstance(contributors, Found), contributors
    start = as_of - timedelta(days=7)
    issues = closed.value.data["nodes"] if isinstance(closed, Found) else None
    return {
        "commits_7d": commits.value.data["totalCount"],
        "issues_closed_7d": (
            None
            if issues is None
            else sum(start <= datetime.fromisoformat(item["closedAt"]) <= as_of for item in issues)
        ),
        "active_contributors_7d": len(
            {
                author["login"] or (author["email"] or "").lower() or author["name"]
                for node in contributors.value.data["nodes"]
                for author in node["authors"]
                if not (author["login"] or author["name"] or "").endswith("[bot]")
            }
        ),
    }


def everybody(truth: Truth) -> list[Candidate]:
    return [Candidate(i, row["node_id"], row["name"], ("truth",)) for i, row in truth.items()]


def differences(
    truth: Truth, measured: dict[int, Any], expected: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    return {
        truth[i]["name"]: (value, expected(truth[i]))
        for i, value in measured.items()
        if value != expected(truth[i])
    }


async def test_everything_read_is_true(simulator: Simulator) -> None:
    """Stars, gains, commits, closed issues, authors, verdicts, Blueprints."""
    simulator.call("/_sim/clock", {"now": NOW})
    truth = simulator.truth(NOW)
    run = await Run(simulator, NOW)(candidates=everybody(truth))
    await run.with_stars(MemoryETagStore())
    gone = {i for i, row in truth.items() if row["state"] != "available"}
    assert set(run.readings) == set(truth) - gone
    assert gone, "the world has none that are gone"
    keys = ("commits_7d", "issues_closed_7d", "active_contributors_7d")
    counts = {i: counted(r, run.as_of) for i, r in run.readings.items()}
    assert not differences(truth, counts, lambda row: {key: row[key] for key in keys})
    core = {
        i: (
            r.core.value["stargazerCount"],
            r.core.value["forkCount"],
            r.core.value["nameWithOwner"],
        )
        for i, r in run.readings.items()
        if isinstance(r.core, Found)
    }
    assert not differences(truth, core, lambda row: (row["stars"], row["forks"], row["name"]))
    gains = {
        i: stars_window(s.answer.value, run.as_of).stars
        for i, s in run.stars.items()
        if isinstance(s.answer, Found)
    }
    assert len(gains) == len(run.readings)
    assert not differences(truth, gains, lambda row: row["stars_gained_7d"])
    found = {i: detect(files, truth[i]["name"]) for i, files in run.files.items()}
    assert len(found) == len(run.readings)
    verdicts = {i: finding.nextjs["verdict"] for i, finding in found.items()}
    assert not differences(truth, verdicts, lambda row: row["nextjs"])
    (linked,) = (i for i, row in truth.items() if "readme-link" in row["tags"])
    readme = run.files[linked]["README.md"]
    assert (readme["status"], readme["reason"]) == ("found", "docs/GUIDE")
    assert readme["text"] != "docs/GUIDE"
    blueprints = {i: finding.blueprint["status"] for i, finding in found.items()}
    assert not differences(truth, blueprints, lambda row: row["blueprint"]["status"])


async def test_gone_and_blocked_repositories_have_their_reason(simulator: Simulator) -> None:
    """Gone, blocked by DMCA and blocked by the terms are three answers, none a failure."""
    simulator.call("/_sim/clock", {"now": NOW})
    truth = simulator.truth(NOW)
    gone = {i: row for i, row in truth.items() if row["state"] != "available"}
    async with GitHubClient(tokens=["t-gone"], api_base_url=simulator.url) as client:
        reader = RepositoryReader(client, as_of=datetime.fromisoformat(NOW))
        answers = {r.candidate_id: r.core async for r in reader.read(everybody(gone))}
    for row in gone.values():
        reason = {"dmca": "blocked_dmca", "tos": "blocked_tos"}.get(
            row["block_reason"], "not_found"
        )
        assert answers[row["node_id"]] == Absent(reason), row["name"]


async def test_a_rerun_reads_only_what_changed(simulator: Simulator) -> None:
    """Unchanged files come as None, star histories as 304; after days have passed, the truth again."""
    simulator.call("/_sim/clock", {"now": NOW})
    store = MemoryETagStore()
    first = await (await Run(simulator, NOW)()).with_stars(store)
    assert set(first.files) == set(first.readings)
    again = await (await Run(simulator, NOW)(known=first.files)).with_stars(store)
    assert set(again.readings) == set(first.readings)
    assert all(r.files is None for r in again.readings.values())
    assert sum(s.not_modified for s in again.stars.values()) >= 0.95 * len(again.stars)
    later = "2026-11-09T05:10:00Z"
    simulator.call("/_sim/clock", {"now": later})
    moved = await (await Run(simulator, later)(known=first.files)).with_stars(store)
    truth = simulator.truth(later)
    counts = {i: counted(r, moved.as_of) for i, r in moved.readings.items()}
    assert not differences(
        truth, counts, lambda row: {key: row[key] for key in next(iter(counts.values()))}
    )
    files = {**first.files, **moved.files}
    verdicts = {i: detect(files[i], truth[i]["name"]).nextjs["verdict"] for i in moved.readings}
    assert not differences(truth, verdicts, lambda row: row["nextjs"])
    assert 0 < len([i for i in moved.files if i in first.files]) < len(first.files) / 2
    simulator.call("/_sim/clock", {"now": NOW})


async def test_discovery_is_complete_and_honest(simulator: Simulator) -> None:
    """Each source finds what the world says it should; counts are recorded."""
    simulator.call("/_sim/clock", {"now": NOW})
    run = await Run(simulator, NOW)()
    for outcomes in run.outcomes.values():
        for outcome in outcomes:
            assert isinstance(outcome.answer, Found), (outcome.query, outcome.reason)
            assert outcome.pages >= 1 and not outcome.incomplete_results
            assert outcome.is_capped or outcome.total_count in (None, outcome.items)
    async with GitHubClient(tokens=["t-disc"], api_base_url=simulator.url) as client:
        queries = [
            DiscoveryQuery("org", "organisation", "render-examples", max_results=300),
            DiscoveryQuery("nobody", "organisation", "no-such-organisation-at-all"),
            DiscoveryQuery("bad", "search_repositories", "x AND y OR a AND b OR c AND d OR e"),
        ]
        listed, outcomes = await discover(client, queries, as_of=run.as_of)
    assert {item.full_name.split("/")[0] for item in listed} == {"render-examples"}
    assert outcomes[1].answer == Absent("not_found")
    assert isinstance(outcomes[2].answer, Unknown) and "refused" in (outcomes[2].reason or "")


async def test_scripted_faults_lose_nothing_that_can_be_had(simulator: Simulator) -> None:
    """502 pages, resets, truncated bodies in between: the same readings as without."""
    simulator.call("/_sim/clock", {"now": NOW})
    calm = await Run(simulator, NOW)()
    simulator.call(
        "/_sim/faults",
        [
            {"match": {"path": "/graphql", "nth": 2}, "action": {"kind": "html_502"}, "times": 1},
            {"match": {"path": "/graphql", "nth": 4}, "action": {"kind": "reset"}, "times": 1},
            {
                "match": {"path": "/graphql", "nth": 6},
                "action": {"kind": "truncated_json"},
                "times": 1,
            },
            {
                "match": {"path": "/search/repositories", "nth": 1},
                "action": {"kind": "empty"},
                "times": 1,
            },
            {"match": {"path": "/orgs/", "nth": 1}, "action": {"kind": "json_502"}, "times": 1},
        ],
    )
    try:
        rough = await Run(simulator, NOW)()
    finally:
        simulator.call("/_sim/faults", method="DELETE")
    assert rough.report["batches_split"] or rough.report["retries"]
    assert set(rough.readings) == set(calm.readings)
    for repo_id, reading in rough.readings.items():
        assert reading.core == calm.readings[repo_id].core
        assert reading.streams["commits"] == calm.readings[repo_id].streams["commits"]


async def test_a_rerun_on_a_bad_day_is_cheap(pessimistic: Simulator) -> None:
    """Performance.md: about 300 known repositories: ≤ 60 requests, no 403, a few seconds."""
    first = await Run(pessimistic, NOW, "day-one")()
    pessimistic.call("/_sim/log", method="DELETE")
    pessimistic.call("/_sim/limits", method="DELETE")
    rerun = await Run(pessimistic, NOW, "day-two")(known=first.files)
    stats = pessimistic.stats()
    assert len(rerun.readings) == len(first.readings) >= 250
    assert rerun.report["requests_total"] <= 60, rerun.report
    assert stats["forbidden"] == 0
    assert not [code for code in rerun.report["statuses"] if code not in ("200", "304", "404")]
    assert all(r.files is None for r in rerun.readings.values())
    print(len(rerun.readings), round(rerun.seconds, 2), rerun.report)
