"""Does the name of an environment variable look like that of a secret?

Define a word here when a name is taken for a secret wrongly, or missed. Values are never looked
at: they may be secrets.
"""

from __future__ import annotations

from itertools import pairwise

_SECRET_WORDS = frozenset(
    ("SECRET", "SECRETS", "PASSWORD", "PASSWD", "PASS", "PWD", "TOKEN", "APIKEY", "CREDENTIALS")
)
_KEY_KINDS = frozenset(
    ("API", "SECRET", "PRIVATE", "ACCESS", "ENCRYPTION", "SIGNING", "MASTER", "APP", "ADMIN")
)
# MAX_TOKENS, TOKEN_EXPIRE_MINUTES, SECRET_NAME, JWT_SECRET_FILE, FLW_PUBLIC_KEY hold no secret.
_HARMLESS_WORDS = frozenset(
    (
        "PUBLIC", "EXPIRE", "EXPIRES", "EXPIRY", "EXPIRATION", "MINUTES", "HOURS", "SECONDS",
        "DAYS", "TTL", "LIFETIME", "LENGTH", "LIMIT", "MAX", "MIN", "COUNT", "NAME", "HEADER",
        "ALGORITHM", "FILE", "PATH", "URL", "ENDPOINT", "ISSUER", "AUDIENCE", "ENABLED", "TYPE",
    )
)  # fmt: skip
_LONGEST_NAME = 200


def looks_like_secret(name: str) -> bool:
    """Whether a variable of this name usually holds a secret.

    Args:
        name: The variable's name, such as `DJANGO_SECRET_KEY`; case does not matter.
    """
    words = name[:_LONGEST_NAME].upper().replace("-", "_").replace(".", "_").split("_")
    if _HARMLESS_WORDS.intersection(words):
        return False
    if _SECRET_WORDS.intersection(words):
        return True
    return any(word == "KEY" and previous in _KEY_KINDS for previous, word in pairwise(words))
