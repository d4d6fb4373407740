"""GraphQL batches: halving, one failing of fifty, coalescing, sizes and costs that adapt."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.github.fakes import NOW, FakeGitHub, answer
from tests.github.repository_answers import AS_OF, candidates, github, read_all, respond
from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.batches import FIRST, LARGEST, SMALLEST, Pace
from trender_assets.github.pacing import LearnedPace
from trender_assets.github.replies import GraphQLReply
from trender_assets.trending.reading.repositories import RepositoryReader


def has(variables: dict[str, Any], node_id: str) -> bool:
    return node_id in variables.values()


def weight(variables: dict[str, Any]) -> int:
    return sum(name.startswith("id") for name in variables)


async def test_fifty_are_read_in_few_batches() -> None:
    """50 repositories are four requests, not 250."""
    fake = github(lambda variables: None)
    readings = await read_all(fake, candidates(50))
    assert len(readings) == 50 and all(isinstance(r.core, Found) for r in readings.values())
    assert len(fake.log) == -(-50 // FIRST) == 4
    assert max(weight(sent.variables) for sent in fake.log) <= LARGEST


async def test_one_failing_of_fifty_loses_one() -> None:
    """A batch that GitHub cuts off is halved until only the culprit is alone."""
    fake = github(lambda v: answer("<html>502</html>", 502) if has(v, "R_7") else None)
    readings = await read_all(fake, candidates(50))
    lost = {key for key, r in readings.items() if not isinstance(r.core, Found)}
    assert lost == {"R_7"}
    assert readings["R_7"].core == Unknown("http 502")
    assert fake.report.batches_split >= 4  # type: ignore[attr-defined]


async def test_timeouts_halve_only_until_they_fit() -> None:
    """Batches above eight take too long: nothing is lost and nothing is asked one by one."""
    slow = {
        "data": None,
        "errors": [
            {
                "message": "Something went wrong while executing your query. This may be the result of a timeout"
            }
        ],
    }
    fake = github(lambda v: answer(slow, 502) if weight(v) > 8 else None)
    readings = await read_all(fake, candidates(40))
    assert all(isinstance(r.core, Found) for r in readings.values())
    assert min(weight(sent.variables) for sent in fake.log) >= 5


async def test_resource_limits_of_one_repository_cost_its_metrics_only() -> None:
    """Facts §3.4: partial data is kept; the repository is asked again alone, then for less."""

    def change(variables: dict[str, Any]) -> httpx.Response | None:
        if not has(variables, "R_3") or not variables["withListings"]:
            return None
        body = respond(variables)
        alias = next(f"r{k[2:]}" for k, v in variables.items() if v == "R_3")
        body["data"][alias]["commits"] = None
        body["errors"] = [
            {
                "type": "RESOURCE_LIMITS_EXCEEDED",
                "path": [alias, "commits"],
                "message": "Resource limits for this query exceeded.",
            }
        ]
        return answer(body, resource="graphql")

    fake = github(change)
    readings = await read_all(fake, candidates(20))
    assert all(isinstance(r.core, Found) for r in readings.values())
    broken = {key for key, r in readings.items() if not isinstance(r.streams["commits"], Found)}
    assert broken == {"R_3"}
    assert isinstance(readings["R_3"].streams["commits"], Unknown) and isinstance(
        readings["R_3"].files, Found
    )


async def test_gone_repositories_are_absent_and_unsaid_ones_unknown() -> None:
    """NOT_FOUND is absent; null without a word is unknown; REST tells a block apart."""

    def change(variables: dict[str, Any]) -> httpx.Response | None:
        body = respond(variables)
        for name, value in variables.items():
            alias = f"r{name[2:]}"
            if value in ("R_1", "R_2", "R_3"):
                body["data"][alias] = None
            if value in ("R_1", "R_2"):
                body.setdefault("errors", []).append(
                    {"type": "NOT_FOUND", "path": [alias], "message": "Could not resolve to a node"}
                )
        return answer(body, resource="graphql")

    fake = github(change)
    inner = fake.handler
    fake.handler = lambda request: (
        answer({"message": "Repository access blocked", "block": {"reason": "dmca"}}, 451)
        if request.url.path == "/repositories/2"
        else inner(request)
    )
    readings = await read_all(fake, candidates(4))
    assert readings["R_1"].core == Absent("not_found")
    assert readings["R_2"].core == Absent("blocked_dmca")
    assert isinstance(readings["R_3"].core, Unknown)
    assert isinstance(readings["R_4"].core, Found)
    assert readings["R_1"].full_name == "owner/repo-1"


async def test_malformed_repositories_are_unknown() -> None:
    """A missing, null or wrongly typed field makes that repository unknown, no other."""
    flaws: dict[str, dict[str, Any]] = {
        "R_1": {"stargazerCount": None},
        "R_2": {"stargazerCount": "12"},
        "R_3": {"databaseId": -1},
        "R_4": {"nameWithOwner": ""},
        "R_5": {"watchers": []},
        "R_6": {"owner": None},
        "R_7": {"isFork": None},
    }

    def change(variables: dict[str, Any]) -> httpx.Response | None:
        body = respond(variables)
        for item in body["data"].values():
            item.update(flaws.get(item.get("id", ""), {}))
        return answer(body, resource="graphql")

    readings = await read_all(github(change), candidates(9))
    assert {key for key, r in readings.items() if isinstance(r.core, Unknown)} == set(flaws)


WRONG = {"message": "Something went wrong"}  # without a type, as GitHub really answers


async def test_a_side_field_that_failed_is_asked_again_and_then_unknown() -> None:
    """One field of one repository made the whole repository unknown for the hour."""

    def change(variables: dict[str, Any]) -> httpx.Response | None:
        body = respond(variables)
        errors = []
        for alias, item in body["data"].items():
            if item.get("id") == "R_2":
                item["releases"] = None
                errors.append({**WRONG, "path": [alias, "releases"]})
        return answer({**body, **({"errors": errors} if errors else {})}, resource="graphql")

    fake = github(change)
    readings = await read_all(fake, candidates(4))
    assert len(fake.log) == 2 and list(fake.log[1].variables.values()).count("R_2") == 1
    core = readings["R_2"].core
    assert isinstance(core, Found) and core.note == "incomplete: releases: Something went wrong"
    assert core.value["stargazerCount"] == 2 and "releases" not in core.value
    assert isinstance(readings["R_2"].streams["commits"], Found)
    assert readings["R_1"].core == Found(readings["R_1"].core.value)  # type: ignore[union-attr]


async def test_answers_that_were_partly_null_are_whole_at_the_second_try() -> None:
    """Three in ten answers were partly null; none of them was asked again."""
    seen: set[str] = set()

    def change(variables: dict[str, Any]) -> httpx.Response | None:
        body = respond(variables)
        errors = []
        for alias, item in body["data"].items():
            node_id = item.get("id", "")
            if node_id.endswith(("1", "4", "7")) and node_id not in seen:
                seen.add(node_id)
                item["watchers"] = item["stargazerCount"] = None
                errors += [
                    {**WRONG, "path": [alias, field]} for field in ("watchers", "stargazerCount")
                ]
        return answer({**body, **({"errors": errors} if errors else {})}, resource="graphql")

    fake = github(change)
    readings = await read_all(fake, candidates(30))
    assert len(seen) == 9
    assert all(isinstance(r.core, Found) and r.core.note is None for r in readings.values())
    assert fake.report.retries["partial"] == 9  # type: ignore[attr-defined]


async def test_renamed_repositories_keep_their_id() -> None:
    """The node id survives the rename; the reading has the new name."""

    def change(variables: dict[str, Any]) -> httpx.Response | None:
        body = respond(variables)
        body["data"]["r0"]["nameWithOwner"] = "other/name"
        return answer(body, resource="graphql")

    readings = await read_all(github(change), candidates(1))
    assert (readings["R_1"].repo_id, readings["R_1"].full_name) == (1, "other/name")


async def test_sources_share_batches_and_readings() -> None:
    """Twelve sources of eight repositories, some shared, fill six batches; each is read once."""
    fake = github(lambda variables: None)
    async with fake.client() as client:
        reader = RepositoryReader(client, as_of=AS_OF)

        async def source(number: int) -> int:
            return len([r async for r in reader.read(candidates(8, start=1 + 7 * number))])

        counts = await asyncio.gather(*(source(n) for n in range(12)))
    assert counts == [8] * 12
    asked = [v for sent in fake.log for k, v in sent.variables.items() if k.startswith("id")]
    assert len(asked) == len(set(asked)) == 85
    assert len(fake.log) == -(-85 // FIRST) == 6


async def test_a_partial_batch_waits_for_a_discovery_under_way() -> None:
    """Half-empty batches cost requests: they wait while others are about to ask."""
    fake = github(lambda variables: None)
    async with fake.client() as client:
        reader = RepositoryReader(client, as_of=AS_OF)

        async def late() -> None:
            with client.searching():
                await fake.clock.sleep(0.4)
            async for _ in reader.read(candidates(5, start=100)):
                pass

        async def early() -> None:
            async for _ in reader.read(candidates(5)):
                pass

        await asyncio.gather(early(), late())
    assert len(fake.log) == 1


async def test_an_outage_is_noticed_before_everything_is_tried_alone() -> None:
    """When GraphQL is down, 400 repositories do not become thousands of requests."""
    fake = github(lambda variables: answer("<html>502</html>", 502))
    readings = await read_all(fake, candidates(400))
    assert all(isinstance(r.core, Unknown) for r in readings.values())
    assert len(fake.log) < 250


async def test_bad_credentials_reach_every_reader() -> None:
    """A token refused in the middle of a batch ends every source at once."""
    from trender_assets.github.answers import BadCredentials

    fake = FakeGitHub(lambda request: answer({"message": "Bad credentials"}, 401, remaining=None))
    async with fake.client() as client:
        reader = RepositoryReader(client, as_of=AS_OF)

        async def source(number: int) -> None:
            async for _ in reader.read(candidates(30, start=30 * number)):
                pass

        results = await asyncio.gather(*(source(n) for n in range(3)), return_exceptions=True)
    assert all(isinstance(result, BadCredentials) for result in results)


async def test_every_query_asks_for_its_cost() -> None:
    """Facts §3.1: the true cost is counted, not guessed."""
    fake = github(lambda variables: None)
    await read_all(fake, candidates(40))
    assert all("rateLimit { cost remaining resetAt nodeCount }" in sent.query for sent in fake.log)
    assert fake.report.points["graphql"] == 40  # type: ignore[attr-defined]


async def test_summed_response_time_stays_under_a_minute() -> None:
    """Once GitHub refused something, 60 s of GraphQL a minute; more waits for the next minute."""
    fake = github(lambda variables: None)
    async with fake.client(learned=LearnedPace(rate=2 / 3)) as client:
        for _ in range(80):
            await client.graphql("{x}", {}, purpose="t", seconds=2.0, charge=lambda observed: 2.0)
    times = [sent.at for sent in fake.log]
    assert sum(at < NOW + 59 for at in times) == 30
    assert client.report.waits[0].reason == "under 60 s of GraphQL's time a minute"


async def test_nothing_waits_before_anything_was_refused() -> None:
    """Response times that a busy client measured itself once stopped every run for a minute."""
    fake = github(lambda variables: None)
    async with fake.client() as client:
        for _ in range(44):
            await client.graphql("{x}", {}, purpose="t", seconds=2.0, charge=lambda observed: 2.0)
    assert client.report.waits == []


def reply(seconds: float, cost: int = 1) -> GraphQLReply:
    return GraphQLReply({"rateLimit": {"cost": cost}}, (), None, False, seconds, AS_OF)


def test_batch_size_follows_measured_time() -> None:
    """Batches stay well under the 10 s cut-off: 10 to 20 repositories, by what one takes."""
    pace = Pace()
    assert pace.size == FIRST
    for _ in range(20):
        pace.learn(20, reply(0.3 + 20 * 0.015))
    assert pace.size == LARGEST
    for _ in range(20):
        pace.learn(10, reply(0.3 + 10 * 0.5))
    assert pace.size == SMALLEST
    assert pace.cost(10) == 1


def test_waiting_in_a_queue_is_not_charged_as_work() -> None:
    """Many answers that queue behind each other count what the quick ones took."""
    pace = Pace()
    charged = sum(pace.charge(20, 0.1 * n) for n in range(1, 41))
    assert charged < 0.6 * sum(0.1 * n for n in range(1, 41))
    steady = Pace()
    assert sum(steady.charge(20, 2.1) for _ in range(20)) == pytest.approx(20 * 2.1)


def test_a_machine_too_busy_to_measure_is_not_charged_as_work() -> None:
    """With both processors busy every answer took many seconds: GitHub had computed 16 s, the
    client counted over 90 and stood still for a minute."""
    pace = Pace()
    assert sum(pace.charge(16, 8.0) for _ in range(34)) < 60
    assert pace.seconds(16) < 2, "nor is it expected of the next"


async def test_a_reading_that_was_begun_is_given_to_whoever_asks() -> None:
    """Whom we watch is read while the searches run; who lists it later asks nothing more."""
    fake = github(lambda variables: None)
    async with fake.client() as client:
        reader = RepositoryReader(client, as_of=AS_OF)
        reader.begin(candidates(FIRST))
        await fake.clock.sleep(0.1)
        assert len(fake.log) == 1
        readings = [r async for r in reader.read(candidates(FIRST))]
    assert {r.repo_id for r in readings} == set(range(1, FIRST + 1))
    assert len(fake.log) == 1
