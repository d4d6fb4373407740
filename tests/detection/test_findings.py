"""detect() as a whole: shapes, no exception for any text, findings that can be stored."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trender_assets.trending.detection import findings
from trender_assets.trending.detection.findings import DETECTOR_VERSION, detect

PATHS = (
    "render.yaml", "render.yml", "package.json", "pnpm-workspace.yaml", "Dockerfile", "README.md",
    "vercel.json", "railway.json", "railway.toml", "fly.toml", "apps/web/package.json",
)  # fmt: skip
STATUSES = ("found", "absent", "unknown", "too_large", "binary", "not_a_file")
BITS = (
    "services:\n", "- type: web\n", "  name: a\n", "  envVars: [{key: A_TOKEN, value: b}]\n",
    "databases: [{name: x}]\n", '{"dependencies": {"next": "^16"}}', '"workspaces": ["a/*"]',
    "{", "}", "[", "]", "&a ", "*a", "<<: ", "!!int ", "\t", "\0", "\ufeff", "\ud800", "\u202e",
    "https://render.com/deploy?repo=https://[", "<!--", "-->", "```\n", "PORT=10000\n", "- ",
    "projects: [{environments: [", "catalog:\n  next: ",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=st.characters(categories=None), max_size=200),
    st.lists(st.sampled_from(BITS), max_size=30).map("".join),
)
ENTRIES = st.one_of(
    st.fixed_dictionaries(
        {
            "status": st.sampled_from(STATUSES),
            "text": st.one_of(st.none(), TEXTS),
            "oid": st.one_of(st.none(), st.text(max_size=5)),
            "reason": st.one_of(st.none(), st.text(max_size=5)),
        }
    ),
    st.dictionaries(st.sampled_from(["status", "text"]), st.one_of(st.none(), st.integers())),
)


def _check(files: dict[str, dict[str, Any]], full_name: str | None) -> None:
    found = detect(files, full_name)
    text = json.dumps(found.__dict__, allow_nan=False)
    assert "detector_error" not in text
    assert found.blueprint["status"] in ("valid", "invalid", "absent", "unknown")
    assert (found.blueprint["status"] == "valid") == (found.blueprint["reason"] is None)
    assert 0 <= found.blueprint["complexity_score"] <= 10
    assert 0 <= found.blueprint["quality_score"] <= 1
    assert found.nextjs["verdict"] in ("yes", "possible", "no", "unknown")
    score = found.deployment["documentation_score"]
    assert score is None or 0 <= score <= 1


@settings(max_examples=400, deadline=None)
@given(files=st.dictionaries(st.sampled_from(PATHS), ENTRIES), name=st.text(max_size=20))
def test_no_files_raise(files: dict[str, dict[str, Any]], name: str) -> None:
    """Whatever the files, there are findings, and no reader failed unseen."""
    _check(files, name)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_no_text_raises(text: str) -> None:
    """The same text as every file."""
    _check({path: {"status": "found", "text": text} for path in PATHS}, "octo/app")


def test_findings_hold_no_text_that_a_database_refuses() -> None:
    """NUL and lone surrogates of names do not reach a finding."""
    hostile = '"\\u0000\\ud800\\u202ex"'
    found = detect(
        {
            "render.yaml": {
                "status": "found",
                "text": f"services: [{{type: {hostile}, name: {hostile}, plan: {hostile}}}]\n"
                f"databases: [{{name: {hostile}}}]\n{hostile}: 1\n{hostile}: 2",
            },
            "package.json": {
                "status": "found",
                "text": f'{{"dependencies": {{"next": {hostile}}}}}',
            },
            "README.md": {"status": "found", "text": "https://render.com/deploy?\0\ud800\u202e"},
            "Dockerfile": {"status": "found", "text": "ENV PORT=10000\0\ud800"},
            "\0\ud800/package.json": {
                "status": "found",
                "text": '{"dependencies": {"next": "16"}}',
            },
        }
    )
    text = json.dumps(found.__dict__, ensure_ascii=False)
    assert not {"\0", "\ud800", "\u202e"}.intersection(text)
    assert "\\u0000" not in text
    text.encode()


def test_one_failing_reader_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of a detector makes one finding unknown, it never loses a batch."""
    monkeypatch.setattr(findings, "find_nextjs", lambda files: 1 / 0)
    found = detect({path: {"status": "absent"} for path in PATHS})
    assert found.nextjs == {
        "verdict": "unknown",
        "reason": "detector_error: ZeroDivisionError",
        "evidence": [],
    }
    assert found.blueprint["status"] == "absent"
    assert found.deployment["has_deploy_button"] is False


def test_keys_are_the_contract() -> None:
    """The JSON shapes that the warehouse stores and SQL reads."""
    found = detect({path: {"status": "absent"} for path in PATHS}, "octo/app")
    assert set(found.blueprint) == {
        "status", "reason", "path", "blob_sha", "services", "service_count", "service_types",
        "databases", "database_count", "env_groups", "projects", "previews", "complexity_score",
        "complexity_evidence", "quality_score", "quality_evidence",
    }  # fmt: skip
    assert set(found.nextjs) == {"verdict", "reason", "evidence"}
    assert set(found.deployment) == {
        "has_deploy_button", "deploy_button_url", "readme_mentions_render",
        "dockerfile_render_hints", "platforms", "documentation_score", "documentation_evidence",
    }  # fmt: skip
    assert isinstance(DETECTOR_VERSION, int)
