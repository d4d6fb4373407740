"""render.yaml files with the truth about them, stated where they are written.

Define a Blueprint text here together with its truth: status, services by type, databases.
Nothing here parses YAML, so a wrong parser elsewhere cannot agree with itself.
"""

from __future__ import annotations

import json
from collections import Counter

from github_simulator.world.chance import between, draw, pick, unit
from github_simulator.world.model import Truth

RUNTIMES = {"Python": "python", "TypeScript": "node", "Go": "go"}
PLANS = ("free", "starter", "standard", "pro")
REGIONS = ("oregon", "frankfurt", "ohio", "singapore", "virginia")


def truth(status: str, services: Counter[str] | dict[str, int], databases: int) -> Truth:
    """The truth about a Blueprint: valid, invalid or absent, with counts by service type."""
    return {
        "status": status,
        "services": dict(sorted(services.items())),
        "service_count": sum(services.values()),
        "databases": databases,
    }


def ordinary(key: int, name: str, language: str | None) -> tuple[str, Truth]:
    """A valid Blueprint as people write it: a web service and some of the rest."""
    runtime = RUNTIMES.get(language or "", "docker")
    region = pick(REGIONS, key, 1)
    lines = ["services:"]
    counts: Counter[str] = Counter()
    word = "env" if unit(key, 2) < 0.2 else "runtime"
    has_database = unit(key, 3) < 0.55
    _service(lines, "web", f"{name}-web", runtime, word, region, pick(PLANS, key, 4))
    lines += ["    healthCheckPath: /healthz", "    envVars:", "      - key: SECRET_KEY"]
    lines += ["        generateValue: true"]
    if has_database:
        lines += [
            "      - key: DATABASE_URL",
            "        fromDatabase:",
            f"          name: {name}-db",
        ]
        lines += ["          property: connectionString"]
    counts["web"] += 1
    for kind, chance in (("worker", 0.35), ("pserv", 0.12)):
        if unit(key, draw(key, len(kind))) < chance:
            _service(lines, kind, f"{name}-{kind}", runtime, word, region, "starter")
            counts[kind] += 1
    if unit(key, 7) < 0.25:
        _service(lines, "cron", f"{name}-nightly", runtime, word, region, "starter")
        lines += ['    schedule: "0 3 * * *"']
        counts["cron"] += 1
    if unit(key, 8) < 0.35:
        kind = "redis" if unit(key, 9) < 0.3 else "keyvalue"
        lines += [f"  - type: {kind}", f"    name: {name}-cache", "    ipAllowList: []"]
        counts["keyvalue"] += 1
    if unit(key, 10) < 0.2:
        lines += ["  - type: web", f"    name: {name}-site", f"    {word}: static"]
        lines += ["    buildCommand: npm run build", "    staticPublishPath: ./dist"]
        counts["static"] += 1
    databases = 0
    if has_database:
        databases = between(1, 2, key, 11)
        lines += ["databases:"]
        for number in range(databases):
            lines += [
                f"  - name: {name}-db{'' if number == 0 else number}",
                "    plan: basic-256mb",
            ]
    if unit(key, 12) < 0.15:
        lines += ["envVarGroups:", f"  - name: {name}-settings", "    envVars:"]
        lines += ["      - key: LOG_LEVEL", "        value: info"]
    if unit(key, 13) < 0.15:
        lines += ["previews:", "  generation: automatic"]
    return "\n".join(lines) + "\n", truth("valid", counts, databases)


def _service(
    lines: list[str], kind: str, name: str, runtime: str, word: str, region: str, plan: str
) -> None:
    lines += [f"  - type: {kind}", f"    name: {name}", f"    {word}: {runtime}"]
    lines += [f"    region: {region}", f"    plan: {plan}"]
    if runtime != "docker":
        lines += ["    buildCommand: ./build.sh", "    startCommand: ./start.sh"]


def nested(name: str) -> tuple[str, Truth]:
    """Services and databases inside projects and environments, and ungrouped ones."""
    text = f"""projects:
  - name: {name}
    environments:
      - name: production
        services:
          - type: web
            name: {name}-prod
            runtime: node
          - type: worker
            name: {name}-prod-worker
            runtime: node
        databases:
          - name: {name}-prod-db
      - name: staging
        services:
          - type: web
            name: {name}-staging
            runtime: node
ungrouped:
  services:
    - type: cron
      name: {name}-report
      runtime: python
      schedule: "*/30 * * * *"
"""
    return text, truth("valid", {"web": 2, "worker": 1, "cron": 1}, 1)


def as_json(name: str) -> tuple[str, Truth]:
    """JSON is YAML: a valid Blueprint written as JSON."""
    value = {
        "services": [
            {"type": "web", "name": name, "runtime": "node"},
            {"type": "static", "name": f"{name}-site"},
        ],
        "databases": [{"name": f"{name}-db"}],
    }
    return json.dumps(value, indent=2), truth("valid", {"web": 1, "static": 1}, 1)


def many(name: str, number: int = 140) -> tuple[str, Truth]:
    """More services than a page shows, one with HTML in its name, one of an unknown type."""
    lines = ["services:", "  - type: web", '    name: "<img src=x onerror=alert(1)>"']
    lines += ["    runtime: node", "  - type: teleporter", f"    name: {name}-odd"]
    for index in range(number):
        lines += [
            "  - type: worker",
            f"    name: {name}-{index}",
            "    runtime: go",
            "    envVars:",
        ]
        lines += ["      - key: API_TOKEN", f"        value: not-a-real-secret-{index}"]
    counts = {"web": 1, "worker": number, "unknown:teleporter": 1}
    return "\n".join(lines) + "\n", truth("valid", counts, 0)


def alias_bomb() -> str:
    """Billion laughs: small to parse, exponential to walk."""
    lines = ["a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    for previous, current in zip("abcdefgh", "bcdefghi", strict=True):
        refs = ", ".join([f"*{previous}"] * 9)
        lines.append(f"{current}: &{current} [{refs}]")
    return "\n".join(lines) + "\nservices: *i\n"


def refused() -> dict[str, str]:
    """Texts that are no Blueprint, by what is wrong with them."""
    return {
        "broken": "services:\n  - type: web\n   name: [unclosed\n",
        "alias-bomb": alias_bomb(),
        "deep-brackets": "[" * 100_000,
        "python-tag": "services: !!python/object/apply:os.system ['true']\n",
        "list-root": "- type: web\n  name: listed\n",
        "other-tool": "scene: cube.obj\nsamples: 128\noutput: frame.png\n",
        "scalar": "just a note\n",
        "empty": "",
    }


REFUSED: Truth = truth("invalid", {}, 0)
ABSENT_DATA: Truth = truth("absent", {}, 0)
