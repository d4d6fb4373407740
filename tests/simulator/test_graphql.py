"""GraphQL: prices, error shapes, files, connections."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from github_simulator.graphql.cost import price

from .conftest import Simulator

NAME = "query($ids:[ID!]!){nodes(ids:$ids){... on Repository{databaseId nameWithOwner}}}"


def ids(simulator: Simulator, number: int) -> list[str]:
    rows = simulator.truth()["repositories"].values()
    return [r["node_id"] for r in rows if r["state"] == "available"][:number]


def errors(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200
    return answer.json()["errors"]


def test_the_price_is_that_of_the_documentations_example() -> None:
    """Facts §3.1: 100 repositories, 50 issues, 60 labels: 1 + 100 + 5,000 requests = 51 points."""
    schema = build_schema(
        "type Query{viewer:U} type U{repositories(first:Int):RConnection} "
        "type RConnection{edges:[RE]} type RE{repository:R} "
        "type R{issues(first:Int):IConnection} "
        "type IConnection{edges:[IE]} type IE{node:I} type I{labels(first:Int):LConnection} "
        "type LConnection{edges:[LE]} type LE{node:L} type L{id:ID name:String}"
    )
    document = parse(
        "query($n:Int=50){viewer{repositories(first:100){edges{repository:repository{"
        "issues(first:$n){edges{node{labels(first:60){edges{node{id name}}}}}}}}}}}"
    )
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    found = price(schema, document, operation, {})
    assert (found.requests, found.points) == (5101, 51)
    assert found.nodes == 100 + 100 * 50 + 100 * 50 * 60


def test_the_price_follows_include_and_skip(simulator: Simulator) -> None:
    query = (
        "query($ids:[ID!]!,$more:Boolean!){rateLimit{cost nodeCount} nodes(ids:$ids){"
        "... on Repository{id issues(first:100) @include(if:$more){nodes{id number}}}}}"
    )
    fifty = ids(simulator, 50)
    small = simulator.data(query, ids=fifty, more=False)["rateLimit"]
    large = simulator.data(query, ids=fifty, more=True)["rateLimit"]
    assert (small["cost"], small["nodeCount"]) == (1, 50)
    assert (large["cost"], large["nodeCount"]) == (1, 50 + 50 * 100)


def test_points_are_taken_from_the_graphql_budget_only(simulator: Simulator) -> None:
    query = "{rateLimit{limit cost remaining used resetAt}}"
    first = simulator.graphql(query, token="fresh-1")
    assert first.json()["data"]["rateLimit"]["used"] == 1
    assert first.headers["x-ratelimit-resource"] == "graphql"
    rest = simulator.get("/rate_limit", headers={"Authorization": "Bearer fresh-1"}).json()
    assert rest["resources"]["graphql"]["used"] == 1 and rest["resources"]["core"]["used"] == 0


def test_one_missing_node_does_not_lose_the_others(simulator: Simulator) -> None:
    wanted = [*ids(simulator, 2), "R_kgDOAAAAAAAA", "garbage"]
    body = simulator.graphql(NAME, ids=wanted).json()
    assert [node is None for node in body["data"]["nodes"]] == [False, False, True, True]
    assert [e["path"] for e in body["errors"]] == [["nodes", 2], ["nodes", 3]]
    assert all(e["type"] == "NOT_FOUND" and e["locations"] for e in body["errors"])


def test_blocked_and_deleted_repositories_are_errors(simulator: Simulator) -> None:
    wanted = [row["node_id"] for _, row in simulator.by_tag("blocked-tos", "2026-11-02T00:00:00Z")]
    gone = [row["node_id"] for _, row in simulator.by_tag("deleted")]
    simulator.move("2026-11-06T00:00:00Z")
    kinds = [e["type"] for e in errors(simulator.graphql(NAME, ids=wanted + gone))]
    assert kinds == ["FORBIDDEN"] * 2 + ["NOT_FOUND"] * 2


def test_error_rows(simulator: Simulator) -> None:
    """Every error that a query alone can cause."""
    [error] = errors(simulator.graphql(NAME, ids=["x"] * 101))
    assert error["type"] == "ARGUMENT_LIMIT" and "you provided 101" in error["message"]
    [error] = errors(simulator.graphql('{repository(owner:"o",name:"r"){id}}'))
    assert error["message"] == "Could not resolve to a Repository with the name 'o/r'."
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository"])
    one = ids(simulator, 1)[0]
    query = "query($id:ID!){node(id:$id){...on Repository{issues%s{nodes{id}}}}}"
    [error] = errors(simulator.graphql(query % "", id=one))
    assert error["type"] == "MISSING_PAGINATION_BOUNDARIES"
    [error] = errors(simulator.graphql(query % "(first:200)", id=one))
    assert error["type"] == "EXCESSIVE_PAGINATION" and "200 records" in error["message"]
    answer = simulator.graphql("{viewer{foo}}").json()
    assert "data" not in answer
    assert answer["errors"][0]["message"] == "Field 'foo' doesn't exist on type 'User'"
    assert answer["errors"][0]["extensions"]["code"] == "undefinedField"
    many = "query($ids:[ID!]!){nodes(ids:$ids){...on Repository{issues(first:100){nodes{repository{issues(first:100){nodes{id}}}}}}}}"
    [error] = errors(simulator.graphql(many, ids=["x"] * 100))
    assert error["type"] == "MAX_NODE_LIMIT_EXCEEDED"
    assert simulator.client.post("/graphql", content=b"{oops").status_code == 400
    answer = httpx.post(f"{simulator.url}/graphql", json={"query": "{viewer{login}}"})
    assert answer.status_code == 401


def test_stars_are_counted_but_not_listed(simulator: Simulator) -> None:
    """Since 2026 edges are empty though counts work."""
    _, row = simulator.by_tag("giant")[0]
    query = "query($id:ID!){node(id:$id){...on Repository{stargazers(first:10){totalCount edges{starredAt} nodes{login}}}}}"
    found = simulator.data(query, id=row["node_id"])["node"]["stargazers"]
    assert found == {"totalCount": row["stars"], "edges": [], "nodes": []}


def test_both_forms_of_node_ids_and_a_dry_run(simulator: Simulator) -> None:
    import base64

    number, row = simulator.by_tag("giant")[0]
    legacy = base64.b64encode(f"010:Repository{number}".encode()).decode()
    found = simulator.data(NAME, ids=[legacy, row["node_id"]])["nodes"]
    assert found[0] == found[1] == {"databaseId": number, "nameWithOwner": row["name"]}
    dry = simulator.data(
        "query($ids:[ID!]!){rateLimit(dryRun:true){cost} nodes(ids:$ids){id}}", ids=[legacy]
    )
    assert dry == {"rateLimit": {"cost": 1}, "nodes": [None]}


FILES = """query($id:ID!){node(id:$id){...on Repository{
  yaml: object(expression:"HEAD:render.yaml"){__typename oid ...on Blob{byteSize isBinary isTruncated text}}
  readme: object(expression:"HEAD:README.md"){oid ...on Blob{byteSize isBinary isTruncated text}}
  docker: object(expression:"HEAD:Dockerfile"){...on Blob{isBinary text}}
  root: object(expression:"HEAD:"){__typename ...on Tree{oid entries{name type path object{...on Blob{byteSize}}}}}
  apps: object(expression:"HEAD:apps"){...on Tree{entries{name type object{...on Tree{entries{name}}}}}}
}}}"""


def test_blobs_and_trees(simulator: Simulator) -> None:
    """Truncated, binary, folders, a hundred thousand brackets."""

    def files(tag: str) -> dict[str, Any]:
        return simulator.data(FILES, id=simulator.by_tag(tag)[0][1]["node_id"])["node"]

    big = files("giant-readme")["readme"]
    assert big["isTruncated"] and len(big["text"]) == 512 * 1024 < big["byteSize"]
    assert files("binary-file")["docker"] == {"isBinary": True, "text": None}
    deep = files("blueprint-deep-brackets")["yaml"]
    assert deep["text"] == "[" * 100_000 and not deep["isTruncated"]
    mono = files("monorepo")
    assert {e["name"] for e in mono["apps"]["entries"]} == {"web", "docs"}
    assert mono["yaml"] is None or mono["yaml"]["__typename"] == "Blob"
    names = {e["name"]: e["type"] for e in mono["root"]["entries"]}
    assert names["apps"] == "tree" and names["package.json"] == "blob"
    empty = files("empty")
    assert empty["root"] is None and empty["readme"] is None
    blob = "query($id:ID!,$oid:GitObjectID!){node(id:$id){...on Repository{object(oid:$oid){...on Blob{byteSize}}}}}"
    row = simulator.by_tag("giant-readme")[0][1]
    found = simulator.data(blob, id=row["node_id"], oid=big["oid"])["node"]["object"]
    assert found["byteSize"] == big["byteSize"]


def test_an_empty_repository_has_no_branch(simulator: Simulator) -> None:
    _, row = simulator.by_tag("empty")[0]
    query = "query($id:ID!){node(id:$id){...on Repository{isEmpty defaultBranchRef{name} languages(first:5){totalSize}}}}"
    found = simulator.data(query, id=row["node_id"])["node"]
    assert found == {"isEmpty": True, "defaultBranchRef": None, "languages": {"totalSize": 0}}


@pytest.mark.parametrize("path", ["/graphql", "/api/graphql"])
def test_both_addresses_answer(simulator: Simulator, path: str) -> None:
    answer = simulator.client.post(path, json={"query": "{viewer{login}}"})
    assert answer.json()["data"]["viewer"]["login"].startswith("user-")


def test_requests_that_are_no_query(simulator: Simulator) -> None:
    for body in ([], {"query": 5}, {"query": "{viewer{login}}", "variables": [1]}):
        assert simulator.client.post("/graphql", json=body).status_code == 400
    answer = simulator.graphql("query A{viewer{login}} query B{viewer{login}}")
    assert "data" not in answer.json() and answer.json()["errors"]
    assert simulator.get("/graphql").status_code == 404
