"""A Blueprint's mapping → typed services, databases and counts; values of variables never enter.

Define a field here when the findings need more of a Blueprint. Scores belong to
`blueprint_scores`, the verdict on a file to `blueprint`. Shapes follow Render's published schema
(`render.com/schema/render.yaml.json`) and what real files do beside it: legacy `env:` for
`runtime:`, `type: redis`, `type: static`, `projects[].environments[]`, `ungrouped`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from trender_assets.trending.detection.labels import label
from trender_assets.trending.detection.secret_names import looks_like_secret

SERVICE_TYPES = frozenset(("web", "pserv", "worker", "cron", "keyvalue", "workflow", "static"))
LEGACY_TYPES = {"redis": "keyvalue"}
MAX_LINKS_SHOWN = 50
_WITH_RUNTIME = frozenset(("web", "pserv", "worker", "cron"))
# Parts of a service, and what Render's schema requires of each.
_PARTS = {
    "disk": ("name", "mountPath"),
    "image": ("url",),
    "headers": ("path", "name", "value"),
    "routes": ("type", "source", "destination"),
}
_SAFE_SOURCES = ("fromDatabase", "fromService", "fromGroup")
# As Render's schema of October 2025 lists them. Plans, regions and the fields of services are held
# against no list: Render adds to these and keeps older names.
_RUNTIMES = frozenset(
    ("docker", "elixir", "go", "image", "node", "python", "ruby", "rust", "static")
)  # fmt: skip
_VARIABLE_FIELDS = frozenset(
    ("key", "value", "generateValue", "sync", "previewValue", *_SAFE_SOURCES)
)


@dataclass(frozen=True)
class Service:
    """One service of a Blueprint.

    Attributes:
        name: Its name, cleaned.
        type: Render's type with aliases resolved; `static` for a static site, `unknown:<type>`
            for anything else.
        runtime: `runtime`, or the legacy `env`.
        plan: The instance type as written.
        region: The region as written.
        schedule: A cron service's schedule.
        build_command: Whether a build command is stated.
        start_command: Whether a start command is stated.
        health_check: Whether a health check path is stated.
        scaling: Whether instances or autoscaling are stated.
        publish_path: Whether a static site says what it publishes.
        links: Names of services and databases that its variables read from.
        legacy: Whether it uses deprecated spellings (`env:`, `type: redis`, `type: static`).
    """

    name: str
    type: str
    runtime: str | None
    plan: str | None
    region: str | None
    schedule: str | None
    build_command: bool
    start_command: bool
    health_check: bool
    scaling: bool
    publish_path: bool
    links: tuple[str, ...]
    legacy: bool


@dataclass
class Blueprint:
    """What a Blueprint declares, `projects` and `ungrouped` flattened.

    Attributes:
        services: Services in the order of the file.
        databases: `(name, plan)` of the PostgreSQL databases.
        env_groups: Number of environment groups.
        projects: Number of projects.
        previews: Whether preview environments are on (`previews.generation` other than `off`, or
            the legacy `previewsEnabled: true`).
        secrets_safe: Secret-looking variables whose value is asked, generated or referred to.
        secrets_inline: Secret-looking variables with a literal value in the file.
        malformed: Entries that are not what they should be.
        legacy_previews: Whether previews are declared in the deprecated way.
    """

    services: list[Service] = field(default_factory=list)
    databases: list[tuple[str, str | None]] = field(default_factory=list)
    env_groups: int = 0
    projects: int = 0
    previews: bool = False
    secrets_safe: int = 0
    secrets_inline: int = 0
    malformed: int = 0
    legacy_previews: bool = False


def read_blueprint(document: Mapping[str, Any]) -> Blueprint:
    """Everything that the mapping declares.

    Args:
        document: The parsed file; all scalars are text.

    Returns:
        The Blueprint; empty when nothing in the mapping is one.
    """
    blueprint = Blueprint()
    for resources in _resources(document, blueprint):
        for entry in _entries(resources, "services", blueprint):
            _read_service(entry, blueprint)
        for entry in _entries(resources, "databases", blueprint):
            name = label(entry.get("name"))
            blueprint.malformed += name is None
            blueprint.databases.append((name or "", label(entry.get("plan"))))
        for entry in _entries(resources, "envVarGroups", blueprint):
            blueprint.env_groups += 1
            blueprint.malformed += not _has_all(entry, "name", "envVars")
            _read_variables(entry, blueprint)
    previews = document.get("previews")
    generation = previews.get("generation") if isinstance(previews, Mapping) else None
    blueprint.legacy_previews = "previewsEnabled" in document
    blueprint.previews = generation in ("automatic", "manual") or (
        str(document.get("previewsEnabled")).lower() in ("true", "yes", "on")
    )
    return blueprint


def _resources(document: Mapping[str, Any], blueprint: Blueprint) -> Iterator[Mapping[str, Any]]:
    """The mappings that may hold services: the root, `ungrouped`, every environment."""
    yield document
    ungrouped = document.get("ungrouped")
    if isinstance(ungrouped, Mapping):
        yield ungrouped
    for project in _entries(document, "projects", blueprint):
        blueprint.projects += 1
        blueprint.malformed += not _has_all(project, "name", "environments")
        for environment in _entries(project, "environments", blueprint):
            blueprint.malformed += not _has_all(environment, "name")
            yield environment


def _entries(
    holder: Mapping[str, Any], key: str, blueprint: Blueprint
) -> Iterator[Mapping[str, Any]]:
    """The mappings of a list; everything else under the key counts as malformed."""
    value = holder.get(key)
    if value is None:
        return
    if not isinstance(value, list):
        blueprint.malformed += 1
        return
    for entry in value:
        if isinstance(entry, Mapping):
            yield entry
        else:
            blueprint.malformed += 1


def _read_service(entry: Mapping[str, Any], blueprint: Blueprint) -> None:
    written = label(entry.get("type"))
    runtime = label(entry.get("runtime"))
    legacy_runtime = label(entry.get("env"))
    kind = LEGACY_TYPES.get(written or "", written or "missing")
    if kind == "web" and (runtime or legacy_runtime) == "static":
        kind = "static"
    name = label(entry.get("name"))
    blueprint.malformed += written is None
    blueprint.malformed += name is None
    blueprint.malformed += _missing_parts(entry, kind, runtime or legacy_runtime)
    blueprint.services.append(
        Service(
            name=name or "",
            type=kind if kind in SERVICE_TYPES else f"unknown:{kind}",
            runtime=runtime or legacy_runtime,
            plan=label(entry.get("plan")),
            region=label(entry.get("region")),
            schedule=label(entry.get("schedule")),
            build_command=_is_stated(entry, "buildCommand"),
            start_command=_is_stated(entry, "startCommand", "dockerCommand"),
            health_check=_is_stated(entry, "healthCheckPath"),
            scaling=isinstance(entry.get("scaling"), Mapping) or _is_stated(entry, "numInstances"),
            publish_path=_is_stated(entry, "staticPublishPath"),
            links=_read_variables(entry, blueprint),
            legacy=written in ("redis", "static") or legacy_runtime is not None,
        )
    )


def _read_variables(holder: Mapping[str, Any], blueprint: Blueprint) -> tuple[str, ...]:
    """Count secret-looking variables by how they get their value; return what they refer to."""
    links: dict[str, None] = {}
    for variable in _entries(holder, "envVars", blueprint):
        for source in ("fromDatabase", "fromService"):
            target = variable.get(source)
            name = label(target.get("name")) if isinstance(target, Mapping) else None
            if name is not None and len(links) < MAX_LINKS_SHOWN:
                links[name] = None
        key = variable.get("key")
        blueprint.malformed += not (
            _has_a_source(variable) and _VARIABLE_FIELDS.issuperset(variable)
        )
        if not isinstance(key, str) or not looks_like_secret(key):
            continue
        if _is_stated(variable, "value"):
            blueprint.secrets_inline += 1
        elif (
            str(variable.get("sync")).lower() == "false"
            or str(variable.get("generateValue")).lower() == "true"
            or any(isinstance(variable.get(source), Mapping | str) for source in _SAFE_SOURCES)
        ):
            blueprint.secrets_safe += 1
    return tuple(links)


def _missing_parts(entry: Mapping[str, Any], kind: str, runtime: str | None) -> int:
    """How many parts a service lacks, or has another way, that Render's schema requires of it."""
    missing = kind in _WITH_RUNTIME and (runtime or "").lower() not in _RUNTIMES
    missing += kind == "cron" and not _has_all(entry, "schedule")
    # An empty list is an answer: nobody may connect from outside.
    missing += kind == "keyvalue" and not isinstance(entry.get("ipAllowList"), list)
    for part, required in _PARTS.items():
        value = entry.get(part)
        items = value if isinstance(value, list) else [] if value is None else [value]
        missing += sum(
            not (isinstance(item, Mapping) and _has_all(item, *required)) for item in items
        )
    return missing


def _has_a_source(variable: Mapping[str, Any]) -> bool:
    """Whether a variable has a value, is generated, asked for, or read from somewhere."""
    if "fromGroup" in variable:
        return label(variable["fromGroup"]) is not None and "key" not in variable
    if label(variable.get("key")) is None:
        return False
    database, service = variable.get("fromDatabase"), variable.get("fromService")
    if isinstance(database, Mapping):
        return _has_all(database, "name", "property")
    if isinstance(service, Mapping):
        return _has_all(service, "name") and _is_stated(service, "property", "envVarKey")
    return (
        isinstance(variable.get("value"), str)
        or str(variable.get("generateValue")).lower() == "true"
        or str(variable.get("sync")).lower() in ("true", "false")
    )


def _has_all(entry: Mapping[str, Any], *keys: str) -> bool:
    return all(_is_stated(entry, key) for key in keys)


def _is_stated(entry: Mapping[str, Any], *keys: str) -> bool:
    """Whether one of the keys has a value that is not empty."""
    return any(entry.get(key) not in (None, "", [], {}) for key in keys)
