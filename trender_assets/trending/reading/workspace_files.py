"""The package.json files of a monorepo's workspaces.

Define here when a repository's tree is listed and which manifests are read. Which folders are
workspaces is decided by `detection.workspaces`; root files belong to `files`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from trender_assets.github.allowance import WORKSPACES
from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.trending.detection.nextjs import workspace_globs
from trender_assets.trending.detection.workspaces import (
    COVERAGE,
    COVERAGE_VERSION,
    manifests_to_read,
)
from trender_assets.trending.reading.fields import Ask
from trender_assets.trending.reading.files import (
    ROOT_PATHS,
    File,
    Files,
    entry,
    further_oids,
    read_texts,
)

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient

MOST_WORKSPACES = 60
EMPTY = Absent("empty")
SCRIPT_LANGUAGES = frozenset(("TypeScript", "JavaScript", "MDX"))
MOST_LANGUAGES = 10  # as many as the query asks for; there may be more
DECLARING = ("package.json", "pnpm-workspace.yaml")


def looked_at(status: str, reason: str) -> File:
    """The entry `COVERAGE`: `found` when all manifests were looked at, else `unknown`."""
    return {**entry(status, reason=reason), "version": COVERAGE_VERSION}


NO_SCRIPTS = looked_at("found", "GitHub finds other languages in it, no TypeScript or JavaScript")


def may_have_scripts(node: Mapping[str, Any]) -> bool:
    """Whether GitHub finds TypeScript or JavaScript in a repository, or does not say enough.

    It counts no languages in one that is all documentation.
    """
    languages = node.get("languages")
    edges = languages.get("edges") if isinstance(languages, dict) else None
    if not isinstance(edges, list) or not 0 < len(edges) < MOST_LANGUAGES:
        return True
    names = {((edge or {}).get("node") or {}).get("name") for edge in edges}
    return not names.isdisjoint(SCRIPT_LANGUAGES)


async def add_workspaces(
    client: GitHubClient,
    node: dict[str, Any],
    files: Files,
    known: Mapping[str, File] | None,
    ask: Ask,
    *,
    is_due: bool,
    has_failed: bool,
) -> Answer[Files]:
    """The files with the workspaces' manifests added.

    The tree is listed when the declaring files changed, a known manifest is gone, nobody listed
    it this way before, or `is_due`; otherwise the known manifests are only compared by object id.
    How much of the manifests was looked at is kept beside them, under `COVERAGE`.

    Args:
        client: For the tree, which only REST lists as a whole.
        node: The repository as answered.
        files: Its root files.
        known: Its files as last stored.
        ask: Asks for one further field.
        is_due: Whether the tree is to be listed although nothing points to a change.
        has_failed: Whether GitHub failed to say which known manifests still exist.
    """
    globs = workspace_globs(files)
    if not globs:
        return Found(files)
    inner = {path: file for path, file in (known or {}).items() if path not in ROOT_PATHS}
    coverage = (known or {}).get(COVERAGE)
    is_declared_anew = known is None or any(
        _oid(files, path) != _oid(known, path) for path in DECLARING
    )
    if (
        not (is_declared_anew or is_due)
        and coverage
        and coverage.get("version") == COVERAGE_VERSION
    ):
        oids = {path: oid for path, oid in further_oids(node).items() if path in inner}
        if has_failed:
            return Unknown("the workspaces' manifests did not come")
        if set(oids) == set(inner):
            return await _with_texts(node["id"], {**files, COVERAGE: coverage}, inner, oids, ask)
    if not _has_folders(node.get("root")):
        return Found({**files, COVERAGE: looked_at("found", "there are no folders")})
    listed = await _listed_oids(client, node, globs)
    if isinstance(listed, Found):
        oids, coverage = listed.value
        return await _with_texts(node["id"], {**files, COVERAGE: coverage}, inner, oids, ask)
    if listed == EMPTY:
        return Found({**files, COVERAGE: looked_at("found", "the repository is empty")})
    if isinstance(listed, Absent) or not inner:
        return Found(files)  # the root files are worth keeping; the tree is tried again
    return listed


async def _listed_oids(
    client: GitHubClient, node: dict[str, Any], globs: tuple[str, ...]
) -> Answer[tuple[dict[str, str], File]]:
    """The object ids of the manifests that count, and how much of them that is."""
    head = ((node.get("defaultBranchRef") or {}).get("target") or {}).get("oid")
    if not head:
        return EMPTY
    name = quote(node["nameWithOwner"])
    answer = await client.get(
        f"/repos/{name}/git/trees/{head}?recursive=1", purpose=WORKSPACES, expect=dict
    )
    if not isinstance(answer, Found):
        return answer
    tree = answer.value.body.get("tree")
    if not isinstance(tree, list):
        reason = "malformed: a tree without entries"
        client.unreadable.add_reply(
            answer.value,
            reason,
            purpose=WORKSPACES,
            repo_id=node.get("databaseId"),
            full_name=node["nameWithOwner"],
        )
        return Unknown(reason)
    blobs = {
        item["path"]: item["sha"]
        for item in tree
        if isinstance(item, dict)
        and item.get("type") == "blob"
        and isinstance(item.get("path"), str)
        and isinstance(item.get("sha"), str)
    }
    paths = manifests_to_read(globs, list(blobs))
    read = paths[:MOST_WORKSPACES]
    if answer.value.body.get("truncated"):
        coverage = looked_at("unknown", "GitHub listed only a part of the tree")
    elif len(read) < len(paths):
        coverage = looked_at("unknown", f"{len(read)} of {len(paths)} were read")
    else:
        coverage = looked_at("found", f"{len(paths)} beside the root's")
    return Found(({path: blobs[path] for path in read}, coverage))


async def _with_texts(
    node_id: str, files: Files, inner: Mapping[str, File], oids: Mapping[str, str], ask: Ask
) -> Answer[Files]:
    changed = {
        path: oid
        for path, oid in oids.items()
        if inner.get(path, {}).get("oid") != oid or inner[path].get("status") == "unknown"
    }
    texts = await read_texts(node_id, changed, ask)
    for path, file in texts.items():
        if (
            file["status"] == "unknown"
            and inner.get(path, {}).get("status", "unknown") != "unknown"
        ):
            return Unknown(f"{path}: {file['reason']}")
    kept = {path: dict(inner[path]) for path in oids if path not in changed}
    return Found({**files, **dict(sorted({**kept, **texts}.items()))})


def _has_folders(tree: Any) -> bool:
    """Whether the root has folders; True when the root is not known."""
    entries = tree.get("entries") if isinstance(tree, dict) else None
    if not isinstance(entries, list):
        return True
    return any(isinstance(item, dict) and item.get("type") == "tree" for item in entries)


def _oid(files: Mapping[str, File] | None, path: str) -> str | None:
    return (files or {}).get(path, {}).get("oid")
