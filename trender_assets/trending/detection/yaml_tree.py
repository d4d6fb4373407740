"""YAML events → plain values, counted while they are built.

Define a rule here when an event must become a value in another way. Reading text and naming
errors belongs to `safe_yaml`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_DEPTH = 64
MAX_ANCHORS = 100
MAX_MERGE_KEYS = 50
MAX_NODES = 20_000
SHOWN_DUPLICATES = 20

_PREFIX = "tag:yaml.org,2002:"
# Explicit tags of scalars give text too: `!!int` with 5,000 digits would raise, one in base 60
# would take seconds. Any other tag, such as `!!python/object`, is refused.
_SCALAR_TAGS = frozenset(
    _PREFIX + name for name in ("str", "int", "float", "bool", "timestamp", "binary")
)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class TooComplex(Exception):
    """The document passed a limit."""


class Unusable(Exception):
    """The document has no plain value: a foreign tag, a list as key, a second document."""


class _MergeKey:
    """The key `<<`; an object of its own, since a quoted "<<" is an ordinary key."""


_MERGE = _MergeKey()


@dataclass
class _Open:
    """A list or mapping that has begun and not yet ended."""

    value: Any
    anchor: str | None
    nodes_before: int
    key: Any = None
    has_key: bool = False
    written: set[str] = field(default_factory=set)
    merged: list[Any] = field(default_factory=list)


class TreeBuilder:
    """Takes events in order; afterwards `value` is the document.

    Attributes:
        value: The root, None when the stream holds no document.
        duplicate_keys: Keys written twice in one mapping, at most 20, as written.
    """

    def __init__(self) -> None:
        self.value: Any = None
        self.duplicate_keys: list[str] = []
        self._stack: list[_Open] = []
        self._anchored: dict[str, tuple[Any, int]] = {}
        self._documents = 0
        self._nodes = 0
        self._references = 0
        self._merges = 0

    def take(self, event: yaml.Event) -> None:
        """Add one event.

        Args:
            event: The next event of PyYAML's parser.

        Raises:
            TooComplex: A limit is passed.
            Unusable: The document has no plain value.
        """
        match event:
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.SequenceStartEvent():
                self._open(event, [], "seq")
            case yaml.MappingStartEvent():
                self._open(event, {}, "map")
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._close()
            case yaml.AliasEvent():
                self._alias(event.anchor)
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents > 1:
                    raise Unusable("more than one document")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._grow(1)
        plain = event.implicit[0]
        if not plain and event.tag is not None and event.tag not in ("!", *_SCALAR_TAGS):
            if event.tag != _PREFIX + "null":
                raise Unusable("a tag that is not plain YAML")
            value: Any = None
        elif plain and event.value in _NULLS:
            value = None
        elif plain and event.value == "<<" and self._expects_key():
            value = _MERGE
        else:
            value = event.value
        if event.anchor is not None:
            self._remember(event.anchor, value, 1)
        self._place(value)

    def _open(
        self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent, value: Any, kind: str
    ) -> None:
        if event.tag not in (None, "!", _PREFIX + kind):
            raise Unusable("a tag that is not plain YAML")
        if self._expects_key():
            raise Unusable("a list or mapping as a key")
        if len(self._stack) >= MAX_DEPTH:
            raise TooComplex(f"nested deeper than {MAX_DEPTH}")
        if event.anchor is not None:
            self._anchored.pop(event.anchor, None)
            self._count_reference()
        self._stack.append(_Open(value, event.anchor, self._nodes))
        self._grow(1)

    def _close(self) -> None:
        opened = self._stack.pop()
        for source in opened.merged:
            # What is written in the mapping wins; of several sources the first one does.
            for key, value in source.items():
                opened.value.setdefault(key, value)
        if opened.anchor is not None:
            self._anchored[opened.anchor] = (opened.value, self._nodes - opened.nodes_before)
        self._place(opened.value)

    def _alias(self, anchor: str) -> None:
        self._count_reference()
        known = self._anchored.get(anchor)
        if known is None:
            if any(opened.anchor == anchor for opened in self._stack):
                raise TooComplex("an alias to what contains it")
            raise Unusable("an alias to nothing")
        value, weight = known
        if self._expects_key() and isinstance(value, list | dict):
            raise Unusable("a list or mapping as a key")
        self._grow(weight)
        self._place(value)

    def _place(self, value: Any) -> None:
        if not self._stack:
            self.value = value
            return
        parent = self._stack[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
        elif not parent.has_key:
            parent.key, parent.has_key = value, True
        else:
            parent.has_key = False
            self._put(parent, parent.key, value)

    def _put(self, parent: _Open, key: Any, value: Any) -> None:
        if key is _MERGE:
            self._merges += 1
            if self._merges > MAX_MERGE_KEYS:
                raise TooComplex(f"more than {MAX_MERGE_KEYS} merge keys")
            sources = value if isinstance(value, list) else [value]
            if not all(isinstance(source, dict) for source in sources):
                raise Unusable("a merge key without a mapping")
            parent.merged.extend(sources)
            return
        name = "null" if key is None else key
        if name in parent.written and len(self.duplicate_keys) < SHOWN_DUPLICATES:
            self.duplicate_keys.append(name)
        parent.written.add(name)
        parent.value[name] = value

    def _expects_key(self) -> bool:
        if not self._stack:
            return False
        top = self._stack[-1]
        return isinstance(top.value, dict) and not top.has_key

    def _remember(self, anchor: str, value: Any, weight: int) -> None:
        self._count_reference()
        self._anchored[anchor] = (value, weight)

    def _count_reference(self) -> None:
        self._references += 1
        if self._references > MAX_ANCHORS:
            raise TooComplex(f"more than {MAX_ANCHORS} anchors and aliases")

    def _grow(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise TooComplex(f"more than {MAX_NODES} nodes with aliases expanded")
