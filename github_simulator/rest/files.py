"""File contents, READMEs and git trees over REST.

Define what is read from a repository's tree over REST here; GraphQL reads the same through
`graphql.git`.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import unquote

from github_simulator.graphql.git import entries_of, tree_oid
from github_simulator.search.index import readme_of
from github_simulator.server.replies import Reply, not_found
from github_simulator.server.requests import Call
from github_simulator.world.model import FileVersion, Repository

INLINE_LIMIT = 1024 * 1024
RAW_LIMIT = 100 * 1024 * 1024
MOST_ENTRIES = 1000


def _knows(call: Call, repository: Repository, revision: str | None) -> bool:
    newest = call.world.commits(repository).newest(call.now)
    return revision in (None, "HEAD", repository.branch, newest.oid if newest else None)


def get_contents(call: Call, repository: Repository) -> Reply:
    """`GET …/contents/{path}`: a file with its base64 text, or a folder's list."""
    path = unquote(call.parts.get("path", "")).strip("/")
    if repository.is_empty or not _knows(call, repository, call.query.get("ref")):
        return not_found()
    version = repository.file_at(path, call.now) if path else None
    if version is not None:
        return _file(call, repository, path, version)
    folder = f"{path}/" if path else ""
    entries = entries_of(repository, call.now, folder)
    if not entries:
        return not_found()
    return Reply(200, [_entry(call, repository, folder, *e) for e in entries[:MOST_ENTRIES]])


def get_readme(call: Call, repository: Repository) -> Reply:
    """`GET …/readme`: the README whatever its case."""
    hit = readme_of(repository, call.now)
    return not_found() if hit is None else _file(call, repository, *hit)


def _file(call: Call, repository: Repository, path: str, version: FileVersion) -> Reply:
    data = version.data or b""
    if len(data) > RAW_LIMIT:
        return not_found()
    if call.accepts("raw"):
        return Reply(200, data, content_type="application/vnd.github.raw+json; charset=utf-8")
    is_inline = len(data) <= INLINE_LIMIT
    text = base64.encodebytes(data).decode() if is_inline else ""
    body = _entry(call, repository, "", path, version) | {
        "name": path.rpartition("/")[2],
        "content": text,
        "encoding": "base64" if is_inline else "none",
    }
    return Reply(200, body)


def _entry(
    call: Call, repository: Repository, folder: str, name: str, version: FileVersion | None
) -> dict[str, Any]:
    path = folder + name
    url = f"{call.base}/repositories/{repository.id}/contents/{path}"
    is_folder = version is None
    return {
        "type": "dir" if is_folder else "file",
        "name": name,
        "path": path,
        "sha": tree_oid(repository, call.now, path + "/") if version is None else version.oid,
        "size": 0 if version is None else len(version.data or b""),
        "url": url,
        "html_url": f"https://github.com/{repository.naming_at(call.now).full_name}/blob/HEAD/{path}",
        "download_url": None,
    }


def get_tree(call: Call, repository: Repository) -> Reply:
    """`GET …/git/trees/{sha}?recursive=1`: by branch, commit or root tree."""
    revision = unquote(call.parts["sha"])
    root = tree_oid(repository, call.now, "")
    if repository.is_empty or not (revision == root or _knows(call, repository, revision)):
        return not_found()
    rows: list[dict[str, Any]] = []
    if call.query.get("recursive"):
        folders: set[str] = set()
        for path in sorted(repository.files):
            version = repository.file_at(path, call.now)
            if version is None:
                continue
            parts = path.split("/")
            folders.update("/".join(parts[:n]) for n in range(1, len(parts)))
            rows.append(_row(path, version))
        rows += [_folder(repository, call.now, folder) for folder in folders]
    else:
        for name, version in entries_of(repository, call.now, ""):
            row = _folder(repository, call.now, name) if version is None else _row(name, version)
            rows.append(row)
    rows.sort(key=lambda row: row["path"])
    url = f"{call.base}/repositories/{repository.id}/git/trees/{root}"
    return Reply(200, {"sha": root, "url": url, "tree": rows, "truncated": False})


def _row(path: str, version: FileVersion) -> dict[str, Any]:
    size = len(version.data or b"")
    return {"path": path, "mode": "100644", "type": "blob", "sha": version.oid, "size": size}


def _folder(repository: Repository, now: int, path: str) -> dict[str, Any]:
    sha = tree_oid(repository, now, path + "/")
    return {"path": path, "mode": "040000", "type": "tree", "sha": sha}
