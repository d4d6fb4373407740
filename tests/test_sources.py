"""The sources: which there are, in which order, and what each asks."""

from __future__ import annotations

from datetime import UTC, datetime

from trender_assets.settings import FileSettings, Language
from trender_assets.trending.sources import all_sources

AS_OF = datetime(2026, 3, 1, 0, 30, tzinfo=UTC)


def test_the_partitions_and_their_order() -> None:
    """The contract's twelve keys; a language's slug is its key and its pool."""
    assert [source.key for source in all_sources(FileSettings())] == [
        "python", "typescript", "go", "render-examples", "render-oss", "renderinc",
        "topic-render", "topic-render-deploy", "topic-render-blueprints", "readme-mention",
        "blueprint-file", "employees",
    ]  # fmt: skip


def test_a_further_language_is_one_line() -> None:
    """Odd names are quoted for search; the slug stays plain."""
    settings = FileSettings(languages=(Language(slug="csharp", name="C#"),))
    source = all_sources(settings)[0]
    assert (source.key, source.language, source.source_type) == ("csharp", "C#", "trending")
    assert all('language:"C#"' in query.query for query in source.queries(AS_OF))


def test_trending_is_not_only_the_famous() -> None:
    """Established, young and fast-rising repositories are asked for apart."""
    queries = {q.name: q.query for q in all_sources(FileSettings())[0].queries(AS_OF)}
    assert queries["established"] == "language:Python pushed:>=2026-01-30"
    assert queries["young"] == "language:Python created:>=2025-12-01 stars:>=20"
    assert "created:>=" in queries["rising"]
    assert "stars:>=100" in queries["rising"]


def test_render_sources_ask_what_the_draft_meant() -> None:
    """Repository search for READMEs, code search only for files, whole orgs."""
    sources = {source.key: source for source in all_sources(FileSettings(employees=("ana",)))}
    readme = sources["readme-mention"].queries(AS_OF)[0]
    assert (readme.kind, readme.query) == ("search_repositories", '"render.com" in:readme')
    code = sources["blueprint-file"].queries(AS_OF)[0]
    assert (code.kind, code.query) == ("search_code", "filename:render.yaml path:/")
    assert sources["render-oss"].queries(AS_OF)[0].kind == "organisation"
    assert [q.query for q in sources["employees"].queries(AS_OF)] == ["ana"]
    assert sources["topic-render"].queries(AS_OF)[0].query == "topic:render"
    assert {
        s.source_type for k, s in sources.items() if k not in ("python", "typescript", "go")
    } == {"render_ecosystem"}


def test_nobody_configured_asks_nothing() -> None:
    """Without employees the source has no query, and that is no failure."""
    assert all_sources(FileSettings())[-1].queries(AS_OF) == ()
