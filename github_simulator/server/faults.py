"""Scripted faults: which requests go wrong, and how.

Define a kind of fault here. Carrying it out on the wire belongs to `wire`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

ACTIONS = {
    "status", "delay", "reset", "truncated_gzip", "html_502", "json_502", "rate_limited",
    "rate_limit", "secondary", "resource_limits", "gzip_bomb", "redirect", "content_type",
    "empty", "truncated_json", "incomplete_results", "hang", "skew", "body", "headers",
}  # fmt: skip


class BadFaultError(ValueError):
    """A fault script that cannot be understood."""


@dataclass
class Fault:
    """One scripted fault.

    Attributes:
        path: Regular expression searched in the path.
        method: The method, any when None.
        operation: The GraphQL operation's name.
        contains: Text that the body or query string must hold, such as a node id.
        nth: Only the n-th matching request (from 1), or these.
        every: Every n-th matching request.
        probability: Share of matching requests, drawn by their number.
        times: How often it strikes at most.
        action: The kind of fault with its parameters.
    """

    action: dict[str, Any]
    path: re.Pattern[str] | None = None
    method: str | None = None
    operation: str | None = None
    contains: str | None = None
    nth: tuple[int, ...] = ()
    every: int | None = None
    probability: float | None = None
    times: int | None = None
    name: str = ""
    seen: int = field(default=0)
    struck: int = field(default=0)

    @property
    def kind(self) -> str:
        """The action's name."""
        return str(self.action["kind"])

    def strikes(
        self, method: str, path: str, operation: str | None, source: str, draw: float
    ) -> bool:
        """Whether this request goes wrong; counts it."""
        if self.method is not None and self.method.upper() != method:
            return False
        if self.path is not None and not self.path.search(path):
            return False
        if self.operation is not None and self.operation != operation:
            return False
        if self.contains is not None and self.contains not in source:
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.seen += 1
        if self.nth and self.seen not in self.nth:
            return False
        if self.every is not None and self.seen % self.every:
            return False
        if self.probability is not None and draw >= self.probability:
            return False
        self.struck += 1
        return True


def parse_faults(value: Any) -> list[Fault]:
    """Faults of a JSON list.

    Raises:
        BadFaultError: An entry has no known action or a broken expression.
    """
    if isinstance(value, dict):
        value = value.get("faults", [value])
    if not isinstance(value, list):
        raise BadFaultError("a fault script is a list")
    return [_parse(entry) for entry in value]


def _parse(entry: Any) -> Fault:
    if not isinstance(entry, dict):
        raise BadFaultError("a fault is an object")
    action = entry.get("action")
    action = {"kind": action} if isinstance(action, str) else dict(action or {})
    if "kind" not in action and "status" in action:
        action["kind"] = "status"
    if action.get("kind") not in ACTIONS:
        raise BadFaultError(f"unknown action {action.get('kind')!r}; one of {sorted(ACTIONS)}")
    match = dict(entry.get("match") or {})
    unknown = set(match) - {
        "path", "method", "operation", "contains", "source", "nth", "every", "probability",
    }  # fmt: skip
    if unknown:
        raise BadFaultError(f"unknown match keys {sorted(unknown)}")
    nth = match.get("nth", ())
    try:
        path = re.compile(match["path"]) if match.get("path") else None
    except re.error as error:
        raise BadFaultError(f"bad path expression: {error}") from error
    return Fault(
        action=action,
        path=path,
        method=match.get("method"),
        operation=match.get("operation"),
        contains=match.get("contains") or match.get("source"),
        nth=(nth,) if isinstance(nth, int) else tuple(nth),
        every=match.get("every"),
        probability=match.get("probability"),
        times=entry.get("times"),
        name=str(entry.get("name") or action["kind"]),
    )
