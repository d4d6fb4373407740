"""What this process knows to be secret, hidden in every line a command prints.

What a secret looks like is defined in `github.redaction`; add a value here with `remember`.
"""

from __future__ import annotations

from trender_assets.github import redaction

HIDDEN = "***"
SHORTEST_SECRET = 4

_known: set[str] = set()


def remember(*secrets: str | None) -> None:
    """Hide these values wherever they would be printed; very short ones are ignored."""
    _known.update(secret for secret in secrets if secret)


def redact(text: str) -> str:
    """The text without anything that is, or looks like, a secret."""
    return redaction.redact(text, _known, mask=HIDDEN, shortest=SHORTEST_SECRET)
