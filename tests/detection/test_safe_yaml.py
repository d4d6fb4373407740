"""Hostile YAML ends in a verdict, within a second and little memory."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trender_assets.trending.detection import safe_yaml

from .timing import takes_less_than

FULL = safe_yaml.MAX_BYTES

HOSTILE = {
    "brackets": "[" * 100_000,
    "braces": "{" * 100_000,
    "dashes": "- " * 100_000,
    "questions": "? " * 100_000,
    "laughs": "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 11)),
    "merges": "a0: &a0 {k: v}\n"
    + "".join(f"a{i}: &a{i}\n  <<: [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 41)),
    "merge_chain": "a0: &a0 {k: v}\n"
    + "".join(f"a{i}: &a{i}\n  <<: *a{i - 1}\n  k{i}: v\n" for i in range(1, 49)),
    "self_alias": "&a [*a]",
    "self_merge": "&a {<<: *a}",
    "anchors": "".join(f"- &a{i} x\n" for i in range(200)),
    "nodes": "- a\n" * 60_000,
    "deep_and_wide": "[" * 60 + "a," * 19_000 + "]" * 60,
    "one_line": "a: " + "b " * ((FULL - 10) // 2),
    "comments": "#a\n" * (FULL // 3),
    "blank_lines": "\n" * FULL,
    "spaces": " " * FULL,
    "folds": '"' + "\\\n" * (FULL // 2 - 2) + '"',
    "quotes": "'" + "''" * (FULL // 2 - 2) + "'",
    "directives": "%X a\n" * 50_000,
    "tag_handles": "".join(f"%TAG !a{i}! t:\n" for i in range(14_000)) + "---\na",
    "base_60": "!!int " + "59:" * 80_000 + "1",
    "literal": "a: |\n" + "  b\n" * (FULL // 4 - 3),
    "flow_pairs": "[" + "? a : b," * 9_000 + "]",
    "keys": "".join(f"a{i}: b\n" for i in range(9_990)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_document_ends_within_a_second(name: str) -> None:
    """Bombs end in a verdict in less than a second of processor time."""
    assert takes_less_than(1.0, lambda: safe_yaml.load(HOSTILE[name]))
    verdict = safe_yaml.load(HOSTILE[name])
    assert verdict.reason is None or verdict.reason.split(":")[0] in (
        "too_complex",
        "parse_error",
        "empty",
    )


@pytest.mark.parametrize(
    "name",
    ["brackets", "dashes", "laughs", "merges", "self_alias", "self_merge", "anchors", "nodes"],
)
def test_bombs_are_too_complex(name: str) -> None:
    """Bombs are named as such."""
    verdict = safe_yaml.load(HOSTILE[name])
    assert verdict.value is None
    assert str(verdict.reason).startswith("too_complex")


def test_the_worker_survives_in_little_memory() -> None:
    """CSafeLoader would end this process by SIGSEGV; here it exits 0 within 200 MB."""
    code = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_AS, (200 << 20, 200 << 20))\n"
        "from trender_assets.trending.detection import safe_yaml\n"
        "K = 256 * 1024\n"
        "for text in ('[' * 100_000, '{' * 100_000, '- ' * 100_000, '- a\\n' * 60_000,\n"
        "             '[' * 60 + 'a,' * 19_000 + ']' * 60, 'b ' * (K // 2), '#a\\n' * (K // 3)):\n"
        "    assert 'MemoryError' not in str(safe_yaml.load(text).reason)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "text",
    ["a: b\n" * 240_000, "x" * 10_000_000, "a: " + "b" * 1_000_000, "é" * 140_000],
)
def test_large_documents_are_refused_unread(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above 256 KB nothing is parsed."""
    monkeypatch.setattr(safe_yaml, "_EventLoader", None)
    assert safe_yaml.load(text).reason == "too_large: more than 256 KB"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("!!python/object/apply:os.system ['id']", "parse_error: a tag that is not plain YAML"),
        ("a: !!set {b}", "parse_error: a tag that is not plain YAML"),
        ("a: 1\n---\nb: 2", "parse_error: more than one document"),
        ("", "empty: no document"),
        ("# nothing", "empty: no document"),
        ("~", "empty: no document"),
        ("a:\n\tb: c", "parse_error: found character at line 2"),
        ("a\0b", "parse_error: ReaderError"),
        ("a: \ud800", "parse_error: ReaderError"),
        ("a: b".encode("utf-16").decode("utf-8", "replace"), "parse_error: ReaderError"),
        ("{[a]: b}", "parse_error: a list or mapping as a key"),
        ("? {a: b}\n: c", "parse_error: a list or mapping as a key"),
        ("a: *hunter2", "parse_error: an alias to nothing"),
        ("a: &a [b]\n? *a\n: c", "parse_error: a list or mapping as a key"),
        ("[" + "{<<: {a: b}}, " * 51 + "]", "too_complex: more than 50 merge keys"),
        ("a: !!str {b: c}", "parse_error: a tag that is not plain YAML"),
        ("<<: x", "parse_error: a merge key without a mapping"),
        ("a: [b", "parse_error: expected at line 1"),
    ],
)
def test_fixed_verdicts(text: str, reason: str) -> None:
    """Tags, several documents, tabs, NUL, UTF-16, unhashable keys."""
    assert safe_yaml.load(text).reason == reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: NO", "NO"),
        ("a: 22:22", "22:22"),
        ("a: 3.10", "3.10"),
        ("a: 017", "017"),
        ("a: 2024-13-45", "2024-13-45"),
        ("a: !!timestamp 2024-13-45", "2024-13-45"),
        ("a: " + "9" * 5_000, "9" * 5_000),
        ("a: !!int '" + "9" * 5_000 + "'", "9" * 5_000),
        ("a: true", "true"),
        ("a:", None),
        ("a: !!null b", None),
        ("a: ! b", "b"),
        ("a: &x b\nc: *x", "b"),
        ("a: ~", None),
        ('a: ""', ""),
        ('a: "~"', "~"),
        ("\ufeffa: b", "b"),
        ("a: b\r\n", "b"),
        ("b: &b {x: 1, y: 2}\na: {<<: *b, y: 3}", {"x": "1", "y": "3"}),
        ('a: {"<<": b}', {"<<": "b"}),
        ("a: [x, y]", ["x", "y"]),
    ],
)
def test_scalars_stay_the_text_they_are(text: str, value: object) -> None:
    """No Norway problem, no base 60, no dates, no huge integers."""
    verdict = safe_yaml.load(text)
    assert verdict.reason is None
    assert verdict.value["a"] == value


def test_duplicate_keys_are_noticed() -> None:
    """The last one counts, and the finding knows; merged keys are no duplicates."""
    verdict = safe_yaml.load("a: 1\nb: &b {c: 1}\nd: {<<: *b, c: 2}\na: 2")
    assert verdict.value["a"] == "2"
    assert verdict.duplicate_keys == ("a",)


def test_a_reason_never_quotes_the_document() -> None:
    """A value such as *hunter2 must not reach a finding through an error message."""
    for text in ("password: *hunter2", "a: !hunter2 x", "a: 'hunter2", "hunter2: [", "%hunter2"):
        assert "hunter2" not in str(safe_yaml.load(text).reason)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*<>|!%?'\"# \n\t,~\\\ufeff\ud8000"), max_size=80))
def test_no_text_raises(text: str) -> None:
    """Whatever the text, there is a value or a reason."""
    verdict = safe_yaml.load(text)
    assert (verdict.value is None) == (verdict.reason is not None)
