"""One npm version specification of `next` → does it mean Next.js 16 or later?

Define a rule here when npm, pnpm, yarn or bun accept a further way to write a version. Which
manifests are asked, and how their verdicts combine, belongs to `nextjs`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

Verdict = Literal["yes", "possible", "no", "unknown"]

FLOOR_MAJOR = 16
LONGEST_SPEC = 200

# npm's dist-tags of `next`, as majors, read from a copy of the registry's document of that month.
# Tags move: `rc` still pointed at 15.0.0-rc.1 after 16 was out. A newer map can be passed in.
DIST_TAGS_READ_IN = "2026-01"
DIST_TAGS: Mapping[str, int] = MappingProxyType({"latest": 16, "canary": 16, "beta": 16, "rc": 15})

_NOT_IN_A_REGISTRY = re.compile(
    r"(?:file|link|portal|patch|exec|git|git\+\w{1,10}|github|gitlab|bitbucket|gist|https?|ssh):|"
    r"\$|[\w.-]{1,100}/[\w.-]{1,100}(?:#|$)",
    re.ASCII,
)
# npm refuses numbers above 2^53 - 1; the Python port takes them.
_HUGE_NUMBER = re.compile(r"[0-9]{16}")
_TAG = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)
_OWN_ALIAS = "npm:next@"


@dataclass(frozen=True)
class SpecVerdict:
    """What a specification says about Next.js ≥ 16.

    Attributes:
        verdict: `yes` when every version it allows is ≥ 16 (prereleases of 16 included),
            `possible` when some are (a lockfile decides), `no` when none is, `unknown` when the
            text does not tell.
        reason: The range, tag or obstacle behind the verdict.
        floor: The lowest version it allows, npm's `minVersion`; None when there is no range.
    """

    verdict: Verdict
    reason: str
    floor: str | None = None


def classify(
    spec: object,
    tags: Mapping[str, int] = DIST_TAGS,
    catalogs: Mapping[str, Mapping[str, object]] | None = None,
) -> SpecVerdict:
    """Judge the value that a manifest gives for `next`.

    Args:
        spec: The value, such as `^16.0.0`, `latest`, `catalog:web`, `npm:next@16`.
        tags: Dist-tag → major version.
        catalogs: Catalogue name (`default` for the unnamed one) → package → specification.

    Returns:
        The verdict; never an exception.
    """
    text = _written(spec, catalogs)
    if isinstance(text, SpecVerdict):
        return text
    if text.startswith("npm:"):
        return SpecVerdict("unknown", "an alias of another package")
    if _NOT_IN_A_REGISTRY.match(text):
        return SpecVerdict("unknown", "not from the registry")
    spans = _spans(text)
    if spans is not None:
        return _judge(spans)
    if _TAG.fullmatch(text):
        major = tags.get(text)
        if major is None:
            return SpecVerdict("unknown", "a tag nobody knows")
        return SpecVerdict("yes" if major >= FLOOR_MAJOR else "no", f"dist-tag of major {major}")
    return SpecVerdict("unknown", "not a version range")


def meets(
    spec: object, versions: str, catalogs: Mapping[str, Mapping[str, object]] | None = None
) -> bool | None:
    """Whether a specification allows one of the versions that an override is limited to.

    Args:
        spec: The value that a manifest gives for `next`.
        versions: The range in the override's key; what is no range limits it to nothing.
        catalogs: As for `classify`.

    Returns:
        None when the specification is no range: package managers differ on tags.
    """
    text, limits = _written(spec, catalogs), _alternatives(versions)
    ranges = _alternatives(text) if isinstance(text, str) else None
    if limits is None:
        return False
    if ranges is None:
        return None
    return any(_span((*one, *other)) is not None for one in ranges for other in limits)


def _written(
    spec: object, catalogs: Mapping[str, Mapping[str, object]] | None
) -> str | SpecVerdict:
    """The specification itself, taken from its catalogue and out of its prefix."""
    if not isinstance(spec, str):
        return SpecVerdict("unknown", "not a text")
    text = spec.strip()
    if len(text) > LONGEST_SPEC:
        return SpecVerdict("unknown", "too long")
    for prefix in ("workspace:", _OWN_ALIAS):
        if text.startswith(prefix):
            text = text[len(prefix) :].strip()
            if prefix == "workspace:" and text in ("*", "^", "~", ""):
                return SpecVerdict("unknown", "the workspace's own version")
    if text.startswith("catalog:"):
        name = text.removeprefix("catalog:").strip() or "default"
        entry = (catalogs or {}).get(name, {}).get("next")
        if entry is None or (isinstance(entry, str) and entry.startswith("catalog:")):
            return SpecVerdict("unknown", "not in the catalogue")
        return _written(entry, None)
    return text


@dataclass(frozen=True)
class _Span:
    """One alternative of a range: from `low` to `high`."""

    low: str
    reaches_later: bool


def _judge(spans: tuple[_Span, ...]) -> SpecVerdict:
    import nodesemver

    floor = spans[0].low
    for span in spans[1:]:
        if nodesemver.lt(span.low, floor, False):
            floor = span.low
    if all(_major(span.low) >= FLOOR_MAJOR for span in spans):
        return SpecVerdict("yes", "every version it allows", floor)
    if any(span.reaches_later for span in spans):
        return SpecVerdict("possible", "some versions it allows", floor)
    return SpecVerdict("no", "no version it allows", floor)


def _spans(text: str) -> tuple[_Span, ...] | None:
    """The alternatives of a range that something satisfies; None when there are none."""
    spans = [_span(comparators) for comparators in _alternatives(text) or ()]
    return tuple(span for span in spans if span is not None) or None


@lru_cache(maxsize=4096)
def _alternatives(text: str) -> tuple[Sequence[object], ...] | None:
    """The comparators of a range's alternatives, or None when npm would not call it one."""
    import nodesemver

    if len(text) > LONGEST_SPEC or not text.isascii() or _HUGE_NUMBER.search(text):
        return None
    try:
        if nodesemver.valid_range(text, loose=False) is None:
            return None
        return tuple(nodesemver.make_range(text, False).set)
    except Exception:
        # The library raises ValueError, but also TypeError and KeyError on odd text: no range.
        return None


def _span(comparators: Sequence[object]) -> _Span | None:
    """The lowest version of an alternative (npm's minVersion) and whether it reaches 16.0.0.

    None when nothing can satisfy it, as `>17 <16`.
    """
    import nodesemver

    low, high, high_included = "0.0.0", None, False
    for comparator in comparators:
        version = getattr(comparator, "semver", None)
        operator = getattr(comparator, "operator", "") or "="
        written = str(getattr(version, "version", "") or "")
        if not written or written == "ANY":
            continue
        if operator in (">", ">=", "="):
            bound = _after(version, written) if operator == ">" else written
            if nodesemver.gt(bound, low, False):
                low = bound
        if operator in ("<", "<=", "=") and (high is None or nodesemver.lt(written, high, False)):
            high, high_included = written, operator != "<"
    if high is not None and (
        nodesemver.lt(high, low, False) or (high == low and not high_included)
    ):
        return None
    start = low if nodesemver.gt(low, "16.0.0", False) else "16.0.0"
    reaches = high is None or nodesemver.gt(high, start, False) or (high_included and high == start)
    return _Span(low, reaches)


def _after(version: object, written: str) -> str:
    """The next version after `written`: of a prerelease its next one, else the next patch."""
    import nodesemver

    if getattr(version, "prerelease", None):
        return written + ".0"
    return str(nodesemver.inc(written, "patch", False))


def _major(version: str) -> int:
    return int(version.split(".", 1)[0])
