"""Budgets by resource and the secondary limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from github_simulator.server.limits import Account, LimitSettings

from .conftest import Simulator


def as_user(simulator: Simulator, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=simulator.url, headers=headers)


def test_anonymous_callers_have_sixty_an_hour(simulator: Simulator) -> None:
    """403, remaining 0, used pinned at the limit, the reset in the future."""
    client = httpx.Client(base_url=simulator.url)
    for _ in range(60):
        assert client.get("/orgs/renderinc/repos").status_code == 200
    refused = client.get("/orgs/renderinc/repos")
    assert refused.status_code == 403
    assert "API rate limit exceeded for" in refused.json()["message"]
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert refused.headers["x-ratelimit-used"] == refused.headers["x-ratelimit-limit"] == "60"
    assert 3590 < int(refused.headers["x-ratelimit-reset"]) - refused_at(refused) <= 3601
    assert client.get("/rate_limit").status_code == 200
    assert client.get("/search/repositories", params={"q": "topic:bulk"}).status_code == 200


def refused_at(answer: httpx.Response) -> float:
    from email.utils import parsedate_to_datetime

    return parsedate_to_datetime(answer.headers["date"]).timestamp()


def test_resources_are_exhausted_independently(simulator: Simulator) -> None:
    """Search's 30 say nothing of core's 5,000."""
    client = as_user(simulator, "searcher")
    for _ in range(30):
        assert client.get("/search/repositories", params={"q": "topic:bulk"}).status_code == 200
    assert client.get("/search/repositories", params={"q": "topic:bulk"}).status_code == 403
    for _ in range(10):
        assert client.get("/search/code", params={"q": "filename:x"}).status_code == 200
    refused = client.get("/search/code", params={"q": "filename:x"})
    assert refused.status_code == 403 and refused.headers["x-ratelimit-resource"] == "code_search"
    core = client.get("/orgs/renderinc/repos")
    assert core.status_code == 200 and core.headers["x-ratelimit-remaining"] == "4999"
    other = as_user(simulator, "somebody-else")
    assert other.get("/search/repositories", params={"q": "topic:bulk"}).status_code == 200


def test_a_used_up_graphql_budget_is_status_200(simulator: Simulator) -> None:
    simulator.limits(user={"graphql": 2})
    for _ in range(2):
        assert "data" in simulator.graphql("{viewer{login}}").json()
    answer = simulator.graphql("{viewer{login}}")
    assert answer.status_code == 200 and "data" not in answer.json()
    assert answer.json()["errors"][0]["type"] == "RATE_LIMIT"
    assert answer.headers["x-ratelimit-remaining"] == "0"


def test_a_budget_can_be_partly_spent_before_the_first_request(simulator: Simulator) -> None:
    """Somebody else used the token in this hour; each account's first window shows it."""
    simulator.limits(spent={"core": 4_990})
    left = [
        as_user(simulator, token).get("/orgs/renderinc/repos").headers["x-ratelimit-remaining"]
        for token in ("poor", "poor", "poorer")
    ]
    assert left == ["9", "8", "9"]
    search = as_user(simulator, "poor").get("/search/repositories", params={"q": "topic:bulk"})
    assert search.headers["x-ratelimit-remaining"] == "29"


def test_refusals_can_be_429(simulator: Simulator) -> None:
    simulator.limits(user={"core": 1}, status=429)
    simulator.get("/orgs/renderinc/repos")
    assert simulator.get("/orgs/renderinc/repos").status_code == 429


@pytest.mark.parametrize("mode", ["always", "never"])
def test_rest_points_a_minute(simulator: Simulator, mode: str) -> None:
    """The class stays blocked; `retry-after` as configured."""
    simulator.limits(rest_points=20, retry_after=mode)
    statuses = [simulator.get("/orgs/renderinc/repos").status_code for _ in range(22)]
    assert statuses == [200] * 20 + [403] * 2
    refused = simulator.get("/orgs/renderinc/repos")
    assert "secondary rate limit" in refused.json()["message"]
    assert int(refused.headers["x-ratelimit-remaining"]) > 0
    if mode == "always":
        assert 1 <= int(refused.headers["retry-after"]) <= 60
    else:
        assert "retry-after" not in refused.headers
    assert simulator.graphql("{viewer{login}}").status_code == 200


