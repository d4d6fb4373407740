"""YAML written by strangers, parsed within limits that cannot be passed.

Define a limit here when a new kind of hostile document is found. What a document means belongs
to its detector; this module knows only strings, lists and mappings.

Why no subprocess is needed: the text is at most 256 KB, PyYAML's pure scanner and event parser
are linear in it and never recurse, and the tree is built here with an explicit stack that stops at
20,000 nodes *counted with every alias expanded*; so neither the tree nor any later walk over it
can be larger (a test measures time and memory). The C loader is never used: 100,000 opening
brackets overflow its stack and kill the process. PyYAML's own composer recurses, which made the
same 20,000 nodes seven times slower at an unlucky stack depth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from trender_assets.trending.detection.labels import label
from trender_assets.trending.detection.yaml_tree import MAX_NODES, TooComplex, TreeBuilder, Unusable

__all__ = ["MAX_BYTES", "MAX_NODES", "YamlVerdict", "load"]

MAX_BYTES = 256 * 1024


@dataclass(frozen=True)
class YamlVerdict:
    """A parsed document, or why it was refused.

    Attributes:
        value: Strings, lists, mappings and None; None also when refused.
        reason: None when parsed, else `too_large`, `too_complex`, `parse_error` or `empty`, a
            colon and a detail. It never quotes the document, which may hold secrets.
        duplicate_keys: Keys written twice in one mapping; the last one counts, as in PyYAML.
    """

    value: Any
    reason: str | None
    duplicate_keys: tuple[str, ...] = ()


class _EventLoader(Reader, Scanner, Parser):
    """Text → events, in pure Python."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


def load(text: str) -> YamlVerdict:
    """Parse one YAML document within limits.

    Every scalar stays the text it is (`22:22`, `NO`, `3.10`, dates), an unquoted null gives None.

    Args:
        text: The document; a text above 256 KB in UTF-8 is refused unread.

    Returns:
        The value, or the reason of the refusal. No exception leaves this function.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return YamlVerdict(None, f"too_large: more than {MAX_BYTES // 1024} KB")
    builder = TreeBuilder()
    try:
        loader = _EventLoader(text)
        while loader.check_event():
            builder.take(loader.get_event())
    except TooComplex as error:
        return YamlVerdict(None, f"too_complex: {error}")
    except Unusable as error:
        return YamlVerdict(None, f"parse_error: {error}")
    except yaml.YAMLError as error:
        return YamlVerdict(None, f"parse_error: {_describe(error)}")
    except Exception as error:  # PyYAML lets ValueError, AttributeError and others escape.
        return YamlVerdict(None, f"parse_error: {type(error).__name__}")
    names = tuple(name for key in builder.duplicate_keys if (name := label(key)))
    if builder.value is None:
        return YamlVerdict(None, "empty: no document", names)
    return YamlVerdict(builder.value, None, names)


def _describe(error: yaml.YAMLError) -> str:
    """What is wrong and where, without the words of the document (`*secret` is an alias)."""
    problem = str(getattr(error, "problem", None) or type(error).__name__)
    mark = getattr(error, "problem_mark", None)
    what = problem.split("'")[0].split('"')[0].split("(")[0].strip(" ,:") or type(error).__name__
    return f"{what[:80]} at line {mark.line + 1}" if mark is not None else what[:80]
