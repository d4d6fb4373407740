"""Version specifications of next against npm's own verdicts and the documented table."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trender_assets.trending.detection.manifest import parse_manifest
from trender_assets.trending.detection.nextjs import find_nextjs
from trender_assets.trending.detection.nextjs_spec import classify

from .timing import takes_less_than


def _truth(shared_data: Path) -> dict[str, dict[str, str]]:
    with (shared_data / "package_json" / "specs_semver_truth.tsv").open() as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["spec"]: row for row in rows}


def _npm_verdict(row: dict[str, str]) -> str:
    if row["every_match_ge_16_incl_prerelease"] == "true":
        return "yes"
    return "possible" if row["some_match_ge_16_incl_prerelease"] == "true" else "no"


def test_every_recorded_range_equals_npm(shared_data: Path) -> None:
    """Verdict and lowest version of every range in the wild, prereleases of 16 included."""
    ranges = [row for row in _truth(shared_data).values() if row["valid_range"]]
    verdicts = sum(classify(row["spec"]).verdict == _npm_verdict(row) for row in ranges)
    floors = sum(classify(row["spec"]).floor == row["min_version"] for row in ranges)
    print(f"\nverdict {verdicts}/{len(ranges)}, lowest version {floors}/{len(ranges)}")
    assert verdicts == floors == len(ranges) == 237


def test_recorded_manifests_equal_npm(shared_data: Path) -> None:
    """ "yes" of 354 real package.json files is npm's EVERY version ≥ 16, on ≥ 99 %."""
    truth = _truth(shared_data)
    with gzip.open(shared_data / "package_json" / "package_json.ndjson.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    compared = equal = specs_equal = 0
    for row in rows:
        specs = {section: spec for section, spec in parse_manifest(row["text"]).specs_of("next")}
        expected = {
            section: spec
            for section, spec in row["next_specs"].items()
            if section in ("dependencies", "devDependencies", "peerDependencies")
        }
        specs_equal += specs == expected
        deciding = [
            truth[spec] for section, spec in expected.items() if section != "peerDependencies"
        ]
        if not deciding or not all(entry["valid_range"] for entry in deciding):
            continue
        finding = find_nextjs(
            {
                "package.json": {
                    "status": "found",
                    "text": json.dumps(json.loads(row["text"]) | {"workspaces": None}),
                },
                "pnpm-workspace.yaml": {"status": "absent"},
            }
        )
        compared += 1
        npm = any(_npm_verdict(entry) == "yes" for entry in deciding)
        equal += (finding["verdict"] == "yes") == npm
    print(f"\nspecifications {specs_equal}/{len(rows)}, yes equal npm's {equal}/{compared}")
    assert specs_equal == len(rows) == 354
    assert equal / compared >= 0.99
    assert compared > 300


@pytest.mark.parametrize(
    ("verdict", "specs"),
    [
        (
            "yes",
            "^16;^16.0.0;~16.1;16.x;16;>=16;>= 16.0.0;>15;>=16.0.0 <18;^16.0.0-canary.1;"
            "16.0.0-canary.5;npm:next@^16;workspace:^16;latest;canary;beta;v16.0.0;16 - 17;=16.0.1",
        ),
        (
            "possible",
            "15 || 16;^15 || ^16;>=15;*;;<17;x;>=15 <17;<=16.0.0;15 - 16;npm:next@*;^16||",
        ),
        ("no", "^15.0.0;14.2.3;<16;<16.0.0;15.x;rc;~14.1.0;^14 || ^15;npm:next@14"),
        (
            "unknown",
            "workspace:*;workspace:~;github:vercel/next.js;o/r#branch;git+https://x/y.git;"
            "https://x/y.tgz;file:../next;link:../next;$next;nightly;16..0;^latest;catalog:;"
            "catalog:web;npm:@fork/next@16;>17 <16;^99999999999999999999;^١٦;portal:x;patch:next",
        ),
    ],
)
def test_documented_table(verdict: str, specs: str) -> None:
    """One documented decision for each way to write a version."""
    for spec in specs.split(";"):
        assert classify(spec).verdict == verdict, spec


@pytest.mark.parametrize("spec", [None, 16, 16.0, True, [], {"version": "16"}])
def test_what_is_not_a_text_is_unknown(spec: object) -> None:
    """Numbers, lists and objects in place of a version."""
    assert classify(spec).verdict == "unknown"


def test_tags_are_data() -> None:
    """Tags move: a newer map is an argument."""
    assert classify("rc").verdict == "no"
    assert classify("rc", {"rc": 17}).verdict == "yes"
    assert classify("latest", {}).verdict == "unknown"


def test_catalogues_are_looked_up() -> None:
    """Catalog: and catalog:name; a catalogue that refers to a catalogue ends."""
    catalogs = {"default": {"next": "^16"}, "old": {"next": "^14"}, "loop": {"next": "catalog:"}}
    assert classify("catalog:", catalogs=catalogs).verdict == "yes"
    assert classify("catalog:default", catalogs=catalogs).verdict == "yes"
    assert classify("catalog:old", catalogs=catalogs).verdict == "no"
    assert classify("catalog:loop", catalogs=catalogs).verdict == "unknown"
    assert classify("catalog:none", catalogs=catalogs).verdict == "unknown"


@pytest.mark.parametrize(
    "spec",
    [
        "a" * 50_000 + "!",
        "||" * 99,
        "- " * 99,
        " " * 50_000 + "x",
        "1." * 99,
        "16 " * 66,
        ">=16 <=17 " * 19,
        "1.2.3-" + "a." * 97,
        "a/" * 99,
        "a-" * 99 + "/!",
        "9" * 199,
    ],
)
def test_no_specification_takes_long(spec: str) -> None:
    """Less than 50 ms whatever the text."""
    classify("^16")
    # One try: a second one would be answered from memory.
    assert takes_less_than(0.05, lambda: classify(spec), tries=1)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(alphabet="0123456789.x*^~<>=|-v ab", max_size=40)))
def test_no_text_raises(spec: str) -> None:
    """A verdict for any text."""
    assert classify(spec).verdict in ("yes", "possible", "no", "unknown")
