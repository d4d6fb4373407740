"""Scripted faults look to a client as they would coming from GitHub."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from .conftest import Simulator

PATH = "/orgs/renderinc/repos"
NAMES = "query Names($ids:[ID!]!){nodes(ids:$ids){... on Repository{nameWithOwner}}}"


def test_the_nth_request_a_number_of_times(simulator: Simulator) -> None:
    """5xx bursts."""
    simulator.script({"match": {"path": "^/orgs/", "nth": [2, 3]}, "action": {"status": 503}})
    assert [simulator.get(PATH).status_code for _ in range(4)] == [200, 503, 503, 200]
    simulator.client.delete("/_sim/faults")
    simulator.script({"match": {"every": 2}, "action": {"status": 500}, "times": 1})
    assert [simulator.get(PATH).status_code for _ in range(4)] == [200, 500, 200, 200]
    log = simulator.get("/_sim/log").json()["requests"]
    assert [entry["fault"] for entry in log][-3] == "status"


def test_an_operation_a_method_and_a_text(simulator: Simulator) -> None:
    ids = [r["node_id"] for r in simulator.truth()["repositories"].values()][:2]
    simulator.script(
        {"match": {"operation": "Names", "contains": ids[0]}, "action": "html_502"},
        {"match": {"method": "GET", "path": "users"}, "action": {"status": 418}},
    )
    answer = simulator.graphql(NAMES, ids=ids)
    assert answer.status_code == 502 and answer.headers["content-type"] == "text/html"
    assert answer.text.startswith("<html>")
    assert simulator.graphql(NAMES, ids=ids[1:]).status_code == 200
    assert simulator.get("/users/nobody/repos").status_code == 418


def test_broken_bodies(simulator: Simulator) -> None:
    """Reset, truncated gzip, truncated JSON, empty, another type, another body."""
    one = {"match": {"path": "^/orgs/"}, "times": 1}
    simulator.script({**one, "action": "reset"})
    with pytest.raises(httpx.RemoteProtocolError):
        simulator.get(PATH)
    simulator.script({**one, "action": "truncated_gzip"})
    answer = simulator.client.send(simulator.client.build_request("GET", PATH), stream=True)
    with pytest.raises(EOFError):
        gzip.decompress(b"".join(answer.iter_raw()))
    answer.close()
    simulator.script({**one, "action": "truncated_json"})
    with pytest.raises(json.JSONDecodeError):
        simulator.get(PATH).json()
    simulator.script({**one, "action": "empty"})
    assert simulator.get(PATH).content == b""
    simulator.script({**one, "action": {"kind": "content_type", "content_type": "text/html"}})
    assert simulator.get(PATH).headers["content-type"] == "text/html"
    simulator.script({**one, "action": {"kind": "body", "body": {"not": "a list"}}})
    assert simulator.get(PATH).json() == {"not": "a list"}


def test_limits_by_script(simulator: Simulator) -> None:
    simulator.script({"action": "rate_limited", "times": 1})
    answer = simulator.graphql("{viewer{login}}")
    assert answer.json()["errors"][0]["type"] == "RATE_LIMITED"
    assert int(answer.headers["x-ratelimit-remaining"]) > 0
    simulator.script({"action": "rate_limit", "times": 1})
    answer = simulator.get(PATH)
    assert answer.status_code == 403 and answer.headers["x-ratelimit-remaining"] == "0"
    action = {"kind": "secondary", "status": 429, "headers": {"Retry-After": "abc"}}
    simulator.script({"action": action, "times": 1})
    answer = simulator.get(PATH)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "abc")
    simulator.script({"action": {"kind": "secondary", "retry_after": False}, "times": 1})
    assert "retry-after" not in simulator.get(PATH).headers


def test_resource_limits_of_one_repository(simulator: Simulator) -> None:
    rows = [r for r in simulator.truth()["repositories"].values() if r["state"] == "available"]
    ids = [row["node_id"] for row in rows[:50]]
    action = {"kind": "resource_limits", "repository": rows[7]["name"]}
    simulator.script({"match": {"operation": "Names"}, "action": action})
    body = simulator.graphql(NAMES, ids=ids).json()
    assert [n is None for n in body["data"]["nodes"]].count(True) == 1
    [error] = body["errors"]
    assert (error["type"], error["path"]) == ("RESOURCE_LIMITS_EXCEEDED", ["nodes", 7])


def test_a_gzip_bomb_is_small_on_the_wire(simulator: Simulator) -> None:
    simulator.script({"action": {"kind": "gzip_bomb", "bytes": 64 << 20}, "times": 1})
    answer = simulator.client.send(simulator.client.build_request("GET", PATH), stream=True)
    raw = b"".join(answer.iter_raw())
    answer.close()
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < 200_000 and len(gzip.decompress(raw)) == 64 << 20


def test_redirects_delays_and_skewed_clocks(simulator: Simulator) -> None:
    """Another host, a late answer, a Date that is wrong."""
    simulator.script({"action": "redirect", "times": 1})
    answer = simulator.get(PATH)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("http://localhost:")
    simulator.script({"action": {"kind": "delay", "seconds": 0.3}, "times": 1})
    assert simulator.get(PATH).elapsed.total_seconds() >= 0.3
    ordinary = simulator.get(PATH).headers["date"]
    simulator.script({"action": {"kind": "skew", "seconds": 86400}, "times": 1})
    assert simulator.get(PATH).headers["date"][:16] != ordinary[:16]
    simulator.script({"action": "hang", "times": 1})
    with pytest.raises(httpx.ReadTimeout):
        simulator.get(PATH, timeout=0.5)


@pytest.mark.parametrize(
    "script",
    [
        "text",
        [1],
        [{"action": "no-such"}],
        [{"match": {"path": "("}, "action": "reset"}],
        [{"match": {"verb": 1}, "action": "reset"}],
    ],
)
def test_a_script_that_cannot_be_understood_is_refused(
    simulator: Simulator, script: object
) -> None:
    answer = simulator.client.post("/_sim/faults", json=script)
    assert answer.status_code == 400 and answer.json()["error"]


def test_a_script_from_a_file(launch: Callable[..., Simulator], tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text(json.dumps([{"match": {"path": "^/orgs/"}, "action": {"status": 504}}]))
    simulator = launch("--faults", str(file), "--repositories-per-language", "1", "--bulk", "0")
    assert simulator.get(PATH).status_code == 504
