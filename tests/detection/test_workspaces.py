"""Which manifests of a repository are read: declared workspaces first, then everything else."""

from __future__ import annotations

import pytest

from tests.detection.manifests import files_of, found
from trender_assets.trending.detection.nextjs import workspace_globs
from trender_assets.trending.detection.workspaces import (
    FALLBACK_GLOBS,
    manifests_to_read,
    usable_globs,
    workspace_manifests,
)


@pytest.mark.parametrize(
    ("globs", "paths", "expected"),
    [
        (FALLBACK_GLOBS, ["app/package.json"], ["app/package.json"]),
        (FALLBACK_GLOBS, ["web/pnpm-workspace.yaml", "web/package.json", "web/apps/panel/package.json"],
         ["web/package.json", "web/apps/panel/package.json"]),
        (("packages/*",), ["frontend/package.json"], ["frontend/package.json"]),
        (("packages/*",), ["examples/b/package.json", "apps/web/package.json", "packages/a/package.json"],
         ["packages/a/package.json", "apps/web/package.json", "examples/b/package.json"]),
        (FALLBACK_GLOBS, ["Fixtures/package.json", "a/node_modules/b/package.json", "lib/package.json"],
         ["lib/package.json", "Fixtures/package.json"]),
    ],
)  # fmt: skip
def test_manifests_to_read(globs: tuple[str, ...], paths: list[str], expected: list[str]) -> None:
    """Only a fixed list of folders was searched where no workspaces are declared, or where what is
    declared matches nothing; beside declared workspaces nothing was, and "no" was said."""
    assert manifests_to_read(globs, paths) == expected


def test_globs_that_must_be_searched() -> None:
    """Declared globs, else the usual places; none when the root decides or is unread."""
    assert workspace_globs(files_of({"workspaces": ["apps/*", "./libs/**/", "!libs/x"]})) == (
        "apps/*",
        "libs/**",
        "!libs/x",
    )
    files = files_of({"workspaces": {"packages": ["a"]}})
    files["pnpm-workspace.yaml"] = found("packages: ['b/*']")
    assert workspace_globs(files) == ("a", "b/*")
    assert workspace_globs(files_of({})) == FALLBACK_GLOBS
    assert workspace_globs(files_of(None)) == FALLBACK_GLOBS
    assert workspace_globs(files_of({"dependencies": {"next": "^16"}, "workspaces": ["a"]})) == ()
    assert workspace_globs({"package.json": {"status": "unknown"}}) == ()


@pytest.mark.parametrize(
    ("globs", "expected"),
    [
        (["apps/*"], ["apps/web/package.json"]),
        (["apps/**"], ["apps/web/package.json", "apps/web/test/package.json"]),
        (["**"], ["docs/package.json", "apps/web/package.json", "apps/web/test/package.json",
                  "libs/ui/package.json"]),
        (["**", "!**/test"], ["docs/package.json", "apps/web/package.json",
                              "libs/ui/package.json"]),
        (["{apps,libs}/*"], ["apps/web/package.json", "libs/ui/package.json"]),
        (["docs/", "a" * 201], ["docs/package.json"]),
        (["../x", "/docs", ".", "", "[", "{a", "{a,b}{c,d}{e,f}{g,h}{i,j}"], ["docs/package.json"]),
    ],
)  # fmt: skip
def test_globs_select_manifests(globs: list[str], expected: list[str]) -> None:
    """Likely applications first; never the root's, never node_modules."""
    paths = [
        "package.json",
        "README.md",
        "apps/web/package.json",
        "apps/web/test/package.json",
        "apps/web/node_modules/next/package.json",
        "docs/package.json",
        "libs/ui/package.json",
    ]
    assert workspace_manifests(usable_globs(globs), paths) == expected


def test_selection_is_bounded() -> None:
    """Hostile globs over many paths end soon."""
    globs = usable_globs(["**/*/" * 38 + "*"] * 5 + ["*" * 199, "a{" * 99])
    paths = [f"{'a/' * 20}{number}/package.json" for number in range(300)]
    assert workspace_manifests(globs, paths) == []
