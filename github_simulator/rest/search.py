"""The REST searches for repositories and code.

Define a search endpoint here. Matching belongs to `search.index`.
"""

from __future__ import annotations

from github_simulator.graphql.git import blob_fields
from github_simulator.rest.paging import link_header
from github_simulator.rest.repository import minimal_json, repository_json
from github_simulator.search.index import Hit, search_code, search_repositories
from github_simulator.search.query import BadQueryError, parse
from github_simulator.server.replies import Reply, failure, invalid
from github_simulator.server.requests import Call

WINDOW = 1000


def _too_deep() -> Reply:
    return failure(
        422,
        "Only the first 1000 search results are available",
        "https://docs.github.com/v3/search/",
    )


def get_repositories(call: Call) -> Reply:
    """`GET /search/repositories`."""
    page, size = call.page()
    if (page - 1) * size >= WINDOW:
        return _too_deep()
    try:
        query = parse(call.query.get("q", ""))
        found = search_repositories(
            call.world, query, call.now, call.query.get("sort"), call.query.get("order", "desc")
        )
    except BadQueryError as error:
        return invalid(str(error))
    rows = found[:WINDOW][(page - 1) * size : page * size]
    last = -(-min(len(found), WINDOW) // size)
    body = {
        "total_count": len(found),
        "incomplete_results": False,
        "items": [repository_json(call, repository) for repository in rows],
    }
    links = link_header(call, "/search/repositories", page, last)
    return Reply(200, body, links, repositories=len(rows))


def get_code(call: Call) -> Reply:
    """`GET /search/code`: the legacy engine, a token needed, no stars in the items."""
    page, size = call.page()
    if page * size > WINDOW:
        return _too_deep()
    try:
        found = search_code(call.world, parse(call.query.get("q", "")), call.now)
    except BadQueryError as error:
        return invalid(str(error))
    rows = found[:WINDOW][(page - 1) * size : page * size]
    last = -(-min(len(found), WINDOW) // size)
    body = {
        "total_count": len(found),
        "incomplete_results": False,
        "items": [_item(call, hit) for hit in rows],
    }
    return Reply(
        200, body, link_header(call, "/search/code", page, last), content_type="application/json"
    )


def _item(call: Call, hit: Hit) -> dict[str, object]:
    naming = hit.repository.naming_at(call.now)
    sha = blob_fields(hit.version)["oid"]
    return {
        "name": hit.path.rpartition("/")[2],
        "path": hit.path,
        "sha": sha,
        "url": f"{call.base}/repositories/{hit.repository.id}/contents/{hit.path}",
        "git_url": f"{call.base}/repositories/{hit.repository.id}/git/blobs/{sha}",
        "html_url": f"https://github.com/{naming.full_name}/blob/HEAD/{hit.path}",
        "repository": minimal_json(call, hit.repository),
        "score": 1.0,
    }
