"""A repository's files as the raw layer keeps them, with only changed texts read again.

Define here which files are read and what can be said about each (fault A18). Workspaces'
manifests belong to `workspace_files`; what a file means to `detection/`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any

from trender_assets.github.answers import Answer, Found, Unknown
from trender_assets.github.batches import Part
from trender_assets.trending.detection.workspaces import COVERAGE
from trender_assets.trending.reading.activity import Ask
from trender_assets.trending.reading.fields import blob
from trender_assets.trending.reading.first_pass import PATHS

README = "README.md"
ALIASES = {
    "renderYaml": "render.yaml",
    "renderYml": "render.yml",
    "packageJson": "package.json",
    "pnpmWorkspace": "pnpm-workspace.yaml",
    "yarnSettings": ".yarnrc.yml",
    "dockerfile": "Dockerfile",
    "readme": README,
    "vercelJson": "vercel.json",
    "railwayJson": "railway.json",
    "railwayToml": "railway.toml",
    "flyToml": "fly.toml",
}
ROOT_PATHS = frozenset((*ALIASES.values(), COVERAGE))
MOST_BYTES = 512 * 1024
SYMLINK_MODE = 0o120000
# GitHub's own order of preference among spellings at the root.
README_ENDINGS = ("", ".md", ".markdown", ".mdown", ".rst", ".txt", ".adoc", ".asciidoc", ".org")
_FURTHER = re.compile(r"p\d+")  # how `first_pass` names them

File = dict[str, Any]
Files = dict[str, File]


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
        elif _is_same(known.get(path), value.get("oid")):
            files[path] = dict(known[path])
        elif "text" in value or value.get("__typename") != "Blob":
            files[path] = from_object(value)
        else:
            pending[path] = value["oid"]
    if files.get(README, {}).get("status") == "absent":
        _find_readme(node, failed, known.get(README), files, pending)
    texts = await read_texts(node_id, pending, ask)
    for path, file in texts.items():
        note = files.get(path, {}).get("reason")
        files[path] = {**file, "reason": file["reason"] or note}
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


def from_part(part: Part) -> File:
    """A file from the answer to a further question."""
    if part.problem or part.errors:
        reason = part.problem or str(part.errors[0].get("message", "error"))
        return entry("unknown", reason=reason[:200])
    return from_object(part.data) if isinstance(part.data, dict) else entry("absent")


def from_object(value: Mapping[str, Any]) -> File:
    """A file from a git object with its text."""
    oid, size, text = value.get("oid"), value.get("byteSize"), value.get("text")
    if value.get("__typename") != "Blob":
        return entry("not_a_file", oid=oid, reason=str(value.get("__typename", "")).lower())
    if value.get("isBinary") or (text is None and not value.get("isTruncated")):
        return entry("binary", oid=oid, size=size)
    is_cut = bool(value.get("isTruncated")) or (isinstance(size, int) and size > MOST_BYTES)
    return entry(
        "too_large" if is_cut else "found",
        oid=oid,
        size=size,
        text=text[:MOST_BYTES] if isinstance(text, str) else None,
    )


def entry(
    status: str,
    *,
    oid: str | None = None,
    size: int | None = None,
    text: str | None = None,
    reason: str | None = None,
) -> File:
    """One file of ``raw_repo_files.files``."""
    return {"status": status, "oid": oid, "byteSize": size, "text": text, "reason": reason}


def further_paths(known: Mapping[str, File] | None) -> tuple[str, ...]:
    """Paths to ask for beside `ALIASES`: workspaces' manifests and a README of another name."""
    known = known or {}
    inner = tuple(path for path in known if path not in ROOT_PATHS)
    name = _real_readme(known.get(README))
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


def _real_readme(known: File | None) -> str | None:
    if known is None or known.get("status") not in ("found", "too_large", "binary"):
        return None
    return known.get("reason")


def _find_readme(
    node: dict[str, Any],
    failed: set[str],
    known: File | None,
    files: Files,
    pending: dict[str, str],
) -> None:
    """Find the README under another spelling; its real name is kept as the file's reason."""
    tree = node.get("root")
    if isinstance(tree, dict):
        found = readme_entry(tree.get("entries") or [])
        name, oid = (found["name"], found["oid"]) if found else (None, None)
    else:
        name = _real_readme(known)
        if name is not None and any(_FURTHER.fullmatch(alias) for alias in failed):
            files[README] = entry("unknown", reason="the file did not come")
            return
        oid = further_oids(node).get(name) if name else None
    if name is None or oid is None:
        return
    if known is not None and _is_same(known, oid):
        files[README] = dict(known)
        return
    files[README] = entry("absent", reason=name)
    pending[README] = oid


def readme_entry(entries: Iterable[Any]) -> dict[str, Any] | None:
    """The root entry that GitHub shows as README, whatever its case and ending."""
    best: tuple[int, str] | None = None
    chosen: dict[str, Any] | None = None
    for item in entries:
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or item.get("type") != "blob" or not item.get("oid"):
            continue
        if item.get("mode") == SYMLINK_MODE or not name.lower().startswith("readme"):
            continue
        ending = name.lower().removeprefix("readme")
        if ending not in README_ENDINGS:
            continue
        rank = (0 if ending == ".md" else 1 + README_ENDINGS.index(ending), name)
        if best is None or rank < best:
            best, chosen = rank, item
    return chosen


def _symlinks(tree: Any) -> frozenset[str]:
    entries = (tree.get("entries") or []) if isinstance(tree, dict) else []
    return frozenset(
        item["name"]
        for item in entries
        if isinstance(item, dict) and item.get("mode") == SYMLINK_MODE and item.get("name")
    )


def _is_same(known: File | None, oid: Any) -> bool:
    return (
        known is not None
        and isinstance(oid, str)
        and known.get("oid") == oid
        and known.get("status") not in (None, "unknown")
    )
