"""README text → what it shows: links, headings, code, pictures; and from them a deploy button.

Define a sign here when READMEs show a deployment in a new way. Files of other platforms belong
to `deployment`. Markdown and reStructuredText are parsed, since a link in a code block is none;
parsers take long over hostile text, so only the beginning is parsed and the rest is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_CHARACTERS = 512 * 1024
MAX_PARSED = 32 * 1024
MAX_LINKS = 5_000

# Printable ASCII without quotes and brackets: what is offered as a link carries no markup.
_SAFE = re.compile(r"[!#-&*-;=?-Z_a-z~]{1,2000}", re.ASCII)
# GitHub makes a link of an address only at these places.
_URL = re.compile(r"(?<![^\s*_~(])https?://[^\s<>\"'`]{1,2000}", re.IGNORECASE)
_MAY_DEPLOY = re.compile(r"render\.com/(?:deploy|blueprint|select-repo)", re.IGNORECASE)
# Not surrender.com, not my-render.com, not render.com.example.org, not render.community.
_MENTION = re.compile(r"(?<![\w-])(?:on)?render\.com(?![\w-]|\.\w)", re.IGNORECASE | re.ASCII)
_BRANCH = re.compile(r"[\w.-]{1,100}(?:/[\w.-]{1,100}){0,5}", re.ASCII)
_HREF = re.compile(
    r"<a\b[^<>]{0,2000}?\bhref\s*=\s*(?:\"([^\"<>]{0,2000})\"|'([^'<>]{0,2000})'|([^\s<>\"']{1,2000}))",
    re.IGNORECASE,
)
_HTML_HEADING = re.compile(r"<h[1-6]\b[^<>]{0,500}>([^<]{0,200})", re.IGNORECASE)
_HTML_PICTURE = re.compile(r"<img\b", re.IGNORECASE)
_HTML_CODE = re.compile(r"<pre\b", re.IGNORECASE)


@dataclass(frozen=True)
class Readme:
    """What a README shows to a reader.

    Attributes:
        visible: Its text without HTML comments, at most `MAX_CHARACTERS`.
        links: Where its links lead, in order; addresses in plain text are links too.
        headings: The text of each heading.
        guided: How many headings have a code block before the next heading.
        code_blocks: How many blocks of code there are.
        pictures: How many pictures there are.
        is_whole: Whether all of it was parsed.
    """

    visible: str
    links: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    guided: int = 0
    code_blocks: int = 0
    pictures: int = 0
    is_whole: bool = True


@dataclass(frozen=True)
class Button:
    """Whether a README carries a Deploy to Render button, and where it leads.

    Attributes:
        present: Whether there is one; None when the part that was not parsed may have one.
        url: A link that is safe to offer: rebuilt when the button names this repository, kept
            when it is an https link to Render, else None.
    """

    present: bool | None
    url: str | None


def parse_readme(text: str, name: str = "README.md") -> Readme:
    """Parse a README.

    Args:
        text: Its text.
        name: Its file name, which tells the markup; everything but ``.rst`` is read as Markdown.
    """
    visible = _without_comments(text)
    parsed = visible
    if len(visible) > MAX_PARSED:
        parsed = visible[: visible.rfind("\n", 0, MAX_PARSED) + 1] or visible[:MAX_PARSED]
    is_whole = len(parsed) == len(visible) and len(text) <= MAX_CHARACTERS
    items = _rst_items(parsed) if name.lower().endswith(".rst") else _markdown_items(parsed)
    links: dict[str, None] = {}
    headings: list[str] = []
    guided = code_blocks = pictures = 0
    is_guided = True
    for kind, value in items:
        if kind == "link" and len(links) < MAX_LINKS:
            links[value] = None
        elif kind == "heading":
            headings.append(value)
            is_guided = False
        elif kind == "code":
            code_blocks += 1
            guided += not is_guided
            is_guided = True
        elif kind == "picture":
            pictures += 1
    return Readme(visible, tuple(links), tuple(headings), guided, code_blocks, pictures, is_whole)


def mentions_render(visible: str) -> bool:
    """Whether the text names render.com, onrender.com or a host below them.

    Args:
        visible: README text without comments.
    """
    return _MENTION.search(visible) is not None


def find_button(readme: Readme, full_name: str | None) -> Button:
    """The deploy button; of several the one that names this repository wins.

    Args:
        readme: The parsed README.
        full_name: `owner/name` of the repository, None when unknown.
    """
    present: bool | None = False
    kept: str | None = None
    for link in readme.links:
        safe = _SAFE.match(link.strip().replace("&amp;", "&"))
        address = safe.group().rstrip(".,;:!*_") if safe else ""
        parts = _split(address)
        if parts is None or not _leads_to_deploy(parts):
            continue
        present = True
        own = _own_address(parts, full_name)
        if own is not None:
            return Button(True, own)
        if kept is None and parts.scheme.lower() == "https":
            kept = address
    if not present and not readme.is_whole:
        parsed_only = len(readme.visible) >= MAX_CHARACTERS
        present = None if parsed_only or _MAY_DEPLOY.search(readme.visible) else False
    return Button(present, kept)


def _leads_to_deploy(parts: SplitResult) -> bool:
    """Whether an address starts a deployment on Render, in whichever form Render gives it.

    The forms are Render's: `/deploy`, `/deploy-…` and the dashboard's `blueprint/new`, with the
    repository in some parameter. What they share is the host, the word, and the repository.
    """
    host = (parts.hostname or "").lower()
    if host != "render.com" and not host.endswith(".render.com"):
        return False
    if parts.scheme.lower() not in ("http", "https"):
        return False
    first, _, rest = parts.path.lower().strip("/").partition("/")
    names_a_repository = any(
        "repo" in name.lower() or "template" in name.lower() for name, _ in parse_qsl(parts.query)
    )
    if first == "deploy":
        return True
    if first.startswith("deploy-"):
        return names_a_repository
    if first in ("blueprint", "blueprints"):
        return rest.split("/")[0] == "new"
    return host != "render.com" and names_a_repository


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        parts.hostname  # noqa: B018 - raises for what is no host
    except ValueError:
        return None
    return parts


def _own_address(parts: SplitResult, full_name: str | None) -> str | None:
    """Render's deploy link for this repository, when `repo=` points to it."""
    if full_name is None or full_name.count("/") != 1:
        return None
    repository = _split(dict(parse_qsl(parts.query)).get("repo", ""))
    if (
        repository is None
        or repository.scheme not in ("http", "https")
        or repository.netloc.lower() not in ("github.com", "www.github.com")
    ):
        return None
    owner, _, rest = repository.path.strip("/").partition("/")
    name, _, tail = rest.partition("/")
    if f"{owner}/{name.removesuffix('.git')}".lower() != full_name.lower():
        return None
    branch = tail.removeprefix("tree/") if tail.startswith("tree/") else ""
    suffix = f"/tree/{branch}" if _BRANCH.fullmatch(branch) else ""
    return f"https://render.com/deploy?repo=https://github.com/{quote(full_name)}{suffix}"


