"""Files of a repository as they are stored, for tests of its manifests."""

from __future__ import annotations

import json
from typing import Any

from trender_assets.trending.detection.workspaces import COVERAGE, COVERAGE_VERSION


def found(text: str | dict[str, Any]) -> dict[str, Any]:
    """A manifest that was read."""
    return {"status": "found", "text": text if isinstance(text, str) else json.dumps(text)}


def files_of(
    root: str | dict[str, Any] | None, **more: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """A repository whose whole tree was looked at, with its root manifest and more."""
    files = {
        "package.json": {"status": "absent"} if root is None else found(root),
        "pnpm-workspace.yaml": {"status": "absent"},
        COVERAGE: {"status": "found", "reason": "all were read", "version": COVERAGE_VERSION},
    }
    return files | more
