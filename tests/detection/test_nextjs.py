"""Manifests of a repository → one verdict with evidence."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.detection.manifests import files_of, found
from trender_assets.trending.detection.manifest import SECTIONS
from trender_assets.trending.detection.nextjs import SHOWN_EVIDENCE, find_nextjs, workspace_globs
from trender_assets.trending.detection.workspaces import (
    COVERAGE,
    manifests_to_read,
)

# Verdict when every manifest is read, as next_by_path says.
MONOREPOS = {
    "vercel/examples": "yes",
    "shadcn-ui/ui": "yes",
    "nextauthjs/next-auth": "no",
    "vercel/swr": "yes",
    "dubinc/dub": "no",
    "colinhacks/zod": "no",
}


def test_recorded_monorepos(shared_data: Path) -> None:
    """Workspaces of real monorepos: the right manifests, their specifications, the verdict."""
    with gzip.open(shared_data / "package_json" / "monorepo_trees.ndjson.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    verdicts = {}
    for row in rows:
        pnpm = row["pnpm-workspace.yaml"]
        files = files_of(row["root_package_json"])
        if pnpm:
            files["pnpm-workspace.yaml"] = found(pnpm)
        paths = manifests_to_read(workspace_globs(files), row["package_json_paths"])
        truth = row["next_by_path"]
        for path in paths:
            files[path] = found(
                {section: {"next": spec} for section, spec in truth.get(path, {}).items()}
            )
        finding = find_nextjs(files)
        verdicts[row["repo"]] = finding["verdict"]
        shown = {(e["path"], e["section"], e["spec"]) for e in finding["evidence"]}
        expected = {
            (path, section, spec)
            for path in paths
            for section, spec in truth.get(path, {}).items()
            if section in SECTIONS
        }
        assert shown <= expected and len(shown) == min(len(expected), SHOWN_EVIDENCE)
        print(f"\n{row['repo']}: {len(paths)} manifests, {finding['verdict']}: {finding['reason']}")
    assert verdicts == MONOREPOS


def test_best_verdict_wins_and_the_reason_names_it() -> None:
    """Yes > possible > unknown > no, over all manifests."""
    files = files_of({"dependencies": {"next": "^14"}, "workspaces": ["apps/*"]})
    files["apps/a/package.json"] = found({"dependencies": {"next": "workspace:*"}})
    assert find_nextjs(files)["verdict"] == "unknown"
    files["apps/b/package.json"] = found({"dependencies": {"next": ">=15"}})
    assert find_nextjs(files)["verdict"] == "possible"
    files["apps/c/package.json"] = found({"devDependencies": {"next": "^16.1.0"}})
    finding = find_nextjs(files)
    assert finding["verdict"] == "yes"
    assert finding["reason"].startswith("apps/c/package.json: devDependencies.next = '^16.1.0'")
    assert finding["evidence"][0] == {
        "path": "apps/c/package.json",
        "section": "devDependencies",
        "spec": "^16.1.0",
        "verdict": "yes",
        "floor": "16.1.0",
    }


@pytest.mark.parametrize(
    ("root", "verdict", "reason"),
    [
        ({"dependencies": {"react": "^19"}}, "no", "no next dependency"),
        (None, "no", "no package.json"),
        ({"peerDependencies": {"next": "^16"}}, "no", "next is only a peer dependency: a library"),
        ({"dependencies": {"next": 16}}, "unknown", None),
        ({"dependencies": ["next"]}, "no", "no next dependency"),
        ({"dependencies": {"next16": "npm:next@16.0.1"}}, "yes", None),
        ({"dependencies": {"next": "npm:next@16.0.1"}}, "yes", None),
        ({"name": "next-like", "dependencies": {"next-auth": "^16"}}, "no", "no next dependency"),
        ("// comment\n{}", "unknown", "package.json could not be read: not valid JSON"),
        ("", "unknown", "package.json could not be read: not valid JSON"),
        ("[]", "unknown", "package.json could not be read: not a JSON object"),
        ("[" * 100_000, "unknown", "package.json could not be read: not valid JSON"),
        ('{"version": ' + "9" * 5_000 + "}", "no", "no next dependency"),
        ('\ufeff{"dependencies": {"next": "^16"}}', "yes", None),
        ('{"dependencies": {"next": "^16"}', "unknown", None),
    ],
)
def test_single_manifests(root: Any, verdict: str, reason: str | None) -> None:
    """Aliases, peers, byte order marks, comments, depth bombs, huge numbers."""
    finding = find_nextjs(files_of(root))
    assert finding["verdict"] == verdict
    if reason is not None:
        assert finding["reason"] == reason


@pytest.mark.parametrize("status", ["unknown", "too_large", "binary", "not_a_file"])
def test_unread_manifests_are_unknown(status: str) -> None:
    """What could not be read is unknown, at the root and in a workspace."""
    assert find_nextjs({"package.json": {"status": status}})["verdict"] == "unknown"
    files = files_of({"dependencies": {"next": "^14"}, "workspaces": ["web"]})
    files["web/package.json"] = {"status": status, "text": None}
    assert find_nextjs(files)["verdict"] == "unknown"


def test_workspaces_that_nobody_read_leave_the_verdict_open() -> None:
    """A root without next says nothing while its workspaces are unread."""
    files = files_of({"workspaces": {"packages": ["apps/*"]}, "dependencies": {"next": "^15"}})
    coverage = files.pop(COVERAGE)
    assert find_nextjs(files)["verdict"] == "unknown"
    files |= {COVERAGE: coverage, "apps/web/package.json": {"status": "absent"}}
    assert find_nextjs(files)["verdict"] == "no"
    files = files_of({})
    files["pnpm-workspace.yaml"] = {"status": "unknown", "reason": "timeout"}
    assert find_nextjs(files)["reason"] == "pnpm-workspace.yaml could not be read: timeout"


@pytest.mark.parametrize(
    ("coverage", "reason"),
    [
        (None, "no folder but the root was searched for manifests"),
        ({"status": "unknown", "reason": "60 of 66 were read"},
         "not all manifests were read: 60 of 66 were read"),
        ({"status": "unknown", "reason": "GitHub listed only a part of the tree"}, None),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "root", [None, {"dependencies": {"react": "^19"}}, {"dependencies": {"next": "^15"}}]
)
def test_no_needs_proof(root: Any, coverage: dict[str, Any] | None, reason: str | None) -> None:
    """ "No" was said of a repository whose application lies in a folder that nobody had read, and
    of one whose 66th of 65 read manifests has Next.js 16."""
    files = files_of(root)
    del files[COVERAGE]
    if coverage:
        files[COVERAGE] = coverage
    finding = find_nextjs(files)
    assert finding["verdict"] == "unknown"
    assert reason in (None, finding["reason"])
    files["apps/web/package.json"] = found({"dependencies": {"next": "16.0.0"}})
    assert find_nextjs(files)["verdict"] == "yes"


NEXT_16 = found({"dependencies": {"next": "16.1.0"}})


def test_an_application_outside_the_workspaces_counts() -> None:
    """A repository whose declared workspaces are packages/* had no Next.js, whatever apps/web said."""
    files = files_of({"workspaces": ["packages/*"]})
    files |= {"packages/a/package.json": found({}), "apps/web/package.json": NEXT_16}
    assert find_nextjs(files)["verdict"] == "yes"


@pytest.mark.parametrize("globs", [[], ["apps/*"]])
def test_examples_are_shown_and_decide_nothing(globs: list[str]) -> None:
    """Manifests of examples and templates were not read, and yet "no" was said to be proven."""
    files = files_of({"workspaces": globs})
    files |= {"examples/web/package.json": NEXT_16, "templates/x/package.json": found("{")}
    finding = find_nextjs(files)
    assert finding["verdict"] == "no"
    assert finding["reason"] == "next only in examples, tests or copies of other projects"
    assert finding["evidence"][0]["path"] == "examples/web/package.json"
    files["templates/x/package.json"] = {"status": "unknown", "reason": "timeout"}
    assert find_nextjs(files)["verdict"] == "unknown"
    files["examples/package.json"] = found({"workspaces": ["*"]})
    del files["templates/x/package.json"]
    assert find_nextjs(files)["verdict"] == "no"
    del files["examples/package.json"]
    files["package.json"] = found({"workspaces": ["examples/*"]})
    assert find_nextjs(files)["verdict"] == "yes"


def test_what_an_older_reading_did_not_look_at_proves_nothing() -> None:
    """A stored file set whose examples were never searched stays unknown until it is read again."""
    files = files_of({}) | {COVERAGE: {"status": "found", "reason": "3 beside the root's"}}
    finding = find_nextjs(files)
    assert finding["verdict"] == "unknown"
    assert finding["reason"] == "examples and other folders were not searched yet"


def test_workspaces_beyond_the_limit_leave_the_verdict_open() -> None:
    """Of 101 declared workspaces the last was dropped in silence, and "no" was said."""
    files = files_of({"workspaces": [f"p{number}" for number in range(101)]})
    assert find_nextjs(files)["reason"] == "more workspaces are declared than are followed"
    assert find_nextjs(files)["verdict"] == "unknown"


def test_optional_dependencies_are_dependencies() -> None:
    """Next.js among optionalDependencies was not seen."""
    files = files_of({"optionalDependencies": {"next": "^16.0.0"}})
    assert find_nextjs(files)["verdict"] == "yes"


def test_catalogues_of_yarn() -> None:
    """Yarn keeps its catalogues in .yarnrc.yml, which nobody read."""
    files = files_of({"workspaces": ["apps/*"]})
    files[".yarnrc.yml"] = found("nodeLinker: node-modules\ncatalog:\n  next: ^16.1.0\n")
    files["apps/web/package.json"] = found({"dependencies": {"next": "catalog:"}})
    assert find_nextjs(files)["verdict"] == "yes"
    files[".yarnrc.yml"] = found("catalogs:\n  old: {next: ^15.0.0}\n")
    files["apps/web/package.json"] = found({"dependencies": {"next": "catalog:old"}})
    assert find_nextjs(files)["verdict"] == "no"


@pytest.mark.parametrize(
    ("root", "pnpm", "verdict"),
    [
        ({"dependencies": {"next": "^15.0.0"}, "overrides": {"next": "16.1.0"}}, None, "yes"),
        ({"dependencies": {"next": "^15.0.0"}, "overrides": {"next": {".": "16.1.0"}}}, None, "yes"),
        ({"dependencies": {"next": "latest"}, "pnpm": {"overrides": {"next": "15.5.9"}}}, None, "no"),
        ({"dependencies": {"next": "latest"}}, "overrides:\n  next: 15.5.9\n", "no"),
        ({"dependencies": {"next": "^15.0.0"}, "resolutions": {"**/next": "16.0.0"}}, None, "yes"),
        ({"dependencies": {"next": "^15.0.0"}, "overrides": {"next@15": "16.0.0"}}, None, "yes"),
        ({"dependencies": {"next": "^16.0.0"}, "overrides": {"next": "$next"}}, None, "yes"),
        ({"dependencies": {"next": "^15.0.0"}, "pnpm": {"overrides": {"a>next": "16.0.0"}}}, None, "no"),
        ({"dependencies": {"next": "^15.0.0"}, "overrides": {"a": {"next": "16.0.0"}}}, None, "no"),
        ({"dependencies": {"next": "^15.0.0"}, "overrides": ["next"]}, None, "no"),
        ({"dependencies": {"next": "^15.0.0"}, "overrides": {"next@14": "16.0.0"}}, None, "no"),
        ({"dependencies": {"next": ">=14"}, "overrides": {"next@14": "16.0.0"}}, None, "yes"),
        ({"dependencies": {"next": "<14"}, "overrides": {"next@>=14": "16.0.0"}}, None, "no"),
        ({"dependencies": {"next": "^14"}, "overrides": {"next@15": "15.1.0", "next@14": "16.0.0"}}, None, "yes"),
        ({"dependencies": {"next": "npm:next@14.1"}, "resolutions": {"next@npm:^14.0.0": "16.0.0"}}, None, "yes"),
        ({"dependencies": {"next": "catalog:"}, "overrides": {"next@14": "16.0.0"}}, "catalog: {next: ^15}", "no"),
        ({"dependencies": {"next": "latest"}, "overrides": {"next@16": "15.0.0"}}, None, "unknown"),
        ({"dependencies": {"next": "^14"}, "overrides": {"next@14>react": "16.0.0"}}, None, "no"),
    ],
)  # fmt: skip
def test_overrides_decide(root: dict[str, Any], pnpm: str | None, verdict: str) -> None:
    """What a manifest forces a package to be counts, not what it asks for.

    An override that is limited to some versions was applied to every version.
    """
    files = files_of(root)
    if pnpm:
        files["pnpm-workspace.yaml"] = found(pnpm)
    assert find_nextjs(files)["verdict"] == verdict


