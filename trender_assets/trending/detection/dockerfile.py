"""Dockerfile text → signs that the image is made for Render.

Define a sign here when images show it in a new way. A sign is a hint, never a proof: port 10000
is Render's default and that of other programs. Comments are not signs.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 512 * 1024
MAX_HINTS = 20
_LONGEST_LINE = 2_000

# The variables Render sets (render.com/docs/environment-variables). RENDER_ENGINE and the like
# belong to graphics programs, hence a list and no prefix.
_VARIABLES = (
    "CPU_COUNT|DISCOVERY_SERVICE|EXTERNAL_HOSTNAME|EXTERNAL_URL|GIT_BRANCH|GIT_COMMIT|"
    "GIT_REPO_SLUG|INSTANCE_ID|SERVICE_ID|SERVICE_NAME|SERVICE_TYPE|WEB_CONCURRENCY"
)
_SIGNS = (
    re.compile(rf"(?<![A-Za-z0-9_])RENDER_(?:{_VARIABLES})(?![A-Za-z0-9_])"),
    re.compile(r"(?<![A-Za-z0-9_])PORT(?::?-|[ =]|:=)[\"']?10000(?![0-9])"),
    re.compile(r"--port[ =][\"']?10000(?![0-9])"),
    re.compile(r"0\.0\.0\.0:10000(?![0-9])"),
    re.compile(r"(?<![\w./-])/opt/render(?![\w-])"),
    re.compile(r"(?<![\w-])(?:on)?render\.com(?![\w-]|\.\w)"),
)


def render_hints(text: str) -> list[str]:
    """The signs in the order of the file, such as `PORT=10000 (line 4)`, at most 20.

    Args:
        text: The Dockerfile; its first 512 KB are read, of each line the first 2,000 characters.
    """
    hints: dict[str, int] = {}
    for number, line in enumerate(text[:MAX_CHARACTERS].split("\n"), start=1):
        code = _without_comment(line[:_LONGEST_LINE])
        words = code.split()
        if (
            words
            and words[0].upper() == "EXPOSE"
            and "10000" in (word.partition("/")[0] for word in words[1:])
        ):
            hints.setdefault("EXPOSE 10000", number)
        for sign in _SIGNS:
            match = sign.search(code)
            if match is not None:
                hints.setdefault(match.group(), number)
    return [f"{sign} (line {number})" for sign, number in hints.items()][:MAX_HINTS]


def _without_comment(line: str) -> str:
    """The line before a `#` that starts a comment: Docker's whole lines and the shell's tails."""
    if line.lstrip().startswith("#"):
        return ""
    return line.partition(" #")[0]
