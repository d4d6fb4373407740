"""Which repositories are searched for manifests, which of these are read, and when again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github.asking import answering
from tests.github.fakes import FakeGitHub, answer, script
from trender_assets.github.answers import Found
from trender_assets.trending.detection.nextjs import find_nextjs
from trender_assets.trending.detection.workspaces import COVERAGE
from trender_assets.trending.reading.file_entry import Files, entry
from trender_assets.trending.reading.workspace_files import add_workspaces, may_have_scripts

ROOT = {
    "package.json": entry("found", oid="1", text='{"workspaces": ["packages/*"]}'),
    "pnpm-workspace.yaml": entry("absent"),
}


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (["Python"], False),
        (["Python", "JavaScript"], True),
        (["MDX"], True),
        ([], True),
        (None, True),
        (["C"] * 10, True),
    ],
)
def test_what_proves_that_there_are_no_scripts(languages: list[str] | None, expected: bool) -> None:
    """No language at all, or MDX alone, was taken as proof that nothing uses Next.js."""
    edges = None if languages is None else [{"node": {"name": name}} for name in languages]
    assert may_have_scripts({"languages": {"edges": edges}}) is expected


async def searched(paths: list[str], known: dict[str, Any] | None = None) -> Files:
    """The files after the tree was listed, if it was."""
    tree = [{"path": path, "type": "blob", "sha": path} for path in paths]
    fake = FakeGitHub(script(answer({"tree": tree, "truncated": False})))
    blob = {"__typename": "Blob", "oid": "x", "byteSize": 2, "isBinary": False, "text": "{}"}
    node = {
        "id": "R_1",
        "nameWithOwner": "o/r",
        "defaultBranchRef": {"target": {"oid": "h"}},
        "paths": {},
    }
    async with fake.client() as client:
        files = await add_workspaces(
            client, node, dict(ROOT), known, answering(blob), is_due=False, has_failed=False
        )
    assert isinstance(files, Found)
    return files.value


async def test_every_manifest_is_looked_at() -> None:
    """An application outside the declared workspaces, and examples, were never read."""
    paths = ["packages/a/package.json", "apps/web/package.json", "examples/b/package.json"]
    files = await searched(paths)
    assert set(files) == {*ROOT, *paths, COVERAGE}
    assert find_nextjs(files)["verdict"] == "no"


async def test_examples_beyond_the_limit_leave_the_verdict_open() -> None:
    paths = [f"examples/{number}/package.json" for number in range(61)]
    files = await searched(["apps/web/package.json", *paths])
    assert "apps/web/package.json" in files and paths[0] in files
    assert find_nextjs(files)["reason"] == "not all manifests were read: 60 of 62 were read"


async def test_what_an_older_release_searched_is_searched_again() -> None:
    """A file set of an older release says "found" and holds the manifests of workspaces only."""
    known = ROOT | {COVERAGE: entry("found", reason="0 beside the root's")}
    assert "apps/web/package.json" in await searched(["apps/web/package.json"], known)
    current = await searched([])
    assert await searched(["apps/web/package.json"], current) == current
