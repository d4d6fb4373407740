"""The text policy: any text and any JSON value passes every sink, and cleaning is idempotent."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trender_assets.text import MAX_DEPTH, TextTooComplex, clean_json, clean_text, dumps
from trender_assets.warehouse.connect import connect

HOSTILE = (
    "a\x00b",
    "\ud800 lone, \udfff lone, \ud83d\ude00 pair",
    "\ufffe\uffff",
    "\u202eevil\u202c \u2066iso\u2069",
    "line\r\nline\rline\u2028line\u2029line\x85",
    "e\u0301 \u1100\u1161",
    "<script>alert(1)</script>",
    "=HYPERLINK(1)",
    "\x1b[31mred\x7f\x9b",
    "x" + "\u0301" * 10_000,
)

anything = st.text(alphabet=st.characters(codec=None), max_size=60) | st.sampled_from(HOSTILE)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(anything, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\x00b", "ab"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "\U0001f600"),
        ("\u202eabc\u202c", "abc"),
        ("a\r\nb\rc\u2028d", "a\nb\nc\nd"),
        ("tab\there", "tab\there"),
        ("e\u0301", "é"),
        ("\uffff\ufffe", "\ufffd\ufffd"),
        ("zero\u200bwidth", "zero\u200bwidth"),
    ],
)
def test_policy(dirty: str, clean: str) -> None:
    """Each kind of hostile character has one fixed outcome."""
    assert clean_text(dirty) == clean


def test_clip_falls_between_user_perceived_characters() -> None:
    """10,000 combining marks are cut; an accent or a family emoji is not torn apart."""
    assert clean_text("abq\u0308x", 3) == "ab"
    assert clean_text("ab\U0001f469\u200d\U0001f469c", 4) == "ab"
    assert len(clean_text("q" + "\u0308" * 10_000, 50)) <= 50
    assert clean_text("short", 50) == "short"


@given(anything)
def test_clean_text_is_idempotent_and_accepted_by_xml_csv_and_html(text: str) -> None:
    """Faults §3: any text survives UTF-8, XML, CSV and HTML once it is clean."""
    clean = clean_text(text)
    assert clean_text(clean) == clean
    assert clean.encode().decode() == clean
    assert unicodedata.is_normalized("NFC", clean)
    element = ElementTree.Element("title")
    element.text = clean
    assert (ElementTree.fromstring(ElementTree.tostring(element)).text or "") == clean
    buffer = io.StringIO()
    csv.writer(buffer).writerow([clean, "end"])
    assert next(csv.reader(io.StringIO(buffer.getvalue(), newline=""))) == [clean, "end"]
    HTMLParser().feed(clean)


@given(anything, st.integers(1, 40))
def test_clip_is_idempotent_and_never_longer(text: str, length: int) -> None:
    clipped = clean_text(text, length)
    assert len(clipped) <= length
    assert clean_text(clipped, length) == clipped


@given(json_values)
def test_dumps_equals_dumps_of_the_cleaned_value(value: Any) -> None:
    """Faults §3: the fast path and the cleaning path of `dumps` give the same text."""
    text = dumps(value)
    assert text == dumps(clean_json(value))
    assert json.loads(text) == clean_json(value)
    assert clean_json(clean_json(value)) == clean_json(value)
    assert "\\u0000" not in text


def test_numbers_that_json_cannot_say_become_null() -> None:
    """1e400 and NaN never reach jsonb."""
    assert (
        dumps({"a": float("nan"), "b": json.loads("1e400"), "c": 1.5})
        == '{"a":null,"b":null,"c":1.5}'
    )


def test_keys_are_cleaned_and_none_is_lost() -> None:
    """A NUL in a JSON key is dropped; two keys that become equal stay two."""
    assert clean_json({"a\x00": 1, "a": 2}) == {"a": 1, "a\ufffd": 2}


def test_depth_and_size_are_bounded() -> None:
    """Faults §3: depth ≤ 100, size ≤ 5 MB, and the error is a ValueError, not a RecursionError."""
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert json.loads(dumps(deep)) == clean_json(deep)
    with pytest.raises(TextTooComplex):
        dumps([deep])
    with pytest.raises(TextTooComplex):
        clean_json({"a": deep})
    abyss: Any = 1
    for _ in range(100_000):
        abyss = [abyss]
    with pytest.raises(TextTooComplex):
        dumps(abyss)
    while isinstance(abyss, list):  # taken apart by hand: freeing 100,000 levels at once is slow
        abyss = abyss.pop()
    with pytest.raises(TextTooComplex):
        dumps("é" * 2_600_000)


def test_clean_values_are_accepted_by_postgres(postgres_server: str) -> None:
    """What `dumps` writes is valid jsonb, and what `clean_text` gives is valid text."""

    @settings(max_examples=60, deadline=None)
    @given(json_values, anything)
    def insert(value: Any, text: str) -> None:
        with connection.transaction():
            row = connection.execute(
                "insert into accepted values (%s::jsonb, %s) returning document, note",
                [dumps(value), clean_text(text)],
            ).fetchone()
        assert row is not None
        assert row[1] == clean_text(text)

    with connect(postgres_server) as connection:
        connection.execute("create temp table accepted (document jsonb, note text)")
        insert()
