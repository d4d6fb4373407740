"""The one text policy for everything that strangers wrote: what is stored and shown is clean.

Define here what a clean text or JSON value is (`clean_text`, `clean_json`) and how it is
serialised (`dumps`). Escaping for a sink (HTML, CSV, SVG) belongs to that sink; keeping the exact
bytes beside the cleaned value belongs to `warehouse.rows`.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from typing import Any

MAX_DEPTH = 100
MAX_BYTES = 5_000_000
REPLACEMENT = "\ufffd"

_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LINE_END = re.compile("\r\n?|[\u2028\u2029]")
# Surrogates cannot be encoded; U+FFFE and U+FFFF are not characters of XML 1.0.
_REPLACED = re.compile("[\ud800-\udfff\ufffe\uffff]")
# C0 and C1 controls except tab and newline; bidi embeddings, overrides and isolates.
_DROPPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SUSPECT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# The same characters as `json.dumps(ensure_ascii=False)` writes them: controls are escaped.
_SUSPECT_JSON = re.compile(
    "\\\\(?:u00|[rbf])|[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")


class TextTooComplex(ValueError):
    """A JSON value is nested more deeply, or is larger, than any sink should be given."""


def clean_text(text: str, max_len: int | None = None) -> str:
    """A text that PostgreSQL, DuckDB, XML, HTML and terminals all accept.

    Surrogate pairs become their character, lone surrogates and non-characters U+FFFD; line ends
    (CR, CRLF, U+2028, U+2029) become a newline; NUL, C0 and C1 controls except tab and newline and
    bidi controls are dropped; the rest is normalised to NFC. Cleaning a clean text changes nothing.

    Args:
        text: Anything GitHub or a repository's owner wrote.
        max_len: The most code points to keep; the cut falls between user-perceived characters
            where one ends before it. None keeps everything.
    """
    if _SUSPECT.search(text):
        text = _SURROGATE_PAIR.sub(_combine, text)
        text = _LINE_END.sub("\n", text)
        text = _REPLACED.sub(REPLACEMENT, text)
        text = _DROPPED.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text if max_len is None else _clip(text, max_len)


def clean_json(value: Any) -> Any:
    """A JSON value whose texts and keys are clean and whose numbers are finite.

    NaN and the infinities, which JSON cannot say, become null. Keys that become equal by cleaning
    are kept apart by U+FFFD, so that nothing is lost silently.

    Raises:
        TextTooComplex: When it is nested more than `MAX_DEPTH` levels deep.
    """
    return _clean(value, 0)


def dumps(value: Any) -> str:
    """A value as compact, clean JSON text.

    Raises:
        TextTooComplex: When it is nested more than `MAX_DEPTH` levels deep or its UTF-8 text
            exceeds `MAX_BYTES`.
        TypeError: When it holds something that is not JSON.
    """
    _check_depth(value, 0)
    try:
        text = _encode(value)
        is_clean = not _SUSPECT_JSON.search(text) and (
            text.isascii() or unicodedata.is_normalized("NFC", text)
        )
    except ValueError:  # NaN or an infinity
        is_clean, text = False, ""
    if not is_clean:
        text = _encode(clean_json(value))
    if len(text) > MAX_BYTES or (not text.isascii() and len(text.encode()) > MAX_BYTES):
        raise TextTooComplex(f"JSON text is larger than {MAX_BYTES:,} bytes")
    return text


def _encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _combine(match: re.Match[str]) -> str:
    return match.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def _clip(text: str, max_len: int) -> str:
    if len(text) <= max_len:
        return text
    cut = max_len
    while cut > 0 and _continues(text, cut):
        cut -= 1
    # One "character" of a thousand combining marks has no good place to cut.
    return text[: cut or max_len]


def _continues(text: str, at: int) -> bool:
    """Whether the code point at `at` belongs to the user-perceived character before it."""
    here, before = text[at], text[at - 1]
    return (
        unicodedata.category(here) in ("Mn", "Me", "Mc")
        or here in _JOINERS
        or before == "\u200d"
        or "\U0001f3fb" <= here <= "\U0001f3ff"
    )


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if not isinstance(value, (dict, list, tuple)):
        return value
    if depth >= MAX_DEPTH:
        raise TextTooComplex(f"JSON is nested more than {MAX_DEPTH} levels deep")
    if not isinstance(value, dict):
        return [_clean(item, depth + 1) for item in value]
    cleaned: dict[str, Any] = {}
    for key, item in value.items():
        name = clean_text(key if isinstance(key, str) else json.dumps(key))
        while name in cleaned:
            name += REPLACEMENT
        cleaned[name] = _clean(item, depth + 1)
    return cleaned


def _check_depth(value: Any, depth: int) -> None:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, (list, tuple)):
        return
    if depth >= MAX_DEPTH:
        raise TextTooComplex(f"JSON is nested more than {MAX_DEPTH} levels deep")
    for item in value:
        if isinstance(item, (dict, list, tuple)):
            _check_depth(item, depth + 1)
