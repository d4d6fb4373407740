"""The package.json files of a monorepo's workspaces.

Define here when a repository's tree is listed and which manifests are read. Which folders are
workspaces is decided by `detection.workspaces`; root files belong to `files`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.importance import WORKSPACES
from trender_assets.trending.reading.activity import Ask
from trender_assets.trending.reading.files import ROOT_PATHS, File, Files, further_oids, read_texts

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient

MOST_WORKSPACES = 60
DECLARING = ("package.json", "pnpm-workspace.yaml")


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

    The tree is listed when the declaring files changed, a known manifest is gone, or `is_due`;
    otherwise the known manifests are only compared by object id.

    Args:
        client: For the tree, which only REST lists as a whole.
        node: The repository as answered.
        files: Its root files.
        known: Its files as last stored.
        ask: Asks for one further field.
        is_due: Whether the tree is to be listed although nothing points to a change.
        has_failed: Whether GitHub failed to say which known manifests still exist.
    """
    from trender_assets.trending.detection.nextjs import workspace_globs
    from trender_assets.trending.detection.workspaces import FALLBACK_GLOBS

    globs = workspace_globs(files)
    if not globs:
        return Found(files)
    inner = {path: file for path, file in (known or {}).items() if path not in ROOT_PATHS}
    is_declared_anew = known is None or any(
        _oid(files, path) != _oid(known, path) for path in DECLARING
    )
    # Declared workspaces without any manifest mean that the tree could not be listed before.
    is_missing = not inner and globs != FALLBACK_GLOBS
    if not (is_declared_anew or is_due or is_missing):
        oids = {path: oid for path, oid in further_oids(node).items() if path in inner}
        if has_failed:
            return Unknown("the workspaces' manifests did not come")
        if set(oids) == set(inner):
            return await _with_texts(node["id"], files, inner, oids, ask)
    if not _may_match(globs, node.get("root")):
        return Found(files)
    listed = await _listed_oids(client, node, globs)
    if isinstance(listed, Found):
        return await _with_texts(node["id"], files, inner, listed.value, ask)
    if isinstance(listed, Absent) or not inner:
        return Found(files)  # the root files are worth keeping; the tree is tried again
    return listed


async def _listed_oids(
    client: GitHubClient, node: dict[str, Any], globs: tuple[str, ...]
) -> Answer[dict[str, str]]:
    from trender_assets.trending.detection.workspaces import workspace_manifests

    head = ((node.get("defaultBranchRef") or {}).get("target") or {}).get("oid")
    if not head:
        return Absent("empty")
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
    paths = workspace_manifests(globs, blobs, MOST_WORKSPACES)
    return Found({path: blobs[path] for path in paths})


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


def _may_match(globs: tuple[str, ...], tree: Any) -> bool:
    """Whether a folder of the root can hold workspaces; True when the root is not known."""
    entries = tree.get("entries") if isinstance(tree, dict) else None
    if not isinstance(entries, list):
        return True
    folders = {
        item.get("name")
        for item in entries
        if isinstance(item, dict) and item.get("type") == "tree"
    }
    firsts = {glob.split("/")[0] for glob in globs if not glob.startswith("!")}
    return bool(folders & firsts) or (bool(folders) and any("*" in first for first in firsts))


def _oid(files: Mapping[str, File] | None, path: str) -> str | None:
    return (files or {}).get(path, {}).get("oid")
