"""A repository's files → everything that `staging.repo_file_findings` says about them.

Define a finding here when a further kind of file is read. What each finding means belongs to its
own module; what it is worth (categories, scores across repositories) belongs to SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from trender_assets.trending.detection.blueprint import BlueprintFinding, find_blueprint
from trender_assets.trending.detection.deployment import find_deployment
from trender_assets.trending.detection.nextjs import find_nextjs
from trender_assets.trending.detection.repository_file import Files

# Raise it when a finding of the same files changes: findings are then computed again.
DETECTOR_VERSION = 3


@dataclass(frozen=True)
class Findings:
    """What a repository's files say; plain JSON objects.

    Attributes:
        blueprint: See `blueprint.BlueprintFinding`.
        nextjs: See `nextjs.find_nextjs`.
        deployment: See `deployment.find_deployment`.
    """

    blueprint: dict[str, Any]
    nextjs: dict[str, Any]
    deployment: dict[str, Any]


def detect(files: Files, full_name: str | None = None) -> Findings:
    """Read a repository's files.

    Args:
        files: `raw_repo_files.files`: path → `{status, oid, byteSize, text, reason}`.
        full_name: `owner/name`; without it a deploy button's own link is kept as written.

    Returns:
        The findings. No exception leaves this function: a reader that fails makes its own
        finding unknown with the reason `detector_error`, and the other findings stand.
    """
    blueprint = _guarded(
        lambda: find_blueprint(files),
        lambda reason: asdict(BlueprintFinding("unknown", reason)),
    )
    nextjs = _guarded(
        lambda: find_nextjs(files),
        lambda reason: {"verdict": "unknown", "reason": reason, "evidence": []},
    )
    deployment = _guarded(
        lambda: find_deployment(files, blueprint, full_name),
        lambda reason: {
            "has_deploy_button": None,
            "deploy_button_url": None,
            "readme_mentions_render": None,
            "dockerfile_render_hints": [],
            "platforms": dict.fromkeys(("render", "vercel", "railway", "fly")),
            "documentation_score": None,
            "documentation_evidence": {"readme": reason},
        },
    )
    return Findings(blueprint, nextjs, deployment)


def _guarded(
    find: Callable[[], dict[str, Any]], unknown: Callable[[str], dict[str, Any]]
) -> dict[str, Any]:
    try:
        return find()
    except Exception as error:
        return unknown(f"detector_error: {type(error).__name__}")
