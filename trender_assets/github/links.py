"""Link headers and where requests may go.

Define here how the next page is found and which address is still GitHub. Following pages belongs
to `pages`.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_LINK = re.compile(r"<([^<>]*)>\s*;([^,<]*)")
_REL = re.compile(r'rel\s*=\s*"?([^";,]+)"?')
_DEFAULT_PORTS = {"https": 443, "http": 80}


def parse_link(header: str | None) -> dict[str, str]:
    """Addresses by relation (``next``, ``last`` …) of a Link header; empty when there is none."""
    links: dict[str, str] = {}
    for address, parameters in _LINK.findall(header or ""):
        relation = _REL.search(parameters)
        if relation:
            for name in relation.group(1).split():
                links.setdefault(name, address)
    return links


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address; a missing port is the scheme's own.

    Raises:
        ValueError: When the address can't be parsed.
    """
    parts = urlsplit(url)
    port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), port


def is_same_origin(url: str, base: str) -> bool:
    """Whether `url` goes to the very server of `base`, so that the token may go with it."""
    try:
        return origin(url) == origin(base) and "@" not in urlsplit(url).netloc
    except ValueError:
        return False


def graphql_beside(base: str) -> str:
    """GraphQL's address: GitHub Enterprise serves it at /api/graphql beside /api/v3."""
    return base.removesuffix("/v3") + "/graphql" if base.endswith("/api/v3") else base + "/graphql"
