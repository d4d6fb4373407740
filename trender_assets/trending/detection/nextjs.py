"""package.json files → does this repository use Next.js 16 or later, and what shows it.

Define a rule here when verdicts of several manifests combine in another way. One specification
is judged by `nextjs_spec`, workspaces are found by `workspaces`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from trender_assets.trending.detection.labels import label
from trender_assets.trending.detection.manifest import (
    UNDECIDED,
    Manifest,
    PnpmWorkspace,
    override_in,
    parse_manifest,
    parse_pnpm_workspace,
    read_catalogs,
)
from trender_assets.trending.detection.nextjs_spec import DIST_TAGS, SpecVerdict, classify, meets
from trender_assets.trending.detection.repository_file import NOT_READ, Files, RepositoryFile, read
from trender_assets.trending.detection.workspaces import (
    COVERAGE,
    COVERAGE_VERSION,
    FALLBACK_GLOBS,
    MANIFEST,
    MAX_GLOBS,
    inner_manifests,
    is_aside,
    usable_globs,
    workspace_manifests,
)

PNPM_WORKSPACE = "pnpm-workspace.yaml"
YARN_SETTINGS = ".yarnrc.yml"
SHOWN_EVIDENCE = 50
_BEST_FIRST = ("yes", "possible", "unknown", "no")


@dataclass(frozen=True)
class _Workspace:
    """A manifest that may be the root of a workspace, and what it settles for its members."""

    manifest: Manifest
    globs: tuple[str, ...]
    catalogs: Mapping[str, Mapping[str, object]]
    overrides: Mapping[str, object]

    def forced(self, spec: object) -> object:
        """What it forces `next` to be where a member asks for `spec`; None when nothing."""
        allows = partial(meets, spec, catalogs=self.catalogs)
        return override_in(self.overrides, "next", allows) or self.manifest.overrides_of(
            "next", allows
        )


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

    The best verdict wins: yes, possible, unknown, no. What a program needs, develops with or may
    have decides; `peerDependencies` mark a library, and the manifests of examples and tests are
    not the program's, unless it declares them as workspaces: both are shown, and decide nothing.
    "no" needs proof: that every manifest was read, which the entry `COVERAGE` says.

    Args:
        files: The repository's files as raw keeps them, workspace manifests included.
        tags: Dist-tag → major version of `next`.

    Returns:
        `verdict`, `reason` and `evidence`: up to 50 of `{path, section, spec, verdict, floor}`,
        best first; a manifest that could not be read has neither section nor spec.
    """
    root = read(files, MANIFEST)
    pnpm = _pnpm_workspace(files)
    roots = {MANIFEST: _root_workspace(files, _manifest(root), pnpm)}
    for path in sorted(inner_manifests(files)):
        manifest = _manifest(read(files, path))
        globs = _declared_globs(manifest, PnpmWorkspace())
        roots[path] = _Workspace(manifest, globs, _bun_catalogs(manifest), {})
    found: list[tuple[bool, dict[str, Any], str]] = []
    for path in roots:
        file = read(files, path)
        if file.status == "absent":
            continue
        above = _root_of(path, roots)
        is_own = not is_aside(above) or file.is_unread
        for row, reason in _rows(path, roots[path].manifest, tags, roots[above]):
            found.append((is_own and row["section"] != "peerDependencies", row, reason))
    found.sort(key=lambda entry: (not entry[0], *_rank(entry[1])))
    decides, best, why = found[0] if found else (False, {}, "")
    evidence = [row for _, row, _ in found]
    unread = _not_looked_at(files, roots[MANIFEST].globs, pnpm, has_inner=len(roots) > 1)
    if decides and (best["verdict"] != "no" or not unread):
        verdict, reason = best["verdict"], _reason(best, why)
    elif unread:
        verdict, reason = "unknown", unread
    elif root.status == "absent" and len(roots) == 1:
        verdict, reason = "no", "no package.json"
    elif any(row["section"] == "peerDependencies" for row in evidence):
        verdict, reason = "no", "next is only a peer dependency: a library"
    elif any(row["section"] for row in evidence):
        verdict, reason = "no", "next only in examples, tests or copies of other projects"
    else:
        verdict, reason = "no", "no next dependency"
    return {"verdict": verdict, "reason": reason, "evidence": evidence[:SHOWN_EVIDENCE]}


def _root_workspace(files: Files, manifest: Manifest, pnpm: PnpmWorkspace) -> _Workspace:
    yarn = _yaml(files, YARN_SETTINGS)
    catalogs = dict(_bun_catalogs(manifest)) | dict(yarn.catalogs or {}) | dict(pnpm.catalogs or {})
    return _Workspace(manifest, _declared_globs(manifest, pnpm), catalogs, pnpm.overrides or {})


def _root_of(path: str, roots: Mapping[str, _Workspace]) -> str:
    """The manifest whose workspace a manifest belongs to: the nearest declaring it, or itself."""
    folders = path.split("/")[:-1]
    for depth in reversed(range(len(folders))):
        above = "/".join((*folders[:depth], MANIFEST))
        below = "/".join((*folders[depth:], MANIFEST))
        if above in roots and workspace_manifests(roots[above].globs, [below]):
            return above
    return path


def _rows(
    path: str,
    manifest: Manifest,
    tags: Mapping[str, int],
    workspace: _Workspace,
) -> list[tuple[dict[str, Any], str]]:
    """One row of evidence per specification, or one that says why there is none."""
    shown = label(path, 300)
    if manifest.root is None:
        reason = manifest.reason or "not read"
        row = {"path": shown, "section": None, "spec": None, "verdict": "unknown", "floor": None}
        return [(row, reason)]
    rows = []
    for section, spec in manifest.specs_of("next"):
        forced = workspace.forced(spec) if section != "peerDependencies" else None
        if forced is UNDECIDED:
            judged = SpecVerdict("unknown", "an override of some versions may apply")
        else:
            judged = classify(spec if forced is None else forced, tags, workspace.catalogs)
        row = {
            "path": shown,
            "section": section,
            "spec": label(spec) or "",
            "verdict": judged.verdict,
            "floor": judged.floor,
        }
        is_forced = forced not in (None, UNDECIDED)
        because = f", overridden to {label(forced)!r}" if is_forced else ""
        rows.append((row, judged.reason + because))
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
    files: Files, globs: Sequence[str], pnpm: PnpmWorkspace, *, has_inner: bool
) -> str:
    """What may still hold a dependency on Next.js because nobody read it; empty when nothing."""
    if read(files, PNPM_WORKSPACE).is_unread:
        return f"{PNPM_WORKSPACE} could not be read: {label(pnpm.reason)}"
    if len(globs) >= MAX_GLOBS:
        return "more workspaces are declared than are followed"
    coverage = read(files, COVERAGE)
    if coverage.status == "found":
        is_current = files[COVERAGE].get("version") == COVERAGE_VERSION
        return "" if is_current else "examples and other folders were not searched yet"
    if coverage.reason != NOT_READ:
        return f"not all manifests were read: {label(coverage.reason)}"
    if not has_inner and globs:
        return "workspaces are declared and none of their manifests was read"
    return "no folder but the root was searched for manifests"


def _rank(row: Mapping[str, Any]) -> tuple[int, int, str]:
    return (
        _BEST_FIRST.index(row["verdict"]),
        str(row["path"]).count("/"),
        str(row["path"]),
    )


def _reason(row: Mapping[str, Any], why: str) -> str:
    if row["section"] is None:
        return f"{row['path']} could not be read: {label(why)}"
    return f"{row['path']}: {row['section']}.next = {row['spec']!r}: {why}"
