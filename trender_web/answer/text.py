"""What strangers wrote, made fit to be shown: cleaned, clipped, and links that are links.

Define here how a text from GitHub becomes a text on a page. Escaping is the template engine's
work; what is stored was already cleaned by the pipeline, this is the second lock on the door.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

OWNER_PATTERN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})"
HOST_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
NAME_PATTERN = r"[A-Za-z0-9._-]{1,100}"
_OWNER = re.compile(OWNER_PATTERN)
_NAME = re.compile(NAME_PATTERN)
# C0/C1 controls but tab and newline, bidi controls, zero-width fillers, non-characters.
_UNSHOWABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff"
    "\ud800-\udfff]"
)
_SHORTCODE = re.compile(r":([a-z0-9_+-]{2,30}):")
_SHORTCODES = {
    "rocket": "🚀", "fire": "🔥", "star": "⭐", "sparkles": "✨", "zap": "⚡", "tada": "🎉",
    "bug": "🐛", "books": "📚", "book": "📖", "robot": "🤖", "lock": "🔒", "key": "🔑",
    "package": "📦", "wrench": "🔧", "hammer": "🔨", "gear": "⚙️", "heart": "❤️",
    "globe_with_meridians": "🌐",
    "earth_americas": "🌎", "snake": "🐍", "whale": "🐳", "crab": "🦀", "art": "🎨", "memo": "📝",
    "mag": "🔍", "bulb": "💡", "computer": "💻", "chart_with_upwards_trend": "📈", "boom": "💥",
    "white_check_mark": "✅", "warning": "⚠️", "construction": "🚧", "link": "🔗", "brain": "🧠",
    "cloud": "☁️", "shield": "🛡️", "rainbow": "🌈", "eyes": "👀", "coffee": "☕", "trophy": "🏆",
}  # fmt: skip
MAX_MARKS = 4


def shown(text: str | None, limit: int | None = None) -> str:
    """A text without controls, bidi overrides and stacked marks, on one line.

    Args:
        text: Anything; None is an empty text.
        limit: The most characters; a longer text ends with "…".
    """
    if not text:
        return ""
    cleaned = _UNSHOWABLE.sub("", text.replace("\n", " ").replace("\t", " "))
    if not cleaned.isascii():
        cleaned = _few_marks(unicodedata.normalize("NFC", cleaned))
    cleaned = _SHORTCODE.sub(lambda found: _SHORTCODES.get(found[1], found[0]), cleaned)
    cleaned = " ".join(cleaned.split())
    if limit is not None and len(cleaned) > limit:
        return cleaned[: limit - 1].rstrip() + "…"
    return cleaned


def starts_formula(text: str) -> bool:
    """Whether a spreadsheet would run a cell with this text.

    Spreadsheets drop blanks and invisible characters before a formula, and read every form of its
    sign (full-width, small, superscript) as the plain one.
    """
    if text.startswith(("\t", "\r")):
        return True
    for character in text:
        if unicodedata.category(character)[0] not in "CZM":
            return unicodedata.normalize("NFKC", character)[0] in "=+-@\N{MINUS SIGN}"
    return False


def _few_marks(text: str) -> str:
    """Drop combining marks beyond `MAX_MARKS` in a row, so that no text climbs over others."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def safe_url(url: str | None) -> str | None:
    """An address that may be a link: http or https, an ordinary host, no user information.

    International host names are shown in punycode, so that no letter passes for another.

    Returns:
        The address, or None when it must stay text.
    """
    if not url or len(url) > 2000 or re.search(r"[\s\x00-\x20\\<>\"'`{}|^]", url.strip()):
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            return None
        ascii_host = host.encode("idna").decode("ascii") if not host.isascii() else host
    except (ValueError, UnicodeError):
        return None
    labels = ascii_host.split(".")
    if len(labels) < 2 or not all(re.fullmatch(HOST_LABEL, label) for label in labels):
        return None
    place = ascii_host if port is None else f"{ascii_host}:{port}"
    path = quote(parts.path, safe="/%:@!$&()*+,;=~-._")
    tail = quote(parts.query, safe="/%:@!$&()*+,;=~-._?")
    return f"{parts.scheme}://{place}{path}{'?' + tail if tail else ''}"


def is_repository(owner: str, name: str) -> bool:
    """Whether two path parts could name a GitHub repository at all."""
    return bool(_OWNER.fullmatch(owner) and _NAME.fullmatch(name) and name not in (".", ".."))


def repository_path(full_name: str, prefix: str = "/repo/") -> str:
    """The page of a repository, its name quoted for a path."""
    return prefix + quote(full_name, safe="/")
