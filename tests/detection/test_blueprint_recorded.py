"""Every recorded render.yaml against the truth written down beside it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from trender_assets.trending.detection.blueprint import parse_blueprint

FIELDS = ("type", "runtime", "plan", "region")


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> list[dict[str, Any]]:
    with gzip.open(shared_data / "render" / "blueprints.ndjson.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def _expected(service: dict[str, Any]) -> tuple[str | None, ...]:
    kind, runtime = service["type"], service["runtime"] or service["env"]
    kind = {"redis": "keyvalue"}.get(kind, kind)
    if kind == "web" and runtime == "static":
        kind = "static"
    return kind, runtime, service["plan"], service["region"]


def test_services_and_databases_equal_the_truth(rows: list[dict[str, Any]]) -> None:
    """Real types, legacy spellings, projects; every file parsed or refused with a reason."""
    accepted = refused = services = 0
    for row in rows:
        finding = parse_blueprint(row["text"])
        if finding.status == "invalid":
            refused += 1
            assert finding.reason
            assert row["services"] == [] and row["n_databases"] == 0, row["repo"]
            continue
        accepted += 1
        services += finding.service_count
        assert finding.reason is None
        found = [tuple(service[name] for name in FIELDS) for service in finding.services]
        assert found == [_expected(service) for service in row["services"]], row["repo"]
        assert finding.service_count == len(row["services"])
        assert finding.database_count == row["n_databases"], row["repo"]
        assert 0 <= finding.complexity_score <= 10
        assert 0 <= finding.quality_score <= 1
    print(f"\n{accepted} accepted with {services} services, {refused} refused, of {len(rows)}")
    assert (accepted, refused, services) == (43, 1, 111)


def test_the_schema_agrees_where_it_is_not_older_than_practice(
    rows: list[dict[str, Any]], shared_data: Path
) -> None:
    """Information: Render's schema refuses legacy spellings that Render itself accepts."""
    jsonschema = pytest.importorskip("jsonschema")
    yaml = pytest.importorskip("yaml")
    schema = json.loads((shared_data / "specs/render.yaml.schema.repaired.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    accepted = [row for row in rows if parse_blueprint(row["text"]).status == "valid"]
    valid = sum(validator.is_valid(yaml.safe_load(row["text"])) for row in accepted)
    print(f"\n{valid} of {len(accepted)} accepted files are valid by Render's schema")
    assert valid > 0


def test_no_value_of_a_variable_is_kept(rows: list[dict[str, Any]]) -> None:
    """Values of environment variables are neither stored nor shown."""
    for row in rows:
        text = json.dumps(parse_blueprint(row["text"]).__dict__)
        assert "REDACTED" not in text
        assert "-Xms100m" not in text
