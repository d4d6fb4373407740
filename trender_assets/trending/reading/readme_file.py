"""Which README GitHub shows, whatever its name, and the text of one that is a symbolic link.

GitHub shows the README of `.github`, then of the root, then of `docs`. A link's blob holds the
path it leads to; whether a blob is a link stands in its folder's tree alone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from trender_assets.trending.reading.fields import Ask, blob, file_at, folder_at
from trender_assets.trending.reading.file_entry import (
    File,
    entry,
    from_object,
    from_part,
    is_same,
)

README = "README.md"
BEFORE_ROOT, AFTER_ROOT = ".github/README.md", "docs/README.md"
README_ALIASES = {"githubReadme": BEFORE_ROOT, "readme": README, "docsReadme": AFTER_ROOT}
SYMLINK_MODE = 0o120000
MOST_LINKS = 3
# GitHub's own order of preference among spellings at the root.
README_ENDINGS = ("", ".md", ".markdown", ".mdown", ".rst", ".txt", ".adoc", ".asciidoc", ".org")
_MAY_BE_A_PATH = re.compile(r"[^\n#<>]{1,250}")


@dataclass(frozen=True)
class Spot:
    """Where a README was found: its path, and its blob as answered."""

    path: str
    blob: Mapping[str, Any]


async def read_readme(
    node: Mapping[str, Any],
    failed: Iterable[str],
    known: File | None,
    further_oids: Mapping[str, str],
    ask: Ask,
) -> File:
    """The README's entry; its real path is the entry's reason when it is not `README.md`.

    Args:
        node: The repository as answered.
        failed: Aliases that GitHub failed to answer.
        known: The entry as last stored.
        further_oids: Object ids by path of what was asked for beside the usual files.
        ask: Asks for one further field.
    """
    if any(alias in failed for alias in README_ALIASES) or (
        real_path(known) and any(re.fullmatch(r"p\d+", alias) for alias in failed)
    ):
        return entry("unknown", reason="the file did not come")
    spot = _find(node, known, further_oids)
    if spot is None:
        return entry("absent")
    oid = spot.blob.get("oid")
    if known is not None and known.get("link") == oid and oid is not None:
        target = real_path(known)
        if target and is_same(known, further_oids.get(target)):
            return dict(known)
    elif is_same(known, oid) and (known or {}).get("reason") == _note(spot.path):
        return dict(known or {})
    if "text" in spot.blob or spot.blob.get("__typename") != "Blob":
        file = from_object(spot.blob)
    else:
        file = from_part(await ask(blob(node["id"], str(oid))))
    return await _followed(
        node, spot.path, {**file, "reason": file["reason"] or _note(spot.path)}, ask
    )


def real_path(known: File | None) -> str | None:
    """The real path of a README of another name, for the next reading to ask for."""
    if known is None or known.get("status") not in ("found", "too_large", "binary"):
        return None
    return known.get("reason")


def readme_entry(entries: Iterable[Any]) -> dict[str, Any] | None:
    """The root entry that GitHub shows as README, whatever its case and ending."""
    best: tuple[int, str] | None = None
    chosen: dict[str, Any] | None = None
    for item in entries:
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or item.get("type") != "blob" or not item.get("oid"):
            continue
        ending = name.lower().removeprefix("readme")
        if not name.lower().startswith("readme") or ending not in README_ENDINGS:
            continue
        rank = (0 if ending == ".md" else 1 + README_ENDINGS.index(ending), name)
        if best is None or rank < best:
            best, chosen = rank, item
    return chosen


def _find(
    node: Mapping[str, Any], known: File | None, further_oids: Mapping[str, str]
) -> Spot | None:
    for alias, path in README_ALIASES.items():
        value = node.get(alias)
        if value is not None:
            return Spot(path, value)
        if path == README:
            other = _other_spelling(node.get("root"), known, further_oids)
            if other is not None:
                return other
    return None


def _other_spelling(tree: Any, known: File | None, further_oids: Mapping[str, str]) -> Spot | None:
    if isinstance(tree, dict):
        found = readme_entry(tree.get("entries") or [])
        name, oid = (found["name"], found["oid"]) if found else (None, None)
    else:
        name = real_path(known)
        if name is None or "/" in name or (known or {}).get("link"):
            return None
        oid = further_oids.get(name)
    return Spot(name, {"__typename": "Blob", "oid": oid}) if name and oid else None


async def _followed(node: Mapping[str, Any], path: str, file: File, ask: Ask) -> File:
    """The file that a link leads to within the repository; the file itself when it is none."""
    link = file.get("oid")
    for _ in range(MOST_LINKS + 1):
        text = (file.get("text") or "").strip()
        if file["status"] != "found" or not _MAY_BE_A_PATH.fullmatch(text):
            return file
        is_link = await _is_link(node, path, ask)
        if is_link is None:
            return entry("unknown", reason="whether it is a link did not come")
        if not is_link:
            return file
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
        if target.startswith(("/", "..")) or target == path:
            break
        found = from_part(await ask(file_at(node["id"], target)))
        if found["status"] == "absent":
            break
        file, path = {**found, "reason": found["reason"] or target, "link": link}, target
    return entry("not_a_file", oid=link, reason="symlink")


async def _is_link(node: Mapping[str, Any], path: str, ask: Ask) -> bool | None:
    """Whether a path is a link; None when its folder did not come."""
    folder, name = posixpath.split(path)
    tree = None if folder else node.get("root")
    if not isinstance(tree, dict):
        part = await ask(folder_at(node["id"], folder))
        tree = None if part.errors else part.data
    if not isinstance(tree, dict):
        return None
    return any(
        isinstance(item, dict) and item.get("name") == name and item.get("mode") == SYMLINK_MODE
        for item in tree.get("entries") or []
    )


def _note(path: str) -> str | None:
    return None if path == README else path
