"""Commits, trees and blobs of the GraphQL API.

Define what is read from a repository's git objects here. Everything else of a repository belongs
to `graphql.repository`.
"""

from __future__ import annotations

import hashlib
from typing import Any

from graphql import GraphQLResolveInfo

from github_simulator.graphql.paging import connection
from github_simulator.graphql.repository import Fields, node_id
from github_simulator.world.calendars import iso, parse_iso
from github_simulator.world.commits import Commit
from github_simulator.world.model import FileVersion, Repository
from github_simulator.world.people import Person
from github_simulator.world.world import World

TEXT_LIMIT = 512 * 1024


def tree_oid(repository: Repository, now: int, folder: str) -> str:
    """A stable id of a folder's content at an instant."""
    digest = hashlib.sha1(f"tree:{repository.id}:{folder}".encode(), usedforsecurity=False)
    for path in sorted(repository.files):
        version = repository.file_at(path, now)
        if version is not None and path.startswith(folder):
            digest.update(path.encode() + version.oid.encode())
    return digest.hexdigest()


def is_binary(data: bytes) -> bool:
    """Git's rule: a NUL byte among the first 8,000."""
    return b"\0" in data[:8000]


def blob_fields(version: FileVersion) -> Fields:
    """A Blob; its text is null when binary and cut at 512 KB."""
    data = version.data or b""
    oid, binary = version.oid, is_binary(data)
    return {
        "__typename": "Blob",
        "id": node_id("B", oid),
        "oid": oid,
        "abbreviatedOid": oid[:7],
        "byteSize": len(data),
        "isBinary": binary,
        "isTruncated": len(data) > TEXT_LIMIT,
        "text": None if binary else data[:TEXT_LIMIT].decode("utf-8", "replace"),
    }


def entries_of(
    repository: Repository, now: int, folder: str
) -> list[tuple[str, FileVersion | None]]:
    """Name and version (None for a folder) of what lies in a folder ('' or 'apps/')."""
    found: dict[str, FileVersion | None] = {}
    for path in repository.files:
        if path.startswith(folder):
            version = repository.file_at(path, now)
            if version is not None:
                head, slash, _ = path[len(folder) :].partition("/")
                found[head] = None if slash else version
    return sorted(found.items())


def tree_fields(repository: Repository, now: int, folder: str) -> Fields | None:
    """A Tree; None when there is no such folder."""
    entries = entries_of(repository, now, folder)
    if not entries:
        return None
    oid = tree_oid(repository, now, folder)
    rows: list[Fields] = []
    for name, version in entries:
        path = folder + name
        is_folder = version is None
        rows.append(
            {
                "_": (repository, now, path, version),
                "oid": tree_oid(repository, now, path + "/") if version is None else version.oid,
                "name": name,
                "path": path,
                "type": "tree" if is_folder else "blob",
                "mode": 0o040000 if version is None else 0o120000 if version.is_link else 0o100644,
                "size": 0 if version is None else len(version.data or b""),
            }
        )
    return {
        "__typename": "Tree",
        "id": node_id("TR", oid),
        "oid": oid,
        "abbreviatedOid": oid[:7],
        "entries": rows,
    }


def resolve_entry_object(source: Fields, info: GraphQLResolveInfo) -> Fields | None:
    """`TreeEntry.object`."""
    repository, now, path, version = source["_"]
    return blob_fields(version) if version is not None else tree_fields(repository, now, path + "/")


def resolve_object(
    source: Fields,
    info: GraphQLResolveInfo,
    expression: str | None = None,
    oid: str | None = None,
) -> Fields | None:
    """`Repository.object` by ``HEAD:path``, ``branch:path``, ``HEAD`` or an object id."""
    repository, now = source["_"], source["_now"]
    if repository.is_empty:
        return None
    if oid is not None:
        for versions in repository.files.values():
            for version in versions:
                if version.since <= now and version.data is not None and version.oid == oid:
                    return blob_fields(version)
        return None
    revision, colon, path = (expression or "").partition(":")
    if revision not in ("HEAD", repository.branch, f"refs/heads/{repository.branch}"):
        return None
    if not colon:
        newest = info.context.world.commits(repository).newest(now)
        return commit_fields(repository, newest, now) if newest is not None else None
    version = repository.file_at(path, now)
    if version is not None:
        return blob_fields(version)
    return tree_fields(repository, now, path.rstrip("/") + "/" if path else "")


def actor_fields(person: Person, instant: int) -> Fields:
    """A GitActor; `user` is null for unlinked e-mails and for bots."""
    user = None
    if person.login is not None:
        user = {
            "__typename": "User",
            "id": f"U_{person.id}",
            "databaseId": person.id,
            "login": person.login,
            "name": person.name,
            "url": f"https://github.com/{person.login}",
        }
    return {"name": person.name, "email": person.email, "date": iso(instant), "user": user}


def commit_fields(repository: Repository, commit: Commit, now: int) -> Fields:
    """A Commit."""
    return {
        "__typename": "Commit",
        "_": commit,
        "_repository": repository,
        "_now": now,
        "_id": ("C", repository.id, commit.oid),
        "oid": commit.oid,
        "abbreviatedOid": commit.oid[:7],
        "url": f"https://github.com/{repository.naming_at(now).full_name}/commit/{commit.oid}",
        "message": commit.subject,
        "messageHeadline": commit.subject,
        "committedDate": iso(commit.committed),
        "authoredDate": iso(commit.authored),
        "additions": int(commit.oid[:2], 16),
        "deletions": int(commit.oid[2:4], 16),
        "changedFilesIfAvailable": 1 + int(commit.oid[4], 16),
    }


def resolve_default_branch(source: Fields, info: GraphQLResolveInfo) -> Fields | None:
    """`Repository.defaultBranchRef`: null when the repository is empty."""
    repository, now = source["_"], source["_now"]
    newest = info.context.world.commits(repository).newest(now)
    if newest is None:
        return None
    return {
        "id": node_id("REF", repository.id, repository.branch),
        "name": repository.branch,
        "prefix": "refs/heads/",
        "target": commit_fields(repository, newest, now),
    }


def resolve_history(
    source: Fields,
    info: GraphQLResolveInfo,
    since: str | None = None,
    until: str | None = None,
    path: str | None = None,
    **page: Any,
) -> Fields:
    """`Commit.history`, newest first; the bounds are on the committer date, inclusive."""
    world: World = info.context.world
    repository, now = source["_repository"], source["_now"]
    end = min(source["_"].committed, parse_iso(until) if until else now)
    start = parse_iso(since) if since else None
    commits = world.commits(repository).between(start, end)
    commits.reverse()
    return connection(commits, info, lambda c: commit_fields(repository, c, now), **page)


def resolve_authors(source: Fields, info: GraphQLResolveInfo, **page: Any) -> Fields:
    """`Commit.authors`: the author first, then co-authors."""
    commit: Commit = source["_"]
    return connection(commit.authors, info, lambda p: actor_fields(p, commit.authored), **page)


def resolve_author(source: Fields, info: GraphQLResolveInfo) -> Fields:
    """`Commit.author`."""
    commit: Commit = source["_"]
    return actor_fields(commit.authors[0], commit.authored)


def resolve_parents(source: Fields, info: GraphQLResolveInfo, **page: Any) -> Fields:
    """`Commit.parents`: only the count."""
    return connection([], info, lambda x: x, total=source["_"].parents, **page)
