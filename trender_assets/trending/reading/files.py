"""A repository's files as the raw layer keeps them, with only changed texts read again.

Define here which files are read and what can be said about each. Workspaces'
manifests belong to `workspace_files`; what a file means to `detection/`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any

from trender_assets.github.answers import Answer, Found, Unknown
from trender_assets.trending.detection.workspaces import COVERAGE
from trender_assets.trending.reading.fields import Ask, blob
from trender_assets.trending.reading.file_entry import (
    File,
    Files,
    entry,
    from_object,
    from_part,
    is_same,
)
from trender_assets.trending.reading.first_pass import PATHS
from trender_assets.trending.reading.readme_file import README, SYMLINK_MODE, read_readme, real_path

ALIASES = {
    "renderYaml": "render.yaml",
    "renderYml": "render.yml",
    "packageJson": "package.json",
    "pnpmWorkspace": "pnpm-workspace.yaml",
    "yarnSettings": ".yarnrc.yml",
    "dockerfile": "Dockerfile",
    "vercelJson": "vercel.json",
    "railwayJson": "railway.json",
    "railwayToml": "railway.toml",
    "flyToml": "fly.toml",
}
ROOT_PATHS = frozenset((*ALIASES.values(), README, COVERAGE))
_FURTHER = re.compile(r"p\d+")  # how `first_pass` names them


async def read_files(
    node: dict[str, Any],
    errors: Iterable[Mapping[str, Any]],
    known: Mapping[str, File] | None,
    ask: Ask,
) -> Answer[Files]:
    """Every root file, from the first pass and, where a text changed, a second question.

    Args:
        node: The repository as answered, with an object per alias of `ALIASES`.
        errors: GraphQL errors inside it.
        known: The files as last stored; None when they were never read.
        ask: Asks for one further field.

    Returns:
        All root files. Unknown when a file that was known can't be read now, so that it stays.
    """
    failed = {str(path[0]) for error in errors if (path := error.get("path"))}
    node_id = node["id"]
    known = known or {}
    symlinks = _symlinks(node.get("root"))
    files: Files = {}
    pending: dict[str, str] = {}
    for alias, path in ALIASES.items():
        value = node.get(alias)
        if alias in failed:
            files[path] = entry("unknown", reason="the file did not come")
        elif value is None:
            files[path] = entry("absent")
        elif path in symlinks:
            files[path] = entry("not_a_file", oid=value.get("oid"), reason="symlink")
        elif is_same(known.get(path), value.get("oid")):
            files[path] = dict(known[path])
        elif "text" in value or value.get("__typename") != "Blob":
            files[path] = from_object(value)
        else:
            pending[path] = value["oid"]
    texts, files[README] = await asyncio.gather(
        read_texts(node_id, pending, ask),
        read_readme(node, failed, known.get(README), further_oids(node), ask),
    )
    files |= texts
    for path, file in files.items():
        if (
            file["status"] == "unknown"
            and known.get(path, {}).get("status", "unknown") != "unknown"
        ):
            return Unknown(f"{path}: {file['reason']}")
    return Found(files)


async def read_texts(node_id: str, oids: Mapping[str, str], ask: Ask) -> Files:
    """The files of some object ids, by path."""
    parts = await asyncio.gather(*(ask(blob(node_id, oid)) for oid in oids.values()))
    return {path: from_part(part) for path, part in zip(oids, parts, strict=True)}


def further_paths(known: Mapping[str, File] | None) -> tuple[str, ...]:
    """Paths to ask for beside `ALIASES`: workspaces' manifests and a README of another name."""
    known = known or {}
    inner = tuple(path for path in known if path not in ROOT_PATHS)
    name = real_path(known.get(README))
    return (*inner, name) if name else inner


def has_failed_paths(errors: Iterable[Mapping[str, Any]]) -> bool:
    """Whether GitHub failed to answer for one of the further paths."""
    return any(path and _FURTHER.fullmatch(str(path[0])) for e in errors if (path := e.get("path")))


def further_oids(node: Mapping[str, Any]) -> dict[str, str]:
    """The object ids of the files among the further paths that exist."""
    return {
        path: value["oid"]
        for path, value in (node.get(PATHS) or {}).items()
        if isinstance(value, dict) and value.get("__typename") == "Blob"
    }


def _symlinks(tree: Any) -> frozenset[str]:
    entries = (tree.get("entries") or []) if isinstance(tree, dict) else []
    return frozenset(
        item["name"]
        for item in entries
        if isinstance(item, dict) and item.get("mode") == SYMLINK_MODE and item.get("name")
    )