async def test_a_hundred_in_flight(simulator: Simulator) -> None:
    simulator.script({"match": {"path": "renderinc"}, "action": {"kind": "delay", "seconds": 6}})
    limits = httpx.Limits(max_connections=130)
    headers = {"Authorization": "Bearer crowd"}
    async with httpx.AsyncClient(base_url=simulator.url, limits=limits, headers=headers) as client:
        answers = await asyncio.gather(
            *(client.get("/orgs/renderinc/repos", timeout=30) for _ in range(120))
        )
    statuses = [a.status_code for a in answers]
    assert statuses.count(200) == 100 and statuses.count(403) == 20
    stats = simulator.get("/_sim/stats").json()
    assert stats["max_in_flight"] > 100 and stats["forbidden"] == stats["breaches"] == 20


def test_computing_counts_as_modelled_and_not_as_this_machine_feels_it() -> None:
    """On a busy machine answers come late; what GitHub computes a minute is the same as ever."""
    account = Account("crowd", LimitSettings(cpu_seconds=60.0), is_anonymous=False)
    for _ in range(40):
        account.compute(2.0, 1_000.0)
    assert account.computed(1_001.0) == 40.0
    assert account.secondary_breach("graphql", 1, 1_001.0) is None
    assert account.computed(1_500.0) == 0.0, "a minute later it is over, whenever it was delivered"
    for _ in range(40):
        account.compute(2.0, 2_000.0)
    assert account.computed(2_061.0) == 40.0, "half of it lies more than a minute back"
    assert account.secondary_breach("graphql", 1, 2_001.6) == "cpu", "what is under way counts"


def test_summed_graphql_seconds_and_the_cut_off(launch: Callable[..., Simulator]) -> None:
    """The pessimistic profile: 300 ms + 90 ms a repository, a cut-off, summed seconds a minute."""
    simulator = launch("--profile", "pessimistic", "--no-warm-up", "--bulk", "130",
                       "--repositories-per-language", "1", "--render", "1")  # fmt: skip
    rows = simulator.truth()["repositories"].values()
    ids = [row["node_id"] for row in rows][:100]
    query = "query Many($ids:[ID!]!){nodes(ids:$ids){id}}"
    simulator.limits(cpu_seconds=1.0)
    answer = simulator.graphql(query, ids=ids[:15])
    assert answer.status_code == 200 and 1.2 < answer.elapsed.total_seconds() < 2.6
    refused = simulator.graphql(query, ids=ids[:1])
    assert refused.status_code == 403 and "secondary" in refused.json()["message"]
    simulator.limits(cpu_seconds=60.0)
    entry = simulator.get("/_sim/log").json()["requests"][0]
    assert (entry["operation"], entry["repositories"]) == ("Many", 15)
    changes = {"profile": "pessimistic", "cut_off": 1.0}
    assert simulator.client.post("/_sim/profile", json=changes).json()["cut_off"] == 1.0
    forms = [simulator.graphql(query, ids=ids) for _ in range(2)]
    assert [f.status_code for f in forms] == [502, 502]
    assert {f.headers["content-type"].split(";")[0] for f in forms} == {
        "text/html", "application/json",
    }  # fmt: skip
    assert max(f.elapsed.total_seconds() for f in forms) < 2
    assert int(forms[1].headers["x-ratelimit-used"]) == 22


def test_limits_can_be_switched_off(simulator: Simulator) -> None:
    simulator.limits(is_enforced=False, user={"core": 1})
    assert {simulator.get("/orgs/renderinc/repos").status_code for _ in range(5)} == {200}
