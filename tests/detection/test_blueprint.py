"""Blueprints: real types, both layouts, what is refused, what is never kept, both scores."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trender_assets.trending.detection.blueprint import find_blueprint, parse_blueprint
from trender_assets.trending.detection.blueprint_scores import COMPLEXITY_RULES, QUALITY_RULES
from trender_assets.trending.detection.secret_names import looks_like_secret

from .timing import takes_less_than

FULL = """
previews: {generation: automatic, expireAfterDays: 3}
envVarGroups:
  - name: shared
    envVars: [{key: API_KEY, sync: false}]
projects:
  - name: shop
    environments:
      - name: production
        services:
          - type: web
            name: api
            runtime: python
            plan: starter
            region: oregon
            buildCommand: pip install .
            startCommand: serve
            healthCheckPath: /health
            envVars:
              - {key: DATABASE_URL, fromDatabase: {name: db, property: connectionString}}
              - {key: CACHE_URL, fromService: {type: keyvalue, name: cache, property: host}}
              - {key: WORKER_HOST, fromService: {type: pserv, name: search, property: host}}
              - {key: SECRET_KEY, generateValue: true}
              - {fromGroup: shared}
          - {type: worker, name: mailer, runtime: docker, plan: starter, region: oregon,
             envVars: [{key: DATABASE_URL, fromDatabase: {name: db, property: connectionString}}]}
        databases:
          - {name: db, plan: basic-256mb}
ungrouped:
  services:
    - {type: web, name: site, runtime: static, staticPublishPath: ./out}
    - {type: keyvalue, name: cache, plan: free, region: oregon, ipAllowList: []}
    - {type: pserv, name: search, runtime: image, plan: pro, region: oregon}
    - {type: cron, name: nightly, runtime: image, plan: pro, region: oregon, schedule: "0 3 * * *"}
    - {type: workflow, name: flow, runtime: python, region: oregon, buildCommand: b,
       startCommand: s}
"""


def _files(**texts: str | None) -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = {"render.yml": {"status": "absent"}}
    for name, text in texts.items():
        path = "render." + name
        files[path] = {"status": "absent"} if text is None else {"status": "found", "text": text}
    return files


def test_projects_and_ungrouped_are_flattened() -> None:
    """Both layouts, every type of the schema, links, groups, previews."""
    finding = parse_blueprint(FULL)
    assert finding.status == "valid"
    assert finding.service_types == {
        "static": 1, "keyvalue": 1, "pserv": 1, "cron": 1, "workflow": 1, "web": 1, "worker": 1,
    }  # fmt: skip
    services = {service["name"]: service for service in finding.services}
    assert services["api"]["links"] == ["db", "cache", "search"]
    assert services["nightly"]["schedule"] == "0 3 * * *"
    assert services["site"]["type"] == "static"
    assert finding.databases == [{"name": "db", "plan": "basic-256mb"}]
    assert (finding.env_groups, finding.projects, finding.previews) == (1, 1, True)
    assert finding.complexity_score == 10
    assert finding.quality_score == 1.0


@pytest.mark.parametrize(
    ("service", "kind", "runtime"),
    [
        ("{type: web, name: a, env: python}", "web", "python"),
        ("{type: web, name: a, env: python, runtime: node}", "web", "node"),
        ("{type: web, name: a, env: static}", "static", "static"),
        ("{type: static, name: a}", "static", None),
        ("{type: redis, name: a}", "keyvalue", None),
        ("{type: web, name: a, runtime: image, image: {url: x}}", "web", "image"),
        ("{type: private, name: a}", "unknown:private", None),
        ("{type: '<b>x</b>', name: a}", "unknown:<b>x</b>", None),
    ],
)
def test_legacy_and_unknown_types(service: str, kind: str, runtime: str | None) -> None:
    """Aliases, the draft's 'private' which does not exist, unknown types kept by name."""
    finding = parse_blueprint(f"services: [{service}]")
    assert finding.status == "valid"
    assert finding.services[0]["type"] == kind
    assert finding.services[0]["runtime"] == runtime
    assert finding.service_types == {kind: 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"name": "x", "type": "web", "env": "node"}', "not_a_blueprint"),
        ("services:\n  web:\n    image: nginx", "not_a_blueprint"),
        ("services: []", "not_a_blueprint"),
        ("services: [{name: a}]", "not_a_blueprint"),
        ("services: [a, b]", "not_a_blueprint"),
        ("scene: {camera: 1}", "not_a_blueprint"),
        ("- type: web", "not_a_mapping"),
        ("hello", "not_a_mapping"),
        ("services: [", "parse_error"),
        ("", "empty"),
        ("[" * 100_000, "too_complex"),
        ("services: [{type: web}]\n" * 12_000, "too_large"),
    ],
)
def test_what_is_not_a_blueprint_says_why(text: str, reason: str) -> None:
    """Broken files, other tools' files, bombs."""
    finding = parse_blueprint(text)
    assert finding.status == "invalid"
    assert str(finding.reason).startswith(reason)
    assert finding.quality_score == 0 and finding.service_count == 0


