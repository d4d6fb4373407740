"""Carries scripted faults out: changes an answer, or breaks it on the wire.

Define how a fault looks to the client here. Which request it strikes belongs to `faults`.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass, field

from github_simulator.server import refusals
from github_simulator.server.faults import Fault
from github_simulator.server.limits import Account, LimitSettings
from github_simulator.server.replies import Reply, failure
from github_simulator.server.requests import Call

BOMB_BYTES = 1 << 30
_bombs: dict[int, bytes] = {}


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
