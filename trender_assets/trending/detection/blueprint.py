"""render.yaml text → the finding about a repository's Blueprint, or why there is none.

Define a verdict here when a file can fail to be a Blueprint in a new way. What a Blueprint
declares is read by `blueprint_reading`, judged by `blueprint_scores`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from trender_assets.trending.detection import safe_yaml
from trender_assets.trending.detection.blueprint_reading import Blueprint, Service, read_blueprint
from trender_assets.trending.detection.blueprint_scores import complexity, quality
from trender_assets.trending.detection.repository_file import Files, RepositoryFile, read

BLUEPRINT_PATHS = ("render.yaml", "render.yml")
SHOWN = 100
SHOWN_TYPES = 30
_SERVICE_FIELDS = (
    "name", "type", "runtime", "plan", "region", "schedule", "build_command", "start_command",
    "links",
)  # fmt: skip


@dataclass(frozen=True)
class BlueprintFinding:
    """The `blueprint` object of `staging.repo_file_findings`.

    Attributes:
        status: `valid`, `invalid`, `absent`, or `unknown` when no file could be read.
        reason: Why it is not valid; None when valid.
        path: The file that the verdict is about.
        blob_sha: Git's object id of that file.
        services: Up to 100 services; `service_count` is the true number.
        service_types: Type → number, at most 30 types.
        databases: Up to 100 `{"name", "plan"}`; `database_count` is the true number.
        env_groups: Number of environment groups.
        projects: Number of projects.
        previews: Whether preview environments are on.
        complexity_score: 0–10.
        quality_score: 0–1; 0 when there is no valid Blueprint.
    """

    status: str
    reason: str | None
    path: str | None = None
    blob_sha: str | None = None
    services: list[dict[str, Any]] = field(default_factory=list)
    service_count: int = 0
    service_types: dict[str, int] = field(default_factory=dict)
    databases: list[dict[str, Any]] = field(default_factory=list)
    database_count: int = 0
    env_groups: int = 0
    projects: int = 0
    previews: bool = False
    complexity_score: int = 0
    complexity_evidence: dict[str, Any] = field(default_factory=dict)
    quality_score: float = 0.0
    quality_evidence: dict[str, Any] = field(default_factory=dict)


def find_blueprint(files: Files) -> dict[str, Any]:
    """The finding for a repository whose root may hold render.yaml or render.yml.

    A valid file wins; otherwise an unread one makes the answer unknown, then an invalid one
    invalid; only two known absences are an absence.

    Args:
        files: The repository's files as raw keeps them.
    """
    findings = [_judge(read(files, path)) for path in BLUEPRINT_PATHS]
    for status in ("valid", "unknown", "invalid"):
        for finding in findings:
            if finding.status == status:
                return asdict(finding)
    return asdict(BlueprintFinding("absent", "no render.yaml at the root"))


def parse_blueprint(
    text: str, path: str = "render.yaml", blob_sha: str | None = None
) -> BlueprintFinding:
    """The finding for one file's text.

    Args:
        text: The file's text, at most 256 KB; a longer one is refused unread.
        path: Its path, for the evidence.
        blob_sha: Its Git object id, for the evidence.

    Returns:
        `valid` with everything it declares, or `invalid` with the reason. Never an exception.
    """
    verdict = safe_yaml.load(text)
    if verdict.reason is not None:
        return BlueprintFinding("invalid", verdict.reason, path, blob_sha)
    if not isinstance(verdict.value, Mapping):
        kind = "list" if isinstance(verdict.value, list) else "text"
        return BlueprintFinding("invalid", f"not_a_mapping: a {kind}", path, blob_sha)
    blueprint = read_blueprint(verdict.value)
    if not _declares_anything(blueprint):
        reason = "not_a_blueprint: no services, databases, environment groups or projects"
        return BlueprintFinding("invalid", reason, path, blob_sha)
    how_complex = complexity(blueprint)
    how_good = quality(blueprint, len(verdict.duplicate_keys))
    types = Counter(service.type for service in blueprint.services)
    return BlueprintFinding(
        status="valid",
        reason=None,
        path=path,
        blob_sha=blob_sha,
        services=[_shown(service) for service in blueprint.services[:SHOWN]],
        service_count=len(blueprint.services),
        service_types=dict(types.most_common(SHOWN_TYPES)),
        databases=[{"name": name, "plan": plan} for name, plan in blueprint.databases[:SHOWN]],
        database_count=len(blueprint.databases),
        env_groups=blueprint.env_groups,
        projects=blueprint.projects,
        previews=blueprint.previews,
        complexity_score=int(how_complex.value),
        complexity_evidence=how_complex.evidence,
        quality_score=how_good.value,
        quality_evidence=how_good.evidence | {"duplicate_keys": list(verdict.duplicate_keys)},
    )


def _judge(file: RepositoryFile) -> BlueprintFinding:
    if file.is_unread:
        return BlueprintFinding("unknown", file.problem, file.path)
    if file.status == "absent":
        return BlueprintFinding("absent", None, file.path)
    if file.text is None or file.status != "found":
        return BlueprintFinding("invalid", file.problem, file.path, file.blob_sha)
    return parse_blueprint(file.text, file.path, file.blob_sha)


def _declares_anything(blueprint: Blueprint) -> bool:
    """A service needs a type and a database a name: other tools use render.yaml too."""
    return (
        any(service.type != "unknown:missing" for service in blueprint.services)
        or any(name for name, _ in blueprint.databases)
        or blueprint.env_groups > 0
    )


def _shown(service: Service) -> dict[str, Any]:
    row = asdict(service)
    return {name: list(row[name]) if name == "links" else row[name] for name in _SERVICE_FIELDS}