def _without_comments(text: str) -> str:
    """The first 512 KB without HTML comments; an unclosed comment hides the rest, as on GitHub."""
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


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 20})
    parser.normalizeLink = lambda url: url  # addresses are judged as they were written
    return parser


def _markdown_items(text: str) -> Iterator[tuple[str, str]]:
    references: dict[str, dict[str, dict[str, str]]] = {}
    tokens = _markdown().parse(text, references)
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            yield "heading", tokens[number + 1].content
        elif token.type in ("fence", "code_block"):
            yield "code", ""
        elif token.type == "html_block":
            yield from _html_items(token.content)
        elif token.type == "inline":
            yield from _inline_items(token)
    for reference in references.get("references", {}).values():
        yield "link", reference["href"]


def _inline_items(parent: Token) -> Iterator[tuple[str, str]]:
    for token in parent.children or ():
        if token.type == "link_open":
            yield "link", str(token.attrGet("href") or "")
        elif token.type == "image":
            yield "picture", ""
        elif token.type == "html_inline":
            yield from _html_items(token.content)
        elif token.type == "text":
            for found in _URL.finditer(token.content):
                yield "link", found.group()


def _html_items(html: str) -> Iterator[tuple[str, str]]:
    for found in _HREF.finditer(html):
        yield "link", next(group for group in found.groups() if group is not None)
    for found in _HTML_HEADING.finditer(html):
        yield "heading", found.group(1)
    for _ in _HTML_PICTURE.finditer(html):
        yield "picture", ""
    for _ in _HTML_CODE.finditer(html):
        yield "code", ""


def _rst_items(text: str) -> Iterator[tuple[str, str]]:
    from docutils import nodes
    from docutils.core import publish_doctree

    tree = publish_doctree(
        text,
        settings_overrides={
            "file_insertion_enabled": False,
            "raw_enabled": False,
            "report_level": 5,
            "halt_level": 6,
            "_disable_config": True,
            "line_length_limit": MAX_PARSED + 1,
        },
    )
    for node in tree.findall():
        if isinstance(node, nodes.title):
            yield "heading", node.astext()
        elif isinstance(node, nodes.reference) and node.get("refuri"):
            yield "link", str(node["refuri"])
        elif isinstance(node, nodes.image):
            yield "picture", ""
        elif isinstance(node, nodes.literal_block) and not isinstance(
            node.parent, nodes.system_message
        ):
            yield "code", ""
