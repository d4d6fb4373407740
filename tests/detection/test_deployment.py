"""Deployment hints of a repository: recorded ones, Dockerfiles, platforms, what was not read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from trender_assets.trending.detection.dockerfile import render_hints
from trender_assets.trending.detection.findings import detect


def _precision_recall(pairs: list[tuple[bool, bool]]) -> tuple[float, float]:
    """Precision and recall of (found, true) pairs."""
    hits = sum(found and true for found, true in pairs)
    return hits / sum(found for found, _ in pairs), hits / sum(true for _, true in pairs)


def test_recorded_readmes_and_blueprints(shared_data: Path) -> None:
    """Buttons, mentions and Blueprints of real repositories, positives and negatives."""
    with gzip.open(shared_data / "render" / "dockerfiles_readmes.ndjson.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    with gzip.open(shared_data / "render" / "blueprints.ndjson.gz", "rt") as lines:
        heads = {r["repo"]: r["text"] for r in map(json.loads, lines) if r["kind"] == "head"}
    buttons, mentions, blueprints = [], [], []
    for row in rows:
        if row["kind"] != "readme":
            assert render_hints(row["text"]) == []
            continue
        blueprint = heads.get(row["repo"])
        found = detect(
            {
                "README.md": {"status": "found", "text": row["text"]},
                "render.yaml": {"status": "found", "text": blueprint}
                if blueprint
                else {"status": "absent"},
                "render.yml": {"status": "absent"},
            },
            row["repo"],
        ).deployment
        buttons.append((found["has_deploy_button"], row["has_deploy_button"]))
        mentions.append(
            (found["readme_mentions_render"], row["repo"].startswith("render-examples"))
        )
        blueprints.append((found["platforms"]["render"], row["has_render_yaml"]))
    for name, pairs in (("button", buttons), ("mention", mentions), ("render.yaml", blueprints)):
        precision, recall = _precision_recall(pairs)
        print(f"\n{name}: precision {precision:.2f}, recall {recall:.2f} of {len(pairs)}")
        assert (precision, recall) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("line", "hints"),
    [
        ("EXPOSE 10000", ["EXPOSE 10000 (line 1)"]),
        ("expose 80 10000/tcp", ["EXPOSE 10000 (line 1)"]),
        ("ENV PORT=10000", ["PORT=10000 (line 1)"]),
        ("ENV PORT 10000", ["PORT 10000 (line 1)"]),
        ("CMD serve --port ${PORT:-10000}", ["PORT:-10000 (line 1)"]),
        ("CMD serve --port=10000", ["--port=10000 (line 1)"]),
        ("ARG RENDER_EXTERNAL_HOSTNAME", ["RENDER_EXTERNAL_HOSTNAME (line 1)"]),
        ("WORKDIR /opt/render/project/src", ["/opt/render (line 1)"]),
        ("ENV URL=https://x.onrender.com", ["onrender.com (line 1)"]),
        ("# EXPOSE 10000", []),
        ("  # ENV PORT=10000", []),
        ("RUN true # PORT=10000", []),
        ("EXPOSE 100001 1000", []),
        ("ENV PORT=8080", []),
        ("ENV EXPORT=10000", []),
        ("ENV RENDER_ENGINE=cycles RENDER_QUALITY=1", []),
        ("COPY ./render-redash.sh /bin/render-redash", []),
        ("RUN curl https://rendering.com", []),
    ],
)
def test_dockerfile_hints(line: str, hints: list[str]) -> None:
    """Signs of Render, look-alikes and comments."""
    assert render_hints(line) == hints


def test_platforms_follow_the_files() -> None:
    """A platform is true by its file, null when the file's status is unknown."""
    files: dict[str, dict[str, Any]] = {
        "render.yaml": {"status": "found", "text": "services: [{type: web, name: a}]"},
        "vercel.json": {"status": "found", "text": "{}"},
        "railway.json": {"status": "absent"},
        "railway.toml": {"status": "unknown", "reason": "timeout"},
        "fly.toml": {"status": "absent"},
    }
    expected = {"render": True, "vercel": True, "railway": None, "fly": False}
    assert detect(files).deployment["platforms"] == expected
    files["railway.json"] = {"status": "too_large"}
    files["render.yaml"] = {"status": "found", "text": "scene: 1"}
    files["render.yml"] = {"status": "absent"}
    assert detect(files).deployment["platforms"]["railway"] is True
    assert detect(files).deployment["platforms"]["render"] is False
    files["render.yaml"] = {"status": "found", "text": "services: ["}
    assert detect(files).deployment["platforms"]["render"] is None


def test_unread_readme_is_null_and_absent_is_false() -> None:
    """Unknown is not absent."""
    unread = detect({"README.md": {"status": "unknown", "reason": "timeout"}}).deployment
    assert unread["has_deploy_button"] is unread["readme_mentions_render"] is None
    assert unread["documentation_score"] is None
    assert unread["documentation_evidence"] == {"readme": "timeout"}
    absent = detect({"README.md": {"status": "absent"}}).deployment
    assert absent["has_deploy_button"] is absent["readme_mentions_render"] is False
    assert absent["documentation_score"] == 0
