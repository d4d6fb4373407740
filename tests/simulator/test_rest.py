"""REST: headers, refusals, renamed and blocked repositories, paging, conditional requests."""

from __future__ import annotations

import base64

import httpx
import pytest

from .conftest import Simulator

LIMIT_HEADERS = [f"x-ratelimit-{n}" for n in ("limit", "remaining", "used", "reset", "resource")]


def some(simulator: Simulator, tag: str) -> tuple[int, dict]:
    return next((k, r) for k, r in simulator.by_tag(tag) if r["state"] == "available")


def test_every_answer_carries_githubs_headers(simulator: Simulator) -> None:
    number, _ = some(simulator, "rising")
    for path, status in ((f"/repositories/{number}", 200), ("/repos/no/body", 404)):
        answer = simulator.get(path)
        assert answer.status_code == status
        assert all(name in answer.headers for name in LIMIT_HEADERS)
        assert answer.headers["x-github-api-version-selected"] == "2022-11-28"
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert {"x-github-request-id", "date", "x-oauth-scopes"} <= set(answer.headers)
    assert answer.json()["status"] == "404"


@pytest.mark.parametrize("token", ["bad-token", "expired-yesterday"])
def test_bad_credentials_come_first_and_without_limit_headers(
    simulator: Simulator, token: str
) -> None:
    """401 before the API version is looked at; not counted."""
    headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "1999-01-01"}
    for path in ("/rate_limit", "/graphql"):
        answer = simulator.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["message"] == "Bad credentials"
        assert not any(name in answer.headers for name in LIMIT_HEADERS)


def test_user_agent_and_version_are_demanded(simulator: Simulator) -> None:
    answer = httpx.get(f"{simulator.url}/rate_limit", headers={"User-Agent": ""})
    assert answer.status_code == 403 and "User-Agent" in answer.text
    answer = simulator.get("/rate_limit", headers={"X-GitHub-Api-Version": "2030-01-01"})
    assert answer.status_code == 400


def test_the_newest_version_drops_what_it_announced(simulator: Simulator) -> None:
    number, _ = some(simulator, "rising")
    new = {"X-GitHub-Api-Version": "2026-03-10"}
    assert "rate" in simulator.get("/rate_limit").json()
    assert "rate" not in simulator.get("/rate_limit", headers=new).json()
    assert "has_downloads" in simulator.get(f"/repositories/{number}").json()
    assert "has_downloads" not in simulator.get(f"/repositories/{number}", headers=new).json()


def test_an_old_name_is_redirected_to_the_numeric_id(simulator: Simulator) -> None:
    """301 for the repository and everything inside it."""
    renamed = [(k, r) for k, r in simulator.by_tag("renamed") if len(r["names"]) > 1]
    moved = [(k, r) for k, r in simulator.by_tag("transferred") if len(r["names"]) > 1]
    assert len(renamed) == 2 and len(moved) == 1
    for number, row in renamed + moved:
        old, new = row["names"]
        for tail in ("", "/commits", "/stargazers/history"):
            answer = simulator.get(f"/repos/{old}{tail}")
            assert answer.status_code == 301
            target = f"{simulator.url}/repositories/{number}{tail}"
            assert answer.headers["location"] == answer.json()["url"] == target
        assert simulator.get(f"/repositories/{number}").json()["full_name"] == new
        found = simulator.data(
            "query($o:String!,$n:String!){repository(owner:$o,name:$n){nameWithOwner}}",
            o=old.split("/")[0], n=old.split("/")[1],
        )  # fmt: skip
        assert found["repository"]["nameWithOwner"] == new


def test_gone_and_blocked_repositories(simulator: Simulator) -> None:
    """404 for gone, 451 for DMCA, 403 with the same shape for the terms of service."""
    simulator.move("2026-11-06T00:00:00Z")
    for number, _ in simulator.by_tag("deleted"):
        assert simulator.get(f"/repositories/{number}").status_code == 404
    for tag, status in (("blocked-dmca", 451), ("blocked-tos", 403)):
        for number, _ in simulator.by_tag(tag):
            answer = simulator.get(f"/repositories/{number}")
            assert answer.status_code == status
            assert answer.json()["block"]["reason"] == tag.removeprefix("blocked-")


def test_a_name_taken_again_belongs_to_another_id(simulator: Simulator) -> None:
    """Deleted, then created anew under the same name."""
    simulator.move("2026-11-01T06:00:00Z")
    [(old, row)] = simulator.by_tag("recreated-old")
    assert simulator.get(f"/repos/{row['name']}").json()["id"] == old
    simulator.move("2026-11-02T12:00:00Z")
    assert simulator.get(f"/repos/{row['name']}").status_code == 404
    simulator.move("2026-11-03T12:00:00Z")
    new = simulator.get(f"/repos/{row['name']}").json()["id"]
    assert new != old and new == simulator.by_tag("recreated-new")[0][0]


def test_awkward_states(simulator: Simulator) -> None:
    """Empty repository 409 and 204, issues disabled 410, too many contributors 403."""
    empty, _ = some(simulator, "empty")
    assert simulator.get(f"/repositories/{empty}/commits").status_code == 409
    assert simulator.get(f"/repositories/{empty}/contributors").status_code == 204
    closed, _ = some(simulator, "issues-disabled")
    assert simulator.get(f"/repositories/{closed}/issues").status_code == 410
    large, _ = some(simulator, "too-large")
    answer = simulator.get(f"/repositories/{large}/contributors")
    assert answer.status_code == 403 and "too large" in answer.json()["message"]
    assert int(answer.headers["x-ratelimit-remaining"]) > 0
    assert simulator.get(f"/repositories/{large}/stargazers").status_code == 403
    assert simulator.get(f"/repositories/{large}/").status_code == 404


