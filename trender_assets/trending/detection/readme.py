"""README text → what it shows: links, headings, code, pictures; and from them a deploy button.

Define a sign here when READMEs show a deployment in a new way. Files of other platforms belong
to `deployment`. Markdown and reStructuredText are parsed, since a link in a code block is none;
parsers take long over hostile text, so only the beginning is parsed and the rest is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

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
_DEPLOYING_HOSTS = ("render.com", "www.render.com", "dashboard.render.com")
_BRANCH = re.compile(r"[\w.-]{1,100}(?:/[\w.-]{1,100}){0,5}", re.ASCII)
# Rendered Markdown has comments where its source has them outside code, as a browser reads them.
_COMMENT = re.compile(r"(?s)<!--(?:-?>|.*?(?:--!?>|\Z))")
# The standard library's parser takes the square of a tag that does not end.
_NO_TAG = re.compile(r"""<(?!/?[a-z](?:[^<>"']|"[^"]{0,2000}"|'[^']{0,2000}')*+>)""", re.IGNORECASE)
_LINES = re.MULTILINE
# What these markups have in common with Markdown, in its spelling: no library here reads them.
_ASCIIDOC = (
    (re.compile(r"^/{4,}$(?s:.*?)(?:^/{4,}$|\Z)|^//.*$", _LINES), ""),
    (re.compile(r"^(?:-{4,}|\.{4,})$", _LINES), "```"),
    (re.compile(r"^={1,6} ", _LINES), "\n# "),
    (re.compile(r"\blink=\"?(https?:[^\s\[\],\"]{1,2000})"), r"[](\1)"),
    (re.compile(r"(?:\blink:)?(https?:[^\s\[\]()]{1,2000})\[([^\[\]]{0,500})\]"), r"[\2](\1)"),
)
_ORG = (
    (re.compile(r"^# .*$", _LINES), ""),
    (re.compile(r"^#\+(?:begin|end)_(?:src|example)\b.*$", _LINES | re.IGNORECASE), "```"),
    (re.compile(r"^\*{1,6} ", _LINES), "\n# "),
    (re.compile(r"(?<![\w=~])([=~])(\S.{0,500}?)\1(?![\w=~])"), r"`\2`"),
    (re.compile(r"\[\[(https?:[^\s\[\]]{1,2000})\](?:\[([^\[\]]{0,500})\])?\]"), r"[\2](\1)"),
)
_AS_MARKDOWN = {"adoc": _ASCIIDOC, "asciidoc": _ASCIIDOC, "org": _ORG}


@dataclass(frozen=True)
class Readme:
    """What a README shows to a reader.

    Attributes:
        visible: Its text, at most `MAX_CHARACTERS`; what was not parsed is as it was written.
        page: The same with addresses and markup, without comments.
        links: Where its links lead, in order; addresses in plain text are links too.
        headings: How many headings there are.
        guided: How many of them have code or a list before the next heading.
        code_blocks: How many blocks of code there are.
        pictures: How many pictures there are.
        may_hide_a_button: Whether a part that was not parsed may have a deploy button.
        problem: Why nothing of it was parsed.
    """

    visible: str
    page: str
    links: tuple[str, ...] = ()
    headings: int = 0
    guided: int = 0
    code_blocks: int = 0
    pictures: int = 0
    may_hide_a_button: bool = False
    problem: str | None = None


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


def parse_readme(text: str, name: str = "README.md", *, is_cut: bool = False) -> Readme:
    """Parse a README.

    Args:
        text: Its text.
        name: Its file name, which tells the markup; one that nothing else reads is Markdown.
        is_cut: Whether there is more of it than the text.
    """
    is_cut = is_cut or len(text) > MAX_CHARACTERS
    text = text[:MAX_CHARACTERS]
    end = len(text) if len(text) <= MAX_PARSED else text.rfind("\n", 0, MAX_PARSED) + 1
    parsed, rest = text[: end or MAX_PARSED], text[end or MAX_PARSED :]
    ending = name.lower().rpartition(".")[2]
    try:
        items, page = _rst(parsed) if ending == "rst" else _markdown(parsed, ending)
    except RecursionError:
        may_hide = is_cut or _MAY_DEPLOY.search(text) is not None
        return Readme(text, text, may_hide_a_button=may_hide, problem="nested too deeply")
    links: dict[str, None] = {}
    headings = guided = code_blocks = pictures = 0
    is_guided = True
    words: list[str] = []
    for kind, value in items:
        if kind == "text":
            words.append(value)
        elif kind == "link" and len(links) < MAX_LINKS:
            links[value] = None
        elif kind == "heading":
            headings += 1
            is_guided = False
        elif kind in ("code", "list"):
            code_blocks += kind == "code"
            guided += not is_guided
            is_guided = True
        elif kind == "picture":
            pictures += 1
    return Readme(
        " ".join((*words, rest)),
        page + rest,
        tuple(links),
        headings,
        guided,
        code_blocks,
        pictures,
        is_cut or _MAY_DEPLOY.search(rest) is not None,
    )


def mentions_render(page: str) -> bool:
    """Whether a README names render.com, onrender.com or a host below them.

    Args:
        page: Its text and addresses, without comments.
    """
    return _MENTION.search(page) is not None


def find_button(readme: Readme, full_name: str | None) -> Button:
    """The deploy button; of several the one that names this repository wins.

    Args:
        readme: The parsed README.
        full_name: `owner/name` of the repository, None when unknown.
    """
    present: bool | None = False
    kept: str | None = None
    for link in readme.links:
        safe = _SAFE.match(link.strip())
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
    if not present and readme.may_hide_a_button:
        present = None
    return Button(present, kept)


def _leads_to_deploy(parts: SplitResult) -> bool:
    """Whether an address starts a deployment on Render, in whichever form Render gives it.

    The forms are Render's: `/deploy`, `/deploy-…` and the dashboard's `blueprint/new`, with the
    repository in some parameter. Its other hosts (docs, community, api) only tell about it.
    """
    host = (parts.hostname or "").lower()
    if host not in _DEPLOYING_HOSTS or parts.scheme.lower() not in ("http", "https"):
        return False
    first, _, rest = parts.path.lower().strip("/").partition("/")
    names_a_repository = any(
        "repo" in name.lower() or "template" in name.lower() for name, _ in parse_qsl(parts.query)
    )
    if first == "deploy" or (first == "deploy-template" and rest):
        return True
    if first.startswith("deploy-"):
        return names_a_repository
    if first in ("blueprint", "blueprints"):
        return rest.split("/")[0] == "new"
    return host == "dashboard.render.com" and names_a_repository


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


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": 20})
    parser.normalizeLink = lambda url: url  # addresses are judged as they were written
    return parser


def _markdown(text: str, ending: str) -> tuple[Iterable[tuple[str, str]], str]:
    """What Markdown, or another markup in its spelling, shows; and the page as HTML."""
    text = text.replace("\r\n", "\n")
    for pattern, replacement in _AS_MARKDOWN.get(ending, ()):
        text = pattern.sub(replacement, text)
    html = _COMMENT.sub("", _parser().render(text))
    page = _Page()
    page.feed(_NO_TAG.sub("&lt;", html))
    page.close()
    return page.items, html


class _Page(HTMLParser):
    """The items of a page: links, headings, code, lists, pictures and text, in order."""

    _KINDS: Mapping[str, str] = {
        "pre": "code", "li": "list", "img": "picture", **{f"h{n}": "heading" for n in range(1, 7)},
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.items: list[tuple[str, str]] = []
        self._code = 0

    def set_cdata_mode(self, elem: str, **_: object) -> None:
        """Nothing hides what follows: GitHub shows scripts and styles as text."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._code += tag in ("code", "pre")
        if tag in self._KINDS:
            self.items.append((self._KINDS[tag], ""))
        elif tag == "a" and (href := dict(attrs).get("href")):
            self.items.append(("link", href))

    def handle_endtag(self, tag: str) -> None:
        self._code = max(0, self._code - (tag in ("code", "pre")))

    def handle_data(self, data: str) -> None:
        self.items.append(("text", data))
        if not self._code:
            self.items.extend(("link", found.group()) for found in _URL.finditer(data))


def _rst(text: str) -> tuple[Iterable[tuple[str, str]], str]:
    """What reStructuredText shows; its source stands for the page."""
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
            "doctitle_xform": False,
            "line_length_limit": MAX_PARSED + 1,
        },
    )
    kinds = {
        nodes.title: "heading", nodes.image: "picture", nodes.list_item: "list",
        nodes.literal_block: "code",
    }  # fmt: skip
    items = [("text", text)]
    for node in tree.findall():
        if isinstance(node, nodes.reference) and node.get("refuri"):
            items.append(("link", str(node["refuri"])))
        elif type(node) in kinds and not isinstance(node.parent, nodes.system_message):
            items.append((kinds[type(node)], ""))
    return items, text
