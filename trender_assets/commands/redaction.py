"""What must never appear on a terminal: tokens, passwords, webhook addresses.

Define here what a secret looks like. Every line a command prints passes through `redact`;
values that only this process knows are made known to it with `remember`.
"""

from __future__ import annotations

import re

GITHUB_TOKEN = re.compile(r"(gh[pousr]_[A-Za-z0-9._-]{20,}|github_pat_[A-Za-z0-9_]{20,})")
AUTHORIZATION = re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?)(\w+\s+)?[^\s'\",}]+")
BEARER = re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=-]{8,}")
URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):([^@\s/]+)@")
HIDDEN = "***"
SHORTEST_SECRET = 4

_known: set[str] = set()


def remember(*secrets: str | None) -> None:
    """Hide these values wherever they would be printed; very short ones are ignored."""
    _known.update(secret for secret in secrets if secret and len(secret) >= SHORTEST_SECRET)


def redact(text: str) -> str:
    """The text without anything that is, or looks like, a secret."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    text = GITHUB_TOKEN.sub(HIDDEN, text)
    text = AUTHORIZATION.sub(rf"\1{HIDDEN}", text)
    text = BEARER.sub(rf"\1{HIDDEN}", text)
    return URL_PASSWORD.sub(rf"\1:{HIDDEN}@", text)
