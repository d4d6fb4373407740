"""How complex a Blueprint is (0–10) and how well it is written (0–1), with every component.

Define a component here when another property of a Blueprint should count. Both scales are
Trender's own (the draft asks for them without a formula); a page that explains them quotes
`COMPLEXITY_RULES` and `QUALITY_RULES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trender_assets.trending.detection.blueprint_reading import Blueprint, Service

COMPLEXITY_RULES: Mapping[str, str] = {
    "services": "1 point for one or two services, 2 for three or more",
    "diversity": "1 point for each kind of service beyond the first, at most 2",
    "links": "1 point when services read from others, 2 from four links on",
    "databases": "1 point for a PostgreSQL database",
    "env_groups": "1 point for an environment group",
    "previews": "1 point for preview environments",
    "projects": "1 point for projects with environments",
}
QUALITY_RULES: Mapping[str, tuple[float, str]] = {
    "secrets": (3.0, "secret-looking variables that are asked, generated or referred to"),
    "health_check": (2.0, "web services with a health check path"),
    "commands": (2.0, "services with the commands or paths that their runtime needs"),
    "plan": (1.0, "services and databases that state a plan or scaling"),
    "region": (1.0, "services that state a region"),
    "well_formed": (
        1.0,
        "no unknown types or runtimes, every part that Render requires, no key written twice",
    ),
    "current": (1.0, "services and previews in current spelling, not the deprecated one"),
}
_SELF_BUILT = ("docker", "image")


@dataclass(frozen=True)
class Score:
    """A score and what it is made of.

    Attributes:
        value: The score.
        evidence: Component → what it contributed and from what.
    """

    value: float
    evidence: dict[str, object]


def complexity(blueprint: Blueprint) -> Score:
    """Points from 0 to 10, the sum of the components in `COMPLEXITY_RULES`.

    Args:
        blueprint: What the file declares.

    Returns:
        An integer score; evidence maps each component to `{"points", "count"}`.
    """
    services = len(blueprint.services)
    kinds = len({service.type for service in blueprint.services})
    links = sum(len(service.links) for service in blueprint.services)
    parts = {
        "services": (min(services, 1) + (services >= 3), services),
        "diversity": (min(max(kinds - 1, 0), 2), kinds),
        "links": (min(links, 1) + (links >= 4), links),
        "databases": (min(len(blueprint.databases), 1), len(blueprint.databases)),
        "env_groups": (min(blueprint.env_groups, 1), blueprint.env_groups),
        "previews": (int(blueprint.previews), int(blueprint.previews)),
        "projects": (min(blueprint.projects, 1), blueprint.projects),
    }
    return Score(
        value=sum(points for points, _ in parts.values()),
        evidence={
            name: {"points": points, "count": count} for name, (points, count) in parts.items()
        },
    )


def quality(blueprint: Blueprint, duplicate_keys: int) -> Score:
    """The weighted mean of the shares in `QUALITY_RULES`; what does not apply is left out.

    Args:
        blueprint: What the file declares.
        duplicate_keys: How many keys are written twice.

    Returns:
        0–1, three decimals; evidence maps each component to `{"weight", "passed", "of", "share"}`,
        share None where it does not apply.
    """
    services = blueprint.services
    secrets = blueprint.secrets_safe + blueprint.secrets_inline
    web = [service for service in services if service.type == "web"]
    built = [service for service in services if _needs_commands(service)]
    priced = [service for service in services if service.type not in ("static", "workflow")]
    plans = sum(s.plan is not None or s.scaling for s in priced)
    plans += sum(plan is not None for _, plan in blueprint.databases)
    located = [service for service in services if service.type != "static"]
    unknown = sum(service.type.startswith("unknown:") for service in services)
    flaws = unknown + blueprint.malformed + duplicate_keys
    current = len(services) + blueprint.legacy_previews
    parts = {
        "secrets": (blueprint.secrets_safe, secrets),
        "health_check": (sum(service.health_check for service in web), len(web)),
        "commands": (sum(_has_commands(service) for service in built), len(built)),
        "plan": (plans, len(priced) + len(blueprint.databases)),
        "region": (sum(service.region is not None for service in located), len(located)),
        "well_formed": (int(flaws == 0), 1),
        "current": (sum(not service.legacy for service in services), current),
    }
    total = weights = 0.0
    evidence: dict[str, object] = {}
    for name, (passed, of) in parts.items():
        weight = QUALITY_RULES[name][0]
        share = passed / of if of else None
        evidence[name] = {
            "weight": weight,
            "passed": passed,
            "of": of,
            "share": None if share is None else round(share, 3),
        }
        if share is not None:
            total += weight * share
            weights += weight
    return Score(round(total / weights, 3), evidence)


def _needs_commands(service: Service) -> bool:
    """Images and Dockerfiles carry their own commands, Key Value has none."""
    return service.type != "keyvalue" and service.runtime not in _SELF_BUILT


def _has_commands(service: Service) -> bool:
    if service.type == "static":
        return service.publish_path
    return service.build_command and service.start_command
