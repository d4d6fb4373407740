"""How good the followed Blueprints are, and which need attention.

Define here what is amiss with a Blueprint. Whether it was ever deployed has no public source:
GitHub shows the file, only its owner and Render know the deploys.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

NOT_MEASURABLE = (
    "not measurable: deploys of other people's services are known to their owners and to Render "
    "only, there is no public source"
)
LOW_QUALITY = 0.5
LOW_DOCUMENTATION = 0.5
QUIET_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Blueprint:
    """One Render repository with what its files say."""

    repo_id: int
    repo_full_name: str
    render_category: str | None
    blueprint_status: str
    blueprint_reason: str | None
    blueprint_quality: float | None
    documentation_score: float | None
    render_complexity_score: int | None
    service_count: int | None
    database_count: int | None
    has_blueprint_button: bool | None
    stars: int | None
    stars_gained_7d: int | None
    pushed_at: datetime | None
    is_archived: bool
    as_of: datetime


def attention(blueprint: Blueprint) -> tuple[str, ...]:
    """What is amiss, in words; what is not known is not held against it."""
    found: list[str] = []
    if blueprint.blueprint_status == "invalid":
        found.append("its render.yaml is not a valid Blueprint")
    if blueprint.blueprint_status == "absent" and blueprint.render_category == "blueprint":
        found.append("it offers a deploy button but no render.yaml")
    quality, documentation = blueprint.blueprint_quality, blueprint.documentation_score
    if quality is not None and quality < LOW_QUALITY:
        found.append(f"Blueprint quality {quality:.2f} is below {LOW_QUALITY}")
    if documentation is not None and documentation < LOW_DOCUMENTATION:
        found.append(f"documentation {documentation:.2f} is below {LOW_DOCUMENTATION}")
    if blueprint.blueprint_status == "valid" and blueprint.has_blueprint_button is False:
        found.append("its README has no deploy button")
    if blueprint.is_archived:
        found.append("it is archived")
    elif blueprint.pushed_at and blueprint.as_of - blueprint.pushed_at > QUIET_AFTER:
        found.append("nothing was pushed for a year")
    return tuple(found)