def test_databases_alone_are_a_blueprint() -> None:
    """Databases are top-level."""
    finding = parse_blueprint("databases: [{name: db}]")
    assert (finding.status, finding.database_count, finding.complexity_score) == ("valid", 1, 1)


def test_counts_are_true_where_rows_are_capped() -> None:
    """100 shown, all counted, within a second; 10,000 services pass the node budget."""
    # A service is at least three nodes, so the budget of 20,000 ends below 6,667 services.
    many = "services:\n" + "- {type: web}\n" * 6_000
    assert takes_less_than(1.0, lambda: parse_blueprint(many))
    finding = parse_blueprint(many)
    assert (finding.service_count, len(finding.services)) == (6_000, 100)
    too_many = parse_blueprint("services:\n" + "- {type: web}\n" * 10_000)
    assert str(too_many.reason).startswith("too_complex")


def test_values_never_leave_and_names_are_clean() -> None:
    """Values of variables, HTML and line breaks in names, NUL and lone surrogates."""
    finding = parse_blueprint(
        "services:\n"
        "- type: web\n"
        '  name: "<img src=x>\\n\\0\\ud800\\u202Eevil"\n'
        "  envVars:\n"
        "  - {key: API_TOKEN, value: hunter2, previewValue: hunter3}\n"
        "  - {key: OTHER, value: hunter4}\n"
    )
    text = json.dumps(finding.__dict__, ensure_ascii=False)
    assert "hunter" not in text
    assert finding.services[0]["name"] == "<img src=x> evil"
    text.encode()


def test_inline_secrets_lower_the_quality() -> None:
    """A literal value lowers the score, sync: false and generateValue raise it."""
    template = "services: [{{type: web, name: a, envVars: [{{key: API_TOKEN, {}}}]}}]"
    literal = parse_blueprint(template.format("value: abc"))
    asked = parse_blueprint(template.format("sync: false"))
    made = parse_blueprint(template.format("generateValue: true"))
    none = parse_blueprint("services: [{type: web, name: a}]")
    assert literal.quality_score < none.quality_score < asked.quality_score == made.quality_score
    assert literal.quality_evidence["secrets"] == {
        "weight": 3.0, "passed": 0, "of": 1, "share": 0.0,
    }  # fmt: skip


def test_evidence_adds_up() -> None:
    """Every component is in the evidence and the score is made of nothing else."""
    finding = parse_blueprint(FULL.replace("healthCheckPath", "x"))
    parts = finding.complexity_evidence
    assert set(parts) == set(COMPLEXITY_RULES)
    assert sum(part["points"] for part in parts.values()) == finding.complexity_score
    checks = {name: finding.quality_evidence[name] for name in QUALITY_RULES}
    applied = [check for check in checks.values() if check["share"] is not None]
    mean = sum(c["weight"] * c["share"] for c in applied) / sum(c["weight"] for c in applied)
    assert finding.quality_score == pytest.approx(mean, abs=0.001)


WEB = "services: [{type: web, name: a, runtime: node, %s}]"