def test_pages_are_clamped_and_links_use_the_numeric_form(simulator: Simulator) -> None:
    rows = simulator.pages("/orgs/bulk-harvest/repos")
    assert len({r["id"] for r in rows}) == 130
    first = simulator.get("/orgs/bulk-harvest/repos", params={"per_page": 500})
    assert len(first.json()) == 100
    assert "/organizations/" in first.links["next"]["url"]
    assert first.links["last"]["url"] == first.links["next"]["url"]
    past = simulator.get("/orgs/bulk-harvest/repos", params={"page": 9, "per_page": 100})
    assert past.status_code == 200 and past.json() == []
    assert simulator.get("/orgs/bulk-harvest/repos", params={"page": 401}).status_code == 422
    assert simulator.get("/orgs/bulk-harvest/repos", params={"page": "x"}).status_code == 200
    number, _row = some(simulator, "rising")
    few = simulator.get(f"/repositories/{number}/commits", params={"per_page": 1})
    assert f"/repositories/{number}/commits" in few.links["next"]["url"]
    assert simulator.get("/users/ana-at-render-sim/repos").status_code == 200
    assert simulator.get("/orgs/nobody-here/repos").status_code == 404


def test_a_304_is_free_when_authorised_and_has_no_link(simulator: Simulator) -> None:
    """Conditional requests."""
    number, _ = some(simulator, "giant")
    path = f"/repositories/{number}/stargazers/history"
    first = simulator.get(path)
    assert "link" in first.headers and first.headers["etag"].startswith('W/"')
    again = simulator.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b"" and "link" not in again.headers
    assert again.headers["x-ratelimit-used"] == first.headers["x-ratelimit-used"]
    anonymous = httpx.Client(base_url=simulator.url)
    one = anonymous.get(path)
    two = anonymous.get(path, headers={"If-None-Match": one.headers["etag"]})
    assert one.headers["etag"] != first.headers["etag"]
    assert two.status_code == 304
    assert int(two.headers["x-ratelimit-used"]) == int(one.headers["x-ratelimit-used"]) + 1


@pytest.mark.parametrize(
    "params", [{"per_page": 31}, {"per_page": 0}, {"per_page": "x"}, {"page": 0}]
)
def test_bad_star_history_pages_are_refused(simulator: Simulator, params: dict) -> None:
    number, _ = some(simulator, "giant")
    answer = simulator.get(f"/repositories/{number}/stargazers/history", params=params)
    assert answer.status_code == 422


def test_files_trees_and_readmes(simulator: Simulator) -> None:
    """Base64 with newlines, raw bytes, encoding none above 1 MB, folders as lists."""
    number, _row = some(simulator, "monorepo")
    path = f"/repositories/{number}/contents"
    found = simulator.get(f"{path}/apps/web/package.json").json()
    assert found["type"] == "file" and "\n" in found["content"]
    assert b'"name": "web"' in base64.b64decode(found["content"])
    raw = simulator.get(
        f"{path}/apps/web/package.json", headers={"Accept": "application/vnd.github.raw+json"}
    )
    assert raw.content == base64.b64decode(found["content"])
    assert {e["name"] for e in simulator.get(f"{path}/apps").json()} == {"web", "docs"}
    assert simulator.get(f"{path}/render.yml").status_code == 404
    tree = simulator.get(f"/repositories/{number}/git/trees/HEAD", params={"recursive": 1}).json()
    paths = {row["path"]: row for row in tree["tree"]}
    assert paths["apps/web/package.json"]["sha"] == found["sha"]
    assert paths["apps"]["type"] == "tree" and tree["truncated"] is False
    other, _ = some(simulator, "readme-other-case")
    assert simulator.get(f"/repositories/{other}/readme").json()["name"] == "Readme.md"
    big, _ = some(simulator, "giant-readme")
    assert simulator.get(f"/repositories/{big}/readme").json()["encoding"] == "none"


def test_hostile_texts_arrive_as_they_are(simulator: Simulator) -> None:
    """NUL and lone surrogates travel as JSON escapes."""
    number, _ = some(simulator, "hostile-nul")
    answer = simulator.get(f"/repositories/{number}")
    assert "\\u0000" in answer.text and "\0" in answer.json()["description"]
    number, _ = some(simulator, "hostile-surrogate")
    answer = simulator.get(f"/repositories/{number}")
    assert "\\ud800" in answer.text and "\ud800" in answer.json()["description"]


def test_accounts(simulator: Simulator) -> None:
    assert simulator.get("/user").json()["type"] == "User"
    assert httpx.get(f"{simulator.url}/user").status_code == 401
    assert simulator.get("/orgs/renderinc").json()["type"] == "Organization"
    assert simulator.get("/orgs/ana-at-render-sim").status_code == 404
    assert simulator.get("/users/ana-at-render-sim").json()["login"] == "ana-at-render-sim"


def test_enterprise_addresses_work(simulator: Simulator) -> None:
    answer = simulator.get("/api/v3/orgs/bulk-harvest/repos", params={"per_page": 100})
    assert answer.links["next"]["url"].startswith(f"{simulator.url}/api/v3/organizations/")
    assert len(simulator.get(answer.links["next"]["url"]).json()) == 30


def test_head_is_counted_and_has_no_body(simulator: Simulator) -> None:
    headers = {"Authorization": "Bearer header-reader"}
    first = simulator.client.head("/orgs/renderinc/repos", headers=headers)
    second = simulator.client.head("/orgs/renderinc/repos", headers=headers)
    assert first.status_code == 200 and first.content == b""
    used = [int(a.headers["x-ratelimit-used"]) for a in (first, second)]
    assert used == [1, 2]
    assert simulator.client.post("/orgs/renderinc/repos").status_code == 404
