"""Answers of the simulated API before they become HTTP: status, JSON or text, headers.

Define a body that several endpoints share here. Limits and standard headers are added by
`pipeline`; what an endpoint finds belongs to its own module.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

DOCS = "https://docs.github.com/rest"


@dataclass
class Reply:
    """An answer.

    Attributes:
        body: Anything JSON can write, text or bytes; None for no body.
        repositories: Repositories resolved, which the latency models count.
        cost: GraphQL points.
        cacheable: Whether an ETag belongs to it.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"
    repositories: int = 0
    cost: int = 1
    cacheable: bool = True

    def encode(self) -> bytes:
        """The body's bytes; lone surrogates are written as JSON escapes."""
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode("utf-8", "surrogatepass")
        return json.dumps(self.body, separators=(",", ":")).encode()


def failure(status: int, message: str, docs: str = DOCS, **more: Any) -> Reply:
    """GitHub's error body."""
    body = {"message": message, **more, "documentation_url": docs, "status": str(status)}
    return Reply(status, body, cacheable=False)


def not_found() -> Reply:
    """404: absent, deleted or private; GitHub does not say which."""
    return failure(404, "Not Found")


def moved(url: str) -> Reply:
    """301: the repository has another name now."""
    body = {"message": "Moved Permanently", "url": url, "documentation_url": DOCS}
    return Reply(301, body, {"Location": url}, cacheable=False)


def blocked(reason: str, created_at: str) -> Reply:
    """451 for DMCA, 403 for the terms of service."""
    status = 451 if reason == "dmca" else 403
    block = {
        "reason": reason,
        "created_at": created_at,
        "html_url": "https://github.com/github/dmca" if reason == "dmca" else None,
    }
    return Reply(status, {"message": "Repository access blocked", "block": block}, cacheable=False)


def invalid(message: str, field_name: str = "q", resource: str = "Search") -> Reply:
    """422 with one validation error."""
    error = {"message": message, "resource": resource, "field": field_name, "code": "invalid"}
    return failure(422, "Validation Failed", errors=[error])
