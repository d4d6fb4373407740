"""package.json files → does this repository use Next.js 16 or later, and what shows it.

Define a rule here when verdicts of several manifests combine in another way. One specification
is judged by `nextjs_spec`, workspaces are found by `workspaces`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trender_assets.trending.detection.labels import label
from trender_assets.trending.detection.manifest import (
    Manifest,
    PnpmWorkspace,
    override_in,
    parse_manifest,
    parse_pnpm_workspace,
    read_catalogs,
)
from trender_assets.trending.detection.nextjs_spec import DIST_TAGS, classify
from trender_assets.trending.detection.repository_file import NOT_READ, Files, RepositoryFile, read
from trender_assets.trending.detection.workspaces import (
    COVERAGE,
    FALLBACK_GLOBS,
    MANIFEST,
    usable_globs,
)

PNPM_WORKSPACE = "pnpm-workspace.yaml"
YARN_SETTINGS = ".yarnrc.yml"
SHOWN_EVIDENCE = 50
_BEST_FIRST = ("yes", "possible", "unknown", "no")
_DECIDING_SECTIONS = ("dependencies", "devDependencies")


def workspace_globs(files: Files) -> tuple[str, ...]:
    """The folders whose package.json must be read before the verdict can be final.

    Args:
        files: The root files as raw keeps them.

    Returns:
        What package.json and pnpm-workspace.yaml declare (`!` excludes), else the usual places;
        empty when the root alone decides (it says yes) or cannot be read (ask again later).
    """
    root = read(files, MANIFEST)
    if root.is_unread or find_nextjs({MANIFEST: files.get(MANIFEST, {})})["verdict"] == "yes":
        return ()
    return _declared_globs(_manifest(root), _pnpm_workspace(files)) or FALLBACK_GLOBS


def find_nextjs(files: Files, tags: Mapping[str, int] = DIST_TAGS) -> dict[str, Any]:
    """The `nextjs` object of `staging.repo_file_findings`.

    The best verdict wins: yes, possible, unknown, no. `dependencies` and `devDependencies`
    decide; `peerDependencies` mark a library, are shown, and decide nothing. "no" needs proof:
    that every manifest that counts was read, which the entry `COVERAGE` says.

    Args:
        files: The repository's files as raw keeps them, workspace manifests included.
        tags: Dist-tag → major version of `next`.

    Returns:
        `verdict`, `reason` and `evidence`: up to 50 of `{path, section, spec, verdict, floor}`,
        best first; a manifest that could not be read has neither section nor spec.
    """
    root = read(files, MANIFEST)
    root_manifest = _manifest(root)
    pnpm = _pnpm_workspace(files)
    yarn = _yaml(files, YARN_SETTINGS)
    catalogs = (
        dict(_bun_catalogs(root_manifest)) | dict(yarn.catalogs or {}) | dict(pnpm.catalogs or {})
    )
    forced = override_in(pnpm.overrides or {}, "next") or root_manifest.overrides_of("next")
    inner = sorted(
        path
        for path in files
        if path.endswith(f"/{MANIFEST}") and "node_modules/" not in path and path != COVERAGE
    )
    evidence: list[dict[str, Any]] = []
    reasons: dict[int, str] = {}
    for path in (MANIFEST, *inner):
        file = root if path == MANIFEST else read(files, path)
        if file.status == "absent":
            continue
        manifest = root_manifest if path == MANIFEST else _manifest(file)
        rows = _rows(path, manifest, tags, catalogs, forced)
        for row, reason in rows:
            reasons[id(row)] = reason
            evidence.append(row)
    evidence.sort(key=_rank)
    deciding = [row for row in evidence if row["section"] in (*_DECIDING_SECTIONS, None)]
    best = deciding[0] if deciding else None
    unread = _not_looked_at(files, root_manifest, pnpm, has_inner=bool(inner))
    if best is not None and (best["verdict"] != "no" or not unread):
        verdict, reason = best["verdict"], _reason(best, reasons[id(best)])
    elif unread:
        verdict, reason = "unknown", unread
    elif root.status == "absent" and not inner:
        verdict, reason = "no", "no package.json"
    elif evidence:
        verdict, reason = "no", "next is only a peer dependency: a library"
    else:
        verdict, reason = "no", "no next dependency"
    return {"verdict": verdict, "reason": reason, "evidence": evidence[:SHOWN_EVIDENCE]}


def _rows(
    path: str,
    manifest: Manifest,
    tags: Mapping[str, int],
    catalogs: Mapping[str, Mapping[str, object]],
    forced: object,
) -> list[tuple[dict[str, Any], str]]:
    """One row of evidence per specification, or one that says why there is none."""
    shown = label(path, 300)
    if manifest.root is None:
        reason = manifest.reason or "not read"
        row = {"path": shown, "section": None, "spec": None, "verdict": "unknown", "floor": None}
        return [(row, reason)]
    rows = []
    for section, spec in manifest.specs_of("next"):
        overrides = forced is not None and section in _DECIDING_SECTIONS
        judged = classify(forced if overrides else spec, tags, catalogs)
        row = {
            "path": shown,
            "section": section,
            "spec": label(spec) or "",
            "verdict": judged.verdict,
            "floor": judged.floor,
        }
        because = (
            f"{judged.reason}, overridden to {label(forced)!r}" if overrides else judged.reason
        )
        rows.append((row, because))
    return rows


def _manifest(file: RepositoryFile) -> Manifest:
    if file.text is None or file.status != "found":
        return Manifest(None, file.problem)
    return parse_manifest(file.text)


def _pnpm_workspace(files: Files) -> PnpmWorkspace:
    return _yaml(files, PNPM_WORKSPACE)


def _yaml(files: Files, path: str) -> PnpmWorkspace:
    file = read(files, path)
    if file.text is None or file.status != "found":
        return PnpmWorkspace(reason=file.problem)
    return parse_pnpm_workspace(file.text)


def _bun_catalogs(manifest: Manifest) -> Mapping[str, Mapping[str, object]]:
    """Bun keeps catalogues in package.json: at the top, or within `workspaces`."""
    if manifest.root is None:
        return {}
    inside = manifest.root.get("workspaces")
    nested = read_catalogs(inside) if isinstance(inside, Mapping) else {}
    return dict(read_catalogs(manifest.root)) | dict(nested)


def _declared_globs(manifest: Manifest, pnpm: PnpmWorkspace) -> tuple[str, ...]:
    return usable_globs((*manifest.workspace_patterns(), *pnpm.patterns))


def _not_looked_at(
    files: Files, manifest: Manifest, pnpm: PnpmWorkspace, *, has_inner: bool
) -> str:
    """What may still hold a dependency on Next.js because nobody read it; empty when nothing."""
    if read(files, PNPM_WORKSPACE).is_unread:
        return f"{PNPM_WORKSPACE} could not be read: {label(pnpm.reason)}"
    coverage = read(files, COVERAGE)
    if coverage.status == "found":
        return ""
    if coverage.reason != NOT_READ:
        return f"not all manifests were read: {label(coverage.reason)}"
    if not has_inner and _declared_globs(manifest, pnpm):
        return "workspaces are declared and none of their manifests was read"
    return "no folder but the root was searched for manifests"


def _rank(row: Mapping[str, Any]) -> tuple[bool, int, int, str]:
    return (
        row["section"] == "peerDependencies",
        _BEST_FIRST.index(row["verdict"]),
        str(row["path"]).count("/"),
        str(row["path"]),
    )


def _reason(row: Mapping[str, Any], why: str) -> str:
    if row["section"] is None:
        return f"{row['path']} could not be read: {label(why)}"
    return f"{row['path']}: {row['section']}.next = {row['spec']!r}: {why}"
