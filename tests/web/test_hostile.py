"""Texts from strangers on every page and in every field stay texts."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.pages import HTML
from tests.web.repositories import HOSTILE_TEXTS
from trender_web.answer.answers import cell, to_csv
from trender_web.answer.text import safe_url, shown, starts_formula
from trender_web.drawing.bars import bar_figure
from trender_web.drawing.diagram import service_diagram
from trender_web.drawing.lines import Series, line_figure

TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "style",
        "body",
        "a",
        "header",
        "div",
        "svg",
        "path",
        "rect",
        "circle",
        "text",
        "g",
        "defs",
        "marker",
        "nav",
        "ul",
        "ol",
        "li",
        "form",
        "label",
        "input",
        "select",
        "option",
        "button",
        "p",
        "span",
        "main",
        "section",
        "h1",
        "h2",
        "h3",
        "strong",
        "b",
        "i",
        "dl",
        "dt",
        "dd",
        "footer",
        "code",
        "small",
        "time",
        "bdi",
        "fieldset",
        "legend",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "details",
        "summary",
        "pre",
        "datalist",
        "br",
        "img",
    ]
)
SVG = 'xmlns="http://www.w3.org/2000/svg"'


class Audit(HTMLParser):
    """Collects every tag, handler and address of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: list[tuple[str, str, str]] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        if tag == "script":
            self.scripts += 1
        for name, value in attrs:
            if name.startswith("on") or name == "style":
                self.handlers.append(f"{tag} {name}")
            if name in ("href", "src", "action", "xlink:href"):
                self.addresses.append((tag, name, value or ""))


@pytest.mark.parametrize("path", [*HTML, *(f"/repo/hostile/h{n}" for n in range(len(HOSTILE_TEXTS))),
                                  *(f"/repo/hostile/h{n}?tab=render" for n in range(4))])  # fmt: skip
async def test_no_text_becomes_markup_or_a_scheme(client: httpx.AsyncClient, path: str) -> None:
    """Allowlisted tags, two scripts of ours, no handler, no odd scheme, on every page."""
    page = (await client.get(path)).text
    audit = Audit(page)
    assert audit.tags <= TAGS
    assert audit.scripts == 2 and audit.handlers == []
    for tag, name, value in audit.addresses:
        assert re.match(r"(/|#|https?://)", value), (tag, name, value)
        assert not value.startswith("//")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08]", page)


async def test_hostile_texts_are_shown_as_they_are(client: httpx.AsyncClient) -> None:
    """The reader sees the characters that were written."""
    page = (await client.get("/repo/hostile/h0")).text
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    page = (await client.get("/repo/hostile/h2")).text
    assert "{{7*7}} ${7*7} #{7*7}" in page and "49 $" not in page
    page = (await client.get("/repo/hostile/h7")).text
    assert "日本語" in page and "🚀 🚀" in page


async def test_only_web_links_are_links(client: httpx.AsyncClient) -> None:
    """Javascript:, data:, // and user@host stay text; a foreign letter shows as punycode."""
    for index in range(7):
        page = (await client.get(f"/repo/hostile/h{index}")).text
        assert 'rel="noopener nofollow ugc"' not in page
    page = (await client.get("/repo/hostile/h7")).text
    assert '<a href="https://xn--bcher-kva.example/" rel="noopener nofollow ugc">' in page


@pytest.mark.parametrize(
    "path", ["/trending.csv", "/repo/hostile/h3.csv", "/compare/hostile/h3/hostile/h1.csv"]
)
async def test_no_cell_is_a_formula(client: httpx.AsyncClient, path: str) -> None:
    """A cell that a spreadsheet would run begins with an apostrophe; RFC 4180 reads back."""
    answer = await client.get(path)
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert "\r\n" in answer.text and len({len(row) for row in rows}) == 1
    for row in rows[1:]:
        for value in row:
            if starts_formula(value):
                float(value)  # a number may be negative; nothing else may start so


