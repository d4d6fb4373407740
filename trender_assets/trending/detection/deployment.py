"""README, Dockerfile and platform files → how and where a repository is meant to run.

Define a platform here when its file at the root proves it. What a README or a Dockerfile says is
read by `readme`, `documentation` and `dockerfile`, a Blueprint by `blueprint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trender_assets.trending.detection.dockerfile import render_hints
from trender_assets.trending.detection.documentation import judge_documentation
from trender_assets.trending.detection.readme import find_button, mentions_render, parse_readme
from trender_assets.trending.detection.repository_file import Files, read

README = "README.md"
DOCKERFILE = "Dockerfile"
PLATFORM_FILES: Mapping[str, tuple[str, ...]] = {
    "vercel": ("vercel.json",),
    "railway": ("railway.json", "railway.toml"),
    "fly": ("fly.toml",),
}


def find_deployment(
    files: Files, blueprint: Mapping[str, Any], full_name: str | None
) -> dict[str, Any]:
    """The `deployment` object of `staging.repo_file_findings`.

    Args:
        files: The repository's files as raw keeps them.
        blueprint: The finding about the Blueprint.
        full_name: `owner/name`, to recognise a button that leads to the repository itself.

    Returns:
        Null wherever the file could not be read; a README that is absent has no button, mentions
        nothing and documents nothing.
    """
    readme = read(files, README)
    dockerfile = read(files, DOCKERFILE)
    finding: dict[str, Any] = {
        "has_deploy_button": None,
        "deploy_button_url": None,
        "readme_mentions_render": None,
        "dockerfile_render_hints": render_hints(dockerfile.text or ""),
        "platforms": {"render": _renders(blueprint)}
        | {name: _any_exists(files, paths) for name, paths in PLATFORM_FILES.items()},
        "documentation_score": None,
        "documentation_evidence": {"readme": readme.problem},
    }
    if readme.status == "absent" or readme.text is not None:
        is_cut = readme.status == "too_large"
        parsed = parse_readme(readme.text or "", readme.reason or README, is_cut=is_cut)
        button = find_button(parsed, full_name)
        finding |= {
            "has_deploy_button": button.present,
            "deploy_button_url": button.url,
            "readme_mentions_render": mentions_render(parsed.page),
        }
        if parsed.problem:
            finding["documentation_evidence"] = {"readme": parsed.problem}
        else:
            documentation = judge_documentation(parsed, bool(button.present))
            finding["documentation_score"] = documentation.score
            finding["documentation_evidence"] = documentation.evidence | {"readme": readme.status}
    return finding


def _renders(blueprint: Mapping[str, Any]) -> bool | None:
    """Whether the root holds a Blueprint: other tools use the name render.yaml too.

    None when the file was not read, or was refused before it could be told apart.
    """
    if blueprint["status"] == "valid":
        return True
    reason = str(blueprint["reason"] or "")
    told_apart = reason.startswith(("not_a_", "binary", "empty"))
    return False if blueprint["status"] == "absent" or told_apart else None


def _any_exists(files: Files, paths: tuple[str, ...]) -> bool | None:
    answers = [read(files, path).exists for path in paths]
    if True in answers:
        return True
    return None if None in answers else False
