"""What strangers write, and what a card's drawing may hold of it."""

from __future__ import annotations

from xml.etree import ElementTree

HOSTILE = '<script>alert(1)</script> \u202e[x](javascript:1) `${7*7}` "quoted" 🚀'
ALLOWED_TAGS = {"svg", "title", "rect", "path", "text"}


def assert_is_plain(svg: str) -> None:
    """Letters and shapes only: nothing that runs, loads or links."""
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in ALLOWED_TAGS
        assert not any(name.endswith("href") or name.startswith("on") for name in element.attrib)