def test_overrides_reach_their_own_workspace_only() -> None:
    """The root's overrides reached packages outside its workspaces, and those of another root
    inside the repository were not looked at."""
    old, new = {"dependencies": {"next": "^15.0.0"}}, {"overrides": {"next": "16.1.0"}}
    files = files_of({"workspaces": ["packages/*"], **new})
    files["site/package.json"] = found(old)
    assert find_nextjs(files)["verdict"] == "no"
    files["site/package.json"] = found(old | new)
    assert find_nextjs(files)["verdict"] == "yes"
    files["site/package.json"] = found({"workspaces": ["app"], **new})
    files["site/app/package.json"] = found(old)
    assert find_nextjs(files)["verdict"] == "yes"
    del files["site/app/package.json"]
    files["packages/a/package.json"] = found(old)
    assert find_nextjs(files)["verdict"] == "yes"
    files["package.json"] = found({"workspaces": ["packages/*"]})
    files["packages/a/package.json"] = found(old | new)
    assert find_nextjs(files)["verdict"] == "no"


def test_catalogues_of_pnpm_and_bun() -> None:
    """Catalog: of pnpm-workspace.yaml and of bun's package.json."""
    files = files_of({"dependencies": {"next": "catalog:"}})
    files["pnpm-workspace.yaml"] = found("packages: []\ncatalog:\n  next: ^16.0.0\n")
    assert find_nextjs(files)["verdict"] == "yes"
    files["pnpm-workspace.yaml"] = found("catalogs:\n  web: {next: ^16.0.0}\n")
    assert find_nextjs(files)["verdict"] == "unknown"
    files["package.json"] = found({"dependencies": {"next": "catalog:web"}})
    assert find_nextjs(files)["verdict"] == "yes"
    bun = {"workspaces": {"packages": [], "catalog": {"next": "16.1.0"}}}
    assert find_nextjs(files_of(bun | {"dependencies": {"next": "catalog:"}}))["verdict"] == "yes"
