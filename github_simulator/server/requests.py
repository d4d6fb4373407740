"""A request as the endpoints see it: path parts, query, body, the world's instant.

Define here what endpoints may know of a request. HTTP itself belongs to `pipeline`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from github_simulator.server.limits import Account
from github_simulator.world.world import World

LARGEST_PAGE = 100


@dataclass
class Call:
    """One request.

    Attributes:
        base: ``http://host:port`` as the client wrote it, for links.
        parts: Named parts of the path.
        now: The world's instant, epoch seconds.
    """

    world: World
    now: int
    account: Account
    method: str
    path: str
    base: str
    parts: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    version: str = "2022-11-28"

    def number(self, name: str, default: int) -> int:
        """A whole number of the query; what cannot be read is absorbed."""
        try:
            value = int(self.query.get(name, default))
        except ValueError:
            return default
        return value if value > 0 else default

    def page(self) -> tuple[int, int]:
        """(page, per_page), clamped to 100."""
        return self.number("page", 1), min(self.number("per_page", 30), LARGEST_PAGE)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is not JSON.
        """
        return json.loads(self.body or b"null")

    def accepts(self, kind: str) -> bool:
        """Whether the Accept header asks for a media type such as ``raw``."""
        return f".{kind}" in self.headers.get("accept", "")
