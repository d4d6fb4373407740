"""Takes secrets out of text before it is logged, stored or shown.

Define a pattern here when a new kind of secret can get into a message. What a clean text is
otherwise belongs to `trender_assets.text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "[redacted]"
SHORTEST_SECRET = 6

# Since 2026 installation tokens are `ghs_<app>_<jwt>` of any length, so no length is assumed.
_TOKEN = re.compile(r"(?:gh[pousr]_|github_pat_)[A-Za-z0-9._-]{4,}")
_AUTHORIZATION = re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)(\w+\s+)?[^\s'\",}]+")
# "token" is an ordinary word too; what follows it is a secret when it has a digit.
_HEADER = re.compile(
    r"(?i)(\b(?:bearer\s+|(?:token|basic)\s+(?=[A-Za-z._~+/=-]*\d)))[A-Za-z0-9._~+/=-]{8,}"
)
# A short user name stays, it says which role; a long one may be a token itself.
_USERINFO = re.compile(r"(://)(?:([^/@\s:]{0,19}:)|[^/@\s:]+:)[^/@\s]+@")
_PARAMETER = re.compile(
    r"(?i)\b(access_token|client_secret|refresh_token|device_code|password)(['\"]?\s*[=:]\s*['\"]?)"
    r"[^\s&'\",}]+"
)


def redact(
    text: str, secrets: Iterable[str] = (), *, mask: str = MASK, shortest: int = SHORTEST_SECRET
) -> str:
    """The text with GitHub tokens, credentials in headers and addresses, and `secrets` masked.

    Args:
        text: Any message.
        secrets: Further values that must not appear, such as a configured token of another shape.
        mask: What stands for a secret.
        shortest: Shorter values of `secrets` are left alone: they would blot out words.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= shortest:
            text = text.replace(secret, mask)
    text = _TOKEN.sub(mask, text)
    text = _AUTHORIZATION.sub(rf"\1{mask}", text)
    text = _HEADER.sub(rf"\1{mask}", text)
    text = _USERINFO.sub(rf"\1\2{mask}@", text)
    return _PARAMETER.sub(rf"\1\2{mask}", text)


def redact_bytes(content: bytes, secrets: Iterable[str] = ()) -> bytes:
    """The bytes with tokens and `secrets` masked, all others as they are.

    Evidence must stay what it was, so nothing is masked that merely stands where a secret might.
    """
    text = content.decode("latin-1")  # every byte is a character, and comes back as that byte
    for secret in secrets:
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return _TOKEN.sub(MASK, text).encode("latin-1")