@given(st.lists(st.one_of(st.text(), st.none()), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_csv_reads_back(values: list[str | None]) -> None:
    names = [f"c{n}" for n in range(len(values))]
    text = to_csv([dict(zip(names, values, strict=True))], names).decode()
    head, row = list(csv.reader(io.StringIO(text, newline="")))
    assert head == names and len(row) == len(values)
    for value, read in zip(values, row, strict=True):
        assert not starts_formula(read)
        if value and "\x00" not in value and not re.search("[\ud800-\udfff]", value):
            assert read.removeprefix("'") == value.removeprefix("'") or read == "'" + value


@pytest.mark.parametrize(
    "text",
    ["=SUM(A1)", "＝SUM(A1)", "＋1", "－1", "＠SUM(A1)", "﹢1", "﹣1", "﹦1", "⁼1", "₊1", "−1", "@x",
     " =1", "\u00a0=1", "\u200b=1", "\ufeff＝1", "\u202e=1", "\x0b=1", "\n=1", "\u3000＝1", "\t1",
     "\ufe0f=1"],
)  # fmt: skip
def test_every_form_of_a_formula_is_disarmed(text: str) -> None:
    """A description that began with a full-width sign, or a blank before it, was left alive."""
    assert cell(text) == "'" + text


@pytest.mark.parametrize("text", ["a=b", "名=1", "1+1", "x", "", "'=1", "#1", "–dash", "🚀 =1"])
def test_other_text_is_left_alone(text: str) -> None:
    assert cell(text) == text


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_shown_is_clean_and_stable(text: str) -> None:
    """No control, no bidi override, one line; cleaning twice changes nothing."""
    once = shown(text)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", once)
    assert shown(once) == once
    assert len(shown(text, 20)) <= 20


def test_marks_do_not_pile_up() -> None:
    assert len(shown("a" + "\u0351" * 10_000)) <= 6


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.com/a?b=c#d", "https://example.com/a?b=c"),
        ("http://example.com:8080/", "http://example.com:8080/"),
        ("https://exa\u0440mple.com/", "https://xn--exampl-5of.com/"),
        ("javascript:alert(1)", None), ("data:text/html,x", None), ("vbscript:x", None),
        (" java\tscript:alert(1)", None), ("//evil.example", None), ("http://a@b.example/", None),
        ("https://ex.example/\"onclick=x", None), ("https://localhost/", None), ("ftp://a.example", None),
        ("https://[::1]/", None), ("https://a.example:99999/", None), ("", None), (None, None),
        ("https://" + "a" * 3000 + ".example", None), ("https://a..example/", None),
    ],
)  # fmt: skip
def test_safe_url(url: str | None, link: str | None) -> None:
    """Only http(s) with an ordinary host."""
    if link and "xn--" in link:
        found = safe_url(url)
        assert found is not None and found.startswith("https://xn--")
    else:
        assert safe_url(url) == link


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_drawings_are_well_formed(name: str, kind: str) -> None:
    """Whatever a service, a repository or a language is called, the drawing is XML of our tags."""
    from datetime import date

    services = [
        {"name": name, "type": kind, "links": [kind, name], "plan": name},
        {"name": kind, "type": "web"},
    ]
    figure = line_figure(
        name,
        kind,
        [Series(name, {date(2026, 1, 1): 1, date(2026, 1, 9): 2}), Series(kind, {})],
        unit=kind,
    )
    for drawing in (
        service_diagram(services, [{"name": name, "plan": kind}]),
        bar_figure(name, kind, [(name, 3), (kind, 1)], (name, kind)).svg,
        figure.svg,
    ):
        tree = ElementTree.fromstring(f"<div {SVG}>{drawing}</div>")
        allowed = {
            "div",
            "svg",
            "path",
            "text",
            "rect",
            "g",
            "defs",
            "marker",
            "circle",
            "p",
            "span",
            "bdi",
        }
        for element in tree.iter():
            assert element.tag.rpartition("}")[2] in allowed
            assert not [key for key in element.attrib if key.startswith("on") or "href" in key]
