"""A repository's own object: whether it is whole, gone or blocked.

Define here what a trustworthy Repository answer is. Metrics and files,
which come with it, belong to `activity`, `releases` and `files`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trender_assets.github.answers import Absent, Answer, Found, Unknown

KEYS = (
    "id", "databaseId", "nameWithOwner", "url", "description", "homepageUrl", "createdAt",
    "updatedAt", "pushedAt", "archivedAt", "isArchived", "isDisabled", "isEmpty", "isFork",
    "isMirror", "isPrivate", "isTemplate", "isLocked", "visibility", "hasIssuesEnabled",
    "stargazerCount", "forkCount", "diskUsage", "primaryLanguage", "licenseInfo", "owner",
    "parent", "watchers", "openIssues", "closedIssues", "openPRs", "mergedPRs", "releases",
    "repositoryTopics", "languages", "defaultBranchRef",
)  # fmt: skip
_TEXTS = ("id", "nameWithOwner", "url", "createdAt")
_COUNTS = ("databaseId", "stargazerCount", "forkCount")
_FLAGS = ("isArchived", "isDisabled", "isEmpty", "isFork", "isPrivate", "isTemplate")
_TOTALS = ("watchers", "openIssues", "closedIssues", "openPRs", "mergedPRs")
_OWN_FIELDS = frozenset(KEYS)
# What may be missing while the rest is true: nothing tells repositories or their versions apart
# by it.
_SIDE_FIELDS = frozenset(
    (*_TOTALS, "releases", "diskUsage", "languages", "updatedAt", "parent", "isMirror")
)


def core_of(
    node: Any, errors: Sequence[Mapping[str, Any]], problem: str | None
) -> Answer[dict[str, Any]]:
    """The raw layer's ``api_response``, exactly GitHub's values under `KEYS`.

    A side field that GitHub could not tell is left out and named in the answer's note.

    Args:
        node: The repository as answered, None when there is none.
        errors: GraphQL errors in it, their paths relative to it.
        problem: Why it could not be asked.
    """
    if problem:
        return Unknown(problem)
    if node is None:
        return _missing(errors)
    if not isinstance(node, dict) or node.get("__typename", "Repository") != "Repository":
        return Unknown("malformed: no repository")
    unread: dict[str, str] = {}
    for error in errors:
        path = error.get("path") or []
        if path and path[0] in _OWN_FIELDS:
            unread[path[0]] = str(error.get("message", "error"))[:200]
    for field, message in unread.items():
        if field not in _SIDE_FIELDS:
            return Unknown(f"{field}: {message}")
    flaw = _flaw({**node, **{field: {"totalCount": 0} for field in unread}})
    if flaw:
        return Unknown(f"malformed: {flaw}")
    note = ", ".join(f"{field}: {message}" for field, message in unread.items())
    return Found(
        {key: node.get(key) for key in KEYS if key not in unread},
        note=f"incomplete: {note}" if note else None,
    )


def may_be_blocked(core: Answer[dict[str, Any]]) -> bool:
    """Whether GraphQL found nothing, or refused it without saying whether that is for good."""
    match core:
        case Absent(reason):
            return reason == "not_found"
        case Unknown(reason):
            return reason.startswith("forbidden")
        case _:
            return False


def _missing(errors: Sequence[Mapping[str, Any]]) -> Answer[dict[str, Any]]:
    for error in errors:
        text = str(error.get("message", ""))
        if "dmca" in text.lower():
            return Absent("blocked_dmca")
        if "tos" in text.lower().split() or "terms of service" in text.lower():
            return Absent("blocked_tos")
        if error.get("type") == "NOT_FOUND":
            return Absent("not_found")
    if errors:
        kind = str(errors[0].get("type", "error")).lower()
        return Unknown(f"{kind}: {str(errors[0].get('message', ''))[:200]}")
    return Unknown("GitHub answered null and did not say why")


def _flaw(node: Mapping[str, Any]) -> str | None:
    for key in _TEXTS:
        if not isinstance(node.get(key), str) or not node[key]:
            return f"{key} is no text"
    for key in _COUNTS:
        value = node.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            return f"{key} is no count"
    for key in _FLAGS:
        if not isinstance(node.get(key), bool):
            return f"{key} is neither true nor false"
    for key in _TOTALS:
        total = node.get(key)
        if not isinstance(total, dict) or not isinstance(total.get("totalCount"), int):
            return f"{key} has no totalCount"
    owner = node.get("owner")
    if not isinstance(owner, dict) or not isinstance(owner.get("login"), str):
        return "owner has no login"
    return None
