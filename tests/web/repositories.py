"""The repositories of the dashboard's world: ordinary, of Render, hostile, renamed, gone.

Define a kind of repository here. What GitHub says of it run by run belongs to `raw_rows`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

AS_OF = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOSTILE_TEXTS = (
    '<script>alert("x")</script>',
    "</script><img src=x onerror=alert(1)>",
    "{{7*7}} ${7*7} #{7*7}",
    '=HYPERLINK("http://evil.example","x")',
    "\u202egnp.exe\u202c and \u2066isolated\u2069",
    "zalgo Z\u0351\u0352\u0353\u0354\u0355\u0356\u0357\u0358 text",
    "'; drop table raw.fetch_log; --",
    "日本語 العربية 🚀 :rocket:",
    '" onmouseover=alert(1) x="',
    "]]></desc><script/>",
)
HOSTILE_LINKS = (
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x",
    " java\tscript:alert(1)", "//evil.example", "http://user@evil.example/", "https://ex.example/\"><script>",
    "https://bücher.example/",
)  # fmt: skip


@dataclass(frozen=True)
class Repo:
    """One repository of the world."""

    repo_id: int
    full_name: str
    source: str
    language: str | None
    stars: int
    daily: int
    description: str | None = "Does one thing well"
    homepage: str | None = None
    topics: tuple[str, ...] = ()
    created: datetime = AS_OF - timedelta(days=400)
    blueprint: dict[str, Any] | None = None
    nextjs: str = "unknown"
    gone_since: datetime | None = None
    old_name: str | None = None
    renamed_at: datetime | None = None
    commits: int | None = 20
    archived: bool = False
    deployment: dict[str, Any] = field(default_factory=dict)
    releases: tuple[tuple[str, str, int], ...] = ()


def blueprint(*services: tuple[str, str], databases: int = 0) -> dict[str, Any]:
    """A valid Blueprint finding with services of (name, type); each links to the next."""
    shown = [
        {
            "name": name, "type": kind, "runtime": "python", "plan": "starter", "region": "oregon",
            "schedule": "0 * * * *" if kind == "cron" else None, "build_command": True,
            "start_command": True,
            "links": [services[index + 1][0]] if index + 1 < len(services) else (["db-1"] if databases else []),
        }
        for index, (name, kind) in enumerate(services)
    ]  # fmt: skip
    types: dict[str, int] = {}
    for _, kind in services:
        types[kind] = types.get(kind, 0) + 1
    return {
        "status": "valid", "reason": None, "path": "render.yaml", "blob_sha": "a" * 40,
        "services": shown, "service_count": len(shown), "service_types": types,
        "databases": [{"name": f"db-{n + 1}", "plan": "basic"} for n in range(databases)],
        "database_count": databases, "env_groups": 0, "projects": 0, "previews": False,
        "complexity_score": min(10, len(shown) + databases), "complexity_evidence": {},
        "quality_score": 0.75, "quality_evidence": {},
    }  # fmt: skip


def small_world(per_language: int = 24) -> list[Repo]:
    """Three languages, Render projects of every category, hostile texts, a rename, a gone one."""
    chance = random.Random(7)
    words = [
        "swift",
        "quiet",
        "amber",
        "lunar",
        "cedar",
        "rapid",
        "prism",
        "delta",
        "north",
        "ember",
        "flint",
        "harbor",
    ]
    nouns = [
        "queue",
        "router",
        "parser",
        "vault",
        "index",
        "canvas",
        "ledger",
        "agent",
        "kernel",
        "pilot",
        "forge",
        "relay",
    ]
    texts = ("Fast, typed task queue with retries and a web console",
             "A tiny HTTP router that stays out of your way",
             "Local-first search over your own documents, with citations",
             "Streaming parser for logs that never fit into memory",
             "Agents that read your repository before they touch it",
             "Schema-first database toolkit with migrations you can review")  # fmt: skip
    repos: list[Repo] = []
    number = 1000
    for source, language in (("python", "Python"), ("typescript", "TypeScript"), ("go", "Go")):
        for index in range(per_language):
            number += 1
            name = f"{chance.choice(words)}-{chance.choice(nouns)}-{index}"
            owner = f"{chance.choice(words)}{chance.choice(('labs', 'hq', 'dev', ''))}"
            stars = int(10 ** chance.uniform(2, 5))
            repos.append(
                Repo(
                    number,
                    f"{owner}/{name}",
                    source,
                    language,
                    stars,
                    max(0, int(stars * chance.uniform(0, 0.012))),
                    description=chance.choice(texts),
                    topics=("cli", "api")[: index % 3],
                    homepage="https://example.com/docs" if index % 4 == 0 else None,
                    created=AS_OF - timedelta(days=chance.choice((3, 40, 150, 300, 900))),
                    blueprint=blueprint(("web", "web"), ("jobs", "worker"), databases=1)
                    if index % 6 == 0
                    else None,
                    nextjs=("yes", "possible", "no", "yes", "unknown")[index % 5]
                    if source == "typescript"
                    else "unknown",
                    commits=None if index == 5 else chance.randint(0, 90),
                )
            )
    for index, text in enumerate(HOSTILE_TEXTS):
        repos.append(
            Repo(2000 + index, f"hostile/h{index}", "python", "C#" if index % 2 else None, 500 + index, 3,
                 description=text, homepage=HOSTILE_LINKS[index % len(HOSTILE_LINKS)],
                 topics=(text[:40],),
                 blueprint=blueprint((text[:60], "web"), ("cron", "cron"), ("odd", "unknown:<b>x</b>"))
                 if index < 4 else None,
                 releases=((text[:60], text, 20),))
        )  # fmt: skip
    repos += [
        Repo(3001, "render-examples/flask-starter", "render-examples", "Python", 240, 1,
             blueprint=blueprint(("web", "web"), databases=1),
             deployment={"has_deploy_button": True, "deploy_button_url": "https://render.com/deploy"},
             releases=(("v2.0", "Two", 8), ("v2.0-rc1", "", 15), ("v1.9", "Nine", 60))),
        Repo(3002, "someone/blueprint", "topic-render", "Go", 900, 4,
             blueprint=blueprint(("api", "web"), ("worker", "worker"), ("cache", "keyvalue"), databases=1),
             deployment={"has_deploy_button": True, "deploy_button_url": "https://render.com/deploy"}),
        Repo(3003, "someone/community", "readme-mention", "Ruby", 120, 1,
             deployment={"readme_mentions_render": True}),
        Repo(3004, "someone/unclear", "topic-render", "JavaScript", 15, 0),
        Repo(3005, "gone/away", "python", "Python", 700, 2, gone_since=AS_OF - timedelta(days=3)),
        Repo(3006, "new-owner/renamed", "go", "Go", 800, 5, old_name="old-owner/before",
             renamed_at=AS_OF - timedelta(days=5)),
        Repo(3007, "archived/thing", "go", "Go", 4000, 1, archived=True),
        Repo(3008, "names/package.json", "python", "Python", 300, 2),
    ]  # fmt: skip
    return repos
