"""Search: qualifiers, order, the 1,000-result rule, README mentions, code search."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from .conftest import Simulator


def search(simulator: Simulator, q: str, **params: object) -> list[dict]:
    return simulator.pages("/search/repositories", q=q, **params)


def truth_ids(simulator: Simulator, source: str) -> set[int]:
    rows = simulator.truth()["repositories"]
    return {int(k) for k, row in rows.items() if source in row["sources"]}


@pytest.mark.parametrize("topic", ["render", "render-deploy", "render-blueprints"])
def test_topic_searches_find_what_the_truth_says(simulator: Simulator, topic: str) -> None:
    found = {r["id"] for r in search(simulator, f"topic:{topic}")}
    assert found == truth_ids(simulator, f"topic-{topic}")


def test_readme_mentions_need_the_readme_place(simulator: Simulator) -> None:
    found = {r["id"] for r in search(simulator, '"render.com" in:readme')}
    assert found == truth_ids(simulator, "readme-mention") and found
    assert search(simulator, '"render.com"') == []


@pytest.mark.parametrize("login", ["render-examples", "render-oss", "renderinc"])
def test_organisations(simulator: Simulator, login: str) -> None:
    wanted = truth_ids(simulator, login)
    assert {r["id"] for r in search(simulator, f"org:{login}")} == wanted
    assert {r["id"] for r in simulator.pages(f"/orgs/{login}/repos")} == wanted


def test_languages_by_push_and_by_age(simulator: Simulator) -> None:
    established = search(simulator, "language:go pushed:>=2026-10-04T18:30:00Z", sort="stars")
    young = search(simulator, "language:go created:>=2026-08-05T18:30:00Z stars:>=20")
    assert {r["id"] for r in established + young} == truth_ids(simulator, "go")
    stars = [r["stargazers_count"] for r in established]
    assert stars == sorted(stars, reverse=True)
    rising = search(simulator, "language:go", sort="stars", order="asc")
    assert [r["stargazers_count"] for r in rising] == sorted(r["stargazers_count"] for r in rising)


def test_forks_are_left_out_unless_asked(simulator: Simulator) -> None:
    plain = {r["id"] for r in search(simulator, "language:python")}
    both = {r["id"] for r in search(simulator, "language:python fork:true")}
    only = {r["id"] for r in search(simulator, "language:python fork:only")}
    assert only and not only & plain and both == plain | only


def test_ranges_negation_and_flags(simulator: Simulator) -> None:
    rows = search(simulator, "language:python stars:100..5000 archived:false")
    assert rows and all(100 <= r["stargazers_count"] <= 5000 and not r["archived"] for r in rows)
    below = search(simulator, "language:python stars:<100")
    above = search(simulator, "language:python stars:>=100")
    assert len(below) + len(above) == len(search(simulator, "language:python"))
    assert not any("render" in r["topics"] for r in search(simulator, "language:go -topic:render"))
    assert search(simulator, 'language:"Jupyter Notebook"')


@pytest.mark.parametrize(
    "q", ["", "x" * 300, "stars:abc", "a AND b AND c AND d AND e AND f AND g", "org:nobody-at-all"]
)
def test_queries_that_github_refuses(simulator: Simulator, q: str) -> None:
    answer = simulator.get("/search/repositories", params={"q": q})
    assert answer.status_code == 422 and answer.json()["message"] == "Validation Failed"


def test_only_the_first_thousand_results_can_be_read(launch: Callable[..., Simulator]) -> None:
    """Slices of a disjoint range reach what one query cannot."""
    simulator = launch("--clock", "2026-11-03T00:00:00Z", "--start", "2026-11-01",
                       "--repositories-per-language", "1", "--render", "1", "--bulk", "1100")  # fmt: skip
    page = {"q": "topic:bulk", "per_page": 100}
    assert simulator.get("/search/repositories", params=page).json()["total_count"] == 1100
    assert len(search(simulator, "topic:bulk")) == 1000
    past = simulator.get("/search/repositories", params={**page, "page": 11})
    assert past.status_code == 422
    assert past.json()["message"] == "Only the first 1000 search results are available"
    slices = [search(simulator, f"topic:bulk stars:{r}") for r in ("<45", ">=45")]
    ids = [r["id"] for rows in slices for r in rows]
    assert len(ids) == len(set(ids)) == 1100
    query = 'query($a:String){search(type:REPOSITORY,query:"topic:bulk",first:100,after:$a){repositoryCount pageInfo{hasNextPage endCursor} nodes{...on Repository{databaseId}}}}'
    after, seen = None, 0
    while True:
        found = simulator.data(query, a=after)["search"]
        seen += len(found["nodes"])
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert (found["repositoryCount"], seen) == (1100, 1000)


def test_code_search_has_its_own_rules(simulator: Simulator) -> None:
    answer = simulator.get(
        "/search/code", params={"q": "filename:render.yaml path:/", "per_page": 100}
    )
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-ratelimit-resource"] == "code_search"
    items = answer.json()["items"]
    wanted = truth_ids(simulator, "blueprint-file")
    assert {item["repository"]["id"] for item in items} == wanted
    assert not {"stargazers_count", "pushed_at", "language"} & set(items[0]["repository"])
    assert items[0]["name"] == "render.yaml" and items[0]["repository"]["node_id"]
    assert httpx.get(f"{simulator.url}/search/code", params={"q": "x"}).status_code == 401
    assert simulator.get("/search/code", params={"q": "path:/"}).status_code == 422
    deep = {"q": "filename:render.yaml", "page": 11, "per_page": 100}
    assert simulator.get("/search/code", params=deep).status_code == 422


def test_incomplete_results_can_be_scripted(simulator: Simulator) -> None:
    """Still 200, partial."""
    whole = simulator.get("/search/repositories", params={"q": "language:go"}).json()
    simulator.script(
        {"match": {"path": "^/search"}, "action": {"kind": "incomplete_results", "keep": 0.5}}
    )
    part = simulator.get("/search/repositories", params={"q": "language:go"})
    assert part.status_code == 200 and part.json()["incomplete_results"] is True
    assert part.json()["total_count"] == whole["total_count"]
    assert len(part.json()["items"]) == len(whole["items"]) // 2


def test_closed_issues_by_search(simulator: Simulator) -> None:
    _number, row = simulator.by_tag("busy-issues")[0]
    q = f"repo:{row['name']} is:issue is:closed closed:>=2026-10-27T18:30:00Z"
    query = "query($q:String!){search(type:ISSUE,query:$q,first:1){issueCount}}"
    assert simulator.data(query, q=q)["search"]["issueCount"] == row["issues_closed_7d"] > 100
