"""Takes secrets out of text before it is printed, logged, stored or sent.

Define a pattern here when a new kind of secret can get into a message: this is the one place that
knows what a secret looks like. Values that only this process knows are made known with `remember`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"
MASK_IN_EVIDENCE = "[redacted]"  # asterisks may be the evidence's own
SHORTEST_SECRET = 4  # shorter values would blot out words

# Since 2026 installation tokens are `ghs_<app>_<jwt>` of any length, so no length is assumed.
_TOKEN = re.compile(r"(?:gh[pousr]_|github_pat_)[A-Za-z0-9._-]{4,}")
_PATTERNS = (
    (_TOKEN, MASK),
    (re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)(\w+\s+)?[^\s'\",}]+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}"), rf"\1{MASK}"),
    # Words follow "token" in plain sentences; what holds a digit is none.
    (re.compile(r"(?i)\b((?:token|basic)\s+)(?=\S*\d)[A-Za-z0-9._~+/=-]{8,}"), rf"\1{MASK}"),
    # A short user name stays, it says which role; a long one may be a token itself.
    (re.compile(r"(://)(?:([^/@\s:]{0,19}:)|[^/@\s:]+:)[^/@\s]+@"), rf"\1\2{MASK}@"),
    (
        re.compile(
            r"(?i)((?:access_token|client_secret|refresh_token|device_code|password)"
            r"['\"]?\s*[=:]\s*['\"]?)[^\s&'\",}]+"
        ),
        rf"\1{MASK}",
    ),
)
_known: set[str] = set()


def remember(*secrets: str | None) -> None:
    """Hide these values wherever `redact` is used; very short ones are ignored."""
    _known.update(secret for secret in secrets if secret and len(secret) >= SHORTEST_SECRET)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without anything that is, or looks like, a secret.

    Args:
        text: Any message.
        secrets: Further values that must not appear, such as a configured token of another shape.
    """
    text = _without(text, {*_known, *secrets})
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact_bytes(content: bytes, secrets: Iterable[str] = ()) -> bytes:
    """The bytes with tokens and `secrets` masked, all others as they are.

    Evidence must stay what it was, so nothing is masked that merely stands where a secret might.
    """
    text = content.decode("latin-1")  # every byte is a character, and comes back as that byte
    return _TOKEN.sub(MASK_IN_EVIDENCE, _without(text, secrets, MASK_IN_EVIDENCE)).encode("latin-1")


def _without(text: str, secrets: Iterable[str], mask: str = MASK) -> str:
    """The text with these values masked, the longest first: one may be part of another."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, mask)
    return text
