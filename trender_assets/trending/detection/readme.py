"""README text → a Deploy to Render button, mentions of Render the platform, documentation.

Define a sign here when READMEs show a deployment in a new way. Files of other platforms belong
to `deployment`. Every expression is linear in the text, of which the first 512 KB are read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

MAX_CHARACTERS = 512 * 1024
MAX_BUTTONS = 50

# The host is fixed and what follows is printable ASCII without quotes and brackets: a link that
# matches leads to Render and carries no markup.
_BUTTON = re.compile(
    r"https?://(?:dashboard\.|www\.)?render\.com/(?:deploy|blueprint/new)(?![\w-])"
    r"[!#-&*-;=?-Z_a-z~]{0,2000}",
    re.IGNORECASE | re.ASCII,
)
# Not surrender.com, not my-render.com, not render.com.example.org, not render.community.
_MENTION = re.compile(r"(?<![\w-])(?:on)?render\.com(?![\w-]|\.\w)", re.IGNORECASE | re.ASCII)
_BRANCH = re.compile(r"[\w.-]{1,100}(?:/[\w.-]{1,100}){0,5}", re.ASCII)


@dataclass(frozen=True)
class Button:
    """Whether a README carries a Deploy to Render button, and where it leads.

    Attributes:
        present: Whether there is one.
        url: A link that is safe to offer: rebuilt when the button names this repository, kept
            when it is an https link to Render, else None.
    """

    present: bool
    url: str | None


def without_comments(text: str) -> str:
    """The first 512 KB without HTML comments; an unclosed comment hides the rest, as on GitHub.

    Args:
        text: The README.
    """
    text = text[:MAX_CHARACTERS]
    parts: list[str] = []
    position = 0
    while (start := text.find("<!--", position)) != -1:
        parts.append(text[position:start])
        end = text.find("-->", start + 2)
        if end == -1:
            return "".join(parts)
        position = end + 3
    return "".join(parts) + text[position:]


def mentions_render(visible: str) -> bool:
    """Whether the text names render.com, onrender.com or a host below them.

    Args:
        visible: README text without comments.
    """
    return _MENTION.search(visible) is not None


def find_button(visible: str, full_name: str | None) -> Button:
    """The deploy button; of several the one that names this repository wins.

    Args:
        visible: README text without comments. Code blocks show a button, they are not one.
        full_name: `owner/name` of the repository, None when unknown.
    """
    present = False
    kept: str | None = None
    for number, match in enumerate(_BUTTON.finditer(_without_code_blocks(visible))):
        if number >= MAX_BUTTONS:
            break
        present = True
        address = match.group().replace("&amp;", "&").rstrip(".,;:!*_")
        parts = urlsplit(address)
        own = _own_address(parts, full_name)
        if own is not None:
            return Button(True, own)
        if kept is None and parts.scheme == "https":
            kept = address
    return Button(present, kept)


def _own_address(parts: SplitResult, full_name: str | None) -> str | None:
    """Render's deploy link for this repository, when `repo=` points to it."""
    if full_name is None or full_name.count("/") != 1:
        return None
    target = dict(parse_qsl(parts.query)).get("repo", "")
    try:
        repository = urlsplit(target)
    except ValueError:
        return None
    if repository.scheme not in ("http", "https") or repository.netloc.lower() not in (
        "github.com",
        "www.github.com",
    ):
        return None
    owner, _, rest = repository.path.strip("/").partition("/")
    name, _, tail = rest.partition("/")
    if f"{owner}/{name.removesuffix('.git')}".lower() != full_name.lower():
        return None
    branch = tail.removeprefix("tree/") if tail.startswith("tree/") else ""
    suffix = f"/tree/{branch}" if _BRANCH.fullmatch(branch) else ""
    return f"https://render.com/deploy?repo=https://github.com/{quote(full_name)}{suffix}"


def _without_code_blocks(text: str) -> str:
    kept: list[str] = []
    fence = ""
    for line in text.split("\n"):
        start = line.lstrip()[:3]
        if fence:
            if start == fence:
                fence = ""
        elif start in ("```", "~~~"):
            fence = start
        else:
            kept.append(line)
    return "\n".join(kept)