@pytest.mark.parametrize(
    ("text", "is_well_formed"),
    [
        (WEB % "envVars: [{key: A, value: ''}, {key: B, sync: false}, {key: C, generateValue: true}]", 1),
        (WEB % "envVars: [{fromGroup: g}, {key: D, fromDatabase: {name: d, property: host}}]", 1),
        (WEB % "envVars: [{key: E, fromService: {type: web, name: s, envVarKey: X}}]", 1),
        (WEB % "envVars: [{key: A}]", 0),
        (WEB % "envVars: [{key: A, value: }]", 0),
        (WEB % "envVars: [{key: A, previewValue: x}]", 0),
        (WEB % "envVars: [{value: x}]", 0),
        (WEB % "envVars: [{key: A, fromDatabase: {name: d}}]", 0),
        (WEB % "envVars: [{key: A, fromService: {name: s}}]", 0),
        (WEB % "envVars: [{key: A, fromGroup: g}]", 0),
        (WEB % "disk: {name: d}", 0),
        (WEB % "image: {creds: x}", 0),
        (WEB % "routes: [{type: rewrite, source: /*}]", 0),
        ("services: [{type: web, name: a}]", 0),
        ("services: [{type: web, name: a, env: node}]", 1),
        ("services: [{type: web, name: a, runtime: nodejs}]", 0),
        ("services: [{type: web, name: a, env: java}]", 0),
        ("services: [{type: web, name: a, env: Docker, plan: Starter Plus, region: mars}]", 1),
        (WEB % "envVars: [{key: A, value: b, previewValue: c}]", 1),
        (WEB % "envVars: [{key: A, value: b, previewEnviromentValue: c}]", 0),
        ("services: [{type: cron, name: a, runtime: node}]", 0),
        ("services: [{type: keyvalue, name: a}]", 0),
        ("services: [{type: keyvalue, name: a, ipAllowList: []}]", 1),
        ("envVarGroups: [{name: g}]", 0),
        ("envVarGroups: [{name: g, envVars: [{key: A}]}]", 0),
        ("projects: [{name: p, environments: [{services: [{type: web, name: a, runtime: node}]}]}]", 0),
    ],
)  # fmt: skip
def test_well_formed_is_what_render_requires(text: str, is_well_formed: int) -> None:
    """A variable with a key and nothing that gives it a value counted as well formed; so did a
    runtime that Render does not have, and a variable's field that it does not know."""
    finding = parse_blueprint(text)
    assert finding.quality_evidence["well_formed"]["share"] == is_well_formed, text


def test_duplicate_keys_are_evidence() -> None:
    """A key written twice is shown and lowers the quality."""
    finding = parse_blueprint("services: [{type: web, name: a, plan: x, plan: y}]")
    assert finding.services[0]["plan"] == "y"
    assert finding.quality_evidence["duplicate_keys"] == ["plan"]
    assert finding.quality_evidence["well_formed"]["share"] == 0


@pytest.mark.parametrize(
    ("yaml", "yml", "status", "path"),
    [
        ("services: [{type: web}]", None, "valid", "render.yaml"),
        (None, "services: [{type: web}]", "valid", "render.yml"),
        ("scene: 1", "services: [{type: web}]", "valid", "render.yml"),
        ("scene: 1", None, "invalid", "render.yaml"),
        (None, None, "absent", None),
    ],
)
def test_both_file_names(yaml: str | None, yml: str | None, status: str, path: str | None) -> None:
    """render.yml counts as render.yaml does; a valid file wins."""
    finding = find_blueprint(_files(yaml=yaml, yml=yml))
    assert (finding["status"], finding["path"]) == (status, path)


@pytest.mark.parametrize(
    ("entry", "status", "reason"),
    [
        ({"status": "unknown", "reason": "timeout"}, "unknown", "timeout"),
        ({"status": "too_large", "text": None}, "invalid", "too_large"),
        ({"status": "binary", "text": None}, "invalid", "binary"),
        ({"status": "not_a_file", "text": None}, "invalid", "not_a_file"),
        ({"status": "found", "text": None}, "invalid", "no_text"),
        ({}, "unknown", "unknown"),
        ({"status": "a status of tomorrow"}, "unknown", "unknown"),
    ],
)
def test_unread_is_not_absent(entry: dict[str, Any], status: str, reason: str) -> None:
    """Typed results stay apart; an unread file is never an absence."""
    finding = find_blueprint({"render.yaml": entry, "render.yml": {"status": "absent"}})
    assert (finding["status"], finding["reason"]) == (status, reason)


def test_a_path_nobody_asked_for_is_unknown() -> None:
    """Unknown is not absent."""
    finding = find_blueprint({"render.yaml": {"status": "absent"}})
    assert (finding["status"], finding["reason"]) == ("unknown", "not_read")


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("DJANGO_SECRET_KEY", True),
        ("openai_api_key", True),
        ("ELASTIC_PASSWORD", True),
        ("POSTGRES_PWD", True),
        ("LOGFIRE_TOKEN", True),
        ("FIREBASE_PRIVATE_KEY", True),
        ("MAX_TOKENS", False),
        ("TOKEN_EXPIRE_MINUTES", False),
        ("FLW_PUBLIC_KEY", False),
        ("KEYBOARD", False),
        ("PASSENGER_COUNT", False),
        ("NODE_ENV", False),
        ("DATABASE_URL", False),
    ],
)
def test_secret_names(name: str, secret: bool) -> None:
    """Names that hold secrets, and look-alikes."""
    assert looks_like_secret(name) is secret
