"""Scripted faults: which requests go wrong, and how.

Define a kind of fault here: how a script names it, and how it looks to the client.
"""

from __future__ import annotations

import gzip
import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

from github_simulator.server import refusals
from github_simulator.server.limits import Account, LimitSettings
from github_simulator.server.replies import Reply, failure
from github_simulator.server.requests import Call

ACTIONS = {
    "status", "delay", "reset", "truncated_gzip", "html_502", "json_502", "rate_limited",
    "rate_limit", "secondary", "resource_limits", "gzip_bomb", "redirect", "content_type",
    "empty", "truncated_json", "incomplete_results", "hang", "skew", "body", "headers",
}  # fmt: skip
BOMB_BYTES = 1 << 30
_bombs: dict[int, bytes] = {}


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


@dataclass
class Wire:
    """What happens to the bytes of an answer.

    Attributes:
        cut: Send only this share of the body, then close the connection.
        encoding: A content encoding already applied to the body.
        skew: Seconds added to the Date header.
        hangs: Never answer.
    """

    cut: float | None = None
    encoding: str | None = None
    skew: float = 0.0
    hangs: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def instead(
    fault: Fault, call: Call, account: Account, settings: LimitSettings, number: int, other: str
) -> Reply | None:
    """The answer that a fault puts in place of the endpoint's; None when it only bends it."""
    action = fault.action
    match fault.kind:
        case "status":
            status = int(action.get("status", 500))
            reply = failure(status, str(action.get("message", "Server Error")))
            if "body" in action:
                reply = Reply(status, action["body"], cacheable=False)
        case "html_502":
            reply = refusals.timeout(str(number), html=True)
        case "json_502":
            reply = refusals.timeout(str(number), html=False)
        case "rate_limited" | "rate_limit":
            old = fault.kind == "rate_limited"
            if call.path.endswith("/graphql"):
                reply = refusals.primary_graphql(account, old_form=old)
                if not old:
                    reply.headers["X-RateLimit-Remaining"] = "0"
            else:
                reply = refusals.primary(account, settings, "203.0.113.7")
                reply.headers["X-RateLimit-Remaining"] = "0"
        case "secondary":
            reply = refusals.secondary(settings, float(action.get("seconds", 60)), number)
            if action.get("retry_after") is False:
                reply.headers.pop("Retry-After", None)
            if "status" in action:
                reply.status = int(action["status"])
        case "redirect":
            target = str(action.get("location", other + call.path))
            reply = Reply(int(action.get("status", 302)), None, {"Location": target})
        case "gzip_bomb":
            size = int(action.get("bytes", BOMB_BYTES))
            reply = Reply(200, _bomb(size), cacheable=False)
        case "empty":
            reply = Reply(int(action.get("status", 200)), b"", cacheable=False)
        case _:
            return None
    reply.headers.update({str(k): str(v) for k, v in dict(action.get("headers", {})).items()})
    return reply


def bend(fault: Fault, reply: Reply, wire: Wire) -> None:
    """Change an answer of the endpoint, or how it is sent."""
    action = fault.action
    match fault.kind:
        case "body":
            reply.body, reply.cacheable = action.get("body"), False
            reply.content_type = str(action.get("content_type", reply.content_type))
        case "content_type":
            reply.content_type = str(action.get("content_type", "text/html"))
        case "incomplete_results":
            if isinstance(reply.body, dict) and "incomplete_results" in reply.body:
                keep = float(action.get("keep", 0.5))
                items = reply.body["items"]
                reply.body = {
                    **reply.body,
                    "incomplete_results": True,
                    "items": items[: int(len(items) * keep)],
                }
        case "reset":
            wire.cut = float(action.get("share", 0.5))
        case "truncated_json":
            data = reply.encode()
            reply.body, reply.cacheable = data[: len(data) // 2], False
        case "truncated_gzip":
            data = gzip.compress(reply.encode(), 1)
            reply.body, reply.cacheable = data[: len(data) // 2], False
            wire.encoding = "gzip"
        case "gzip_bomb":
            wire.encoding = "gzip"
        case "hang":
            wire.hangs = True
        case "skew":
            wire.skew = float(action.get("seconds", 600))
    wire.headers.update({str(k): str(v) for k, v in dict(action.get("headers", {})).items()})


def _bomb(size: int) -> bytes:
    """Gzip of that many zero bytes in one stream, made once from one repeated block."""
    found = _bombs.get(size)
    if found is None:
        block = bytes(1 << 20)
        squeezed = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        repeated = squeezed.compress(block) + squeezed.flush(zlib.Z_FULL_FLUSH)
        checksum = 0
        for _ in range(size >> 20):
            checksum = zlib.crc32(block, checksum)
        head = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"
        tail = b"\x03\0" + struct.pack("<II", checksum, size & 0xFFFFFFFF)
        found = _bombs[size] = head + repeated * (size >> 20) + tail
    return found
