"""The populations of the ranked languages: giants, steady ones, young risers, bursts, decliners.

Define a growth profile or a language's mixture here. Awkward repositories, which are there to
break things, belong to `world.awkward`.
"""

from __future__ import annotations

from github_simulator.world.builder import Builder
from github_simulator.world.calendars import los_angeles_day
from github_simulator.world.chance import draw, unit
from github_simulator.world.manifests import give_nextjs, give_oddity, upgrade
from github_simulator.world.model import Repository, StarPlan
from github_simulator.world.render import give_render

LANGUAGES = ("Python", "TypeScript", "Go")
PROFILES = (
    ("giant", 0.08),
    ("steady", 0.34),
    ("declining", 0.08),
    ("rising", 0.15),
    ("burst", 0.07),
    ("young", 0.28),
)
TOPICS = ("cli", "ai", "llm", "database", "devtools", "api", "self-hosted", "observability")
RENDER_EVERY = 12


def build_languages(builder: Builder, per_language: int, languages: tuple[str, ...]) -> None:
    """Make `per_language` repositories that can be ranked in each language, and further ones."""
    for language in languages:
        for profile, share in PROFILES:
            for index in range(max(1, round(per_language * share))):
                repository = one(builder, language, profile, index)
                if language == "TypeScript":
                    key = draw(builder.seed, repository.id, 31)
                    give_nextjs(repository, "yes", key)
                    if profile != "young" or index % 2 == 0:
                        repository.topics = ("nextjs", *repository.topics)
        _born_later(builder, language, max(2, per_language // 10))
        _not_ranked(builder, language, per_language)
        if language == "TypeScript":
            _other_typescript(builder, per_language)


def one(
    builder: Builder, language: str | None, profile: str, index: int, *, render: bool = True
) -> Repository:
    """A repository of a growth profile; every twelfth uses Render unless `render` is false."""
    key = draw(builder.seed, sum(map(ord, f"{language}{profile}")), index)
    age = {"young": 3 + draw(key, 1) % 82, "rising": 100 + draw(key, 1) % 250}.get(
        profile, 400 + draw(key, 1) % 3000
    )
    skew = unit(key, 2) ** 3
    base, rate, commits, issues = {
        "giant": (25_000 + int(skew * 120_000), 12 + 60 * unit(key, 3), 9.0, 4.0),
        "steady": (300 + int(skew * 9_000), 0.5 + 5 * unit(key, 3), 1.5, 0.6),
        "declining": (2_000 + int(skew * 9_000), 1 + 6 * unit(key, 3), 0.4, 0.4),
        "rising": (150 + int(skew * 900), 3 + 25 * unit(key, 3), 3.0, 1.0),
        "burst": (200 + int(skew * 2_000), 2 + 4 * unit(key, 3), 1.0, 0.5),
        "young": (0, 3 + 90 * skew + 5 * unit(key, 3), 4.0, 0.8),
    }[profile]
    repository = builder.make(
        language,
        age_days=age,
        stars=StarPlan(
            base=base,
            per_day=rate,
            shape=profile,
            burst_day=los_angeles_day(builder.start) - 12 + draw(key, 4) % 40,
            hidden=draw(key, 5) % 3,
        ),
        commits_per_day=commits * (0.3 + 1.2 * unit(key, 6)),
        issues_per_day=issues * (0.3 + 1.2 * unit(key, 7)),
        topics=tuple(dict.fromkeys(TOPICS[draw(key, 8, n) % len(TOPICS)] for n in range(3))),
    )
    repository.tag(profile)
    if render and draw(key, 9) % RENDER_EVERY == 0:
        give_render(repository, key, (0.8, 0.4, 0.9))
        if unit(key, 10) < 0.5:
            repository.topics = ("render", *repository.topics)
    return repository


def _born_later(builder: Builder, language: str, number: int) -> None:
    """Repositories that are created after the start, so that new names keep coming."""
    for index in range(number):
        key = draw(builder.seed, len(language), index, 77)
        repository = builder.make(
            language,
            age_days=-(0.3 + index * 140 / number),
            stars=StarPlan(per_day=10 + 40 * unit(key, 1), shape="young"),
            commits_per_day=4.0,
            issues_per_day=0.5,
            topics=("nextjs", "ai") if language == "TypeScript" else ("ai",),
        )
        repository.tag("born-later")
        if language == "TypeScript":
            give_nextjs(repository, "yes", key)


def _not_ranked(builder: Builder, language: str, per_language: int) -> None:
    """Repositories that search finds and the ranking must leave out, or never finds."""
    number = max(1, per_language // 25)
    for index in range(number):
        stale = one(builder, language, "declining", 1000 + index)
        stale.commits = type(stale.commits)(0.0, 1, (stale.created_at + 60,))
        stale.tag("stale")
        archived = one(builder, language, "steady", 1000 + index)
        archived.archived_at = builder.at(-30 - index) if index % 2 else builder.at(2 + index)
        archived.tag("archived")
        fork = one(builder, language, "steady", 2000 + index)
        fork.parent_id = builder.repositories[-4].id
        fork.tag("fork")
        if language == "TypeScript":
            for repository in (stale, archived, fork):
                give_nextjs(repository, "yes", repository.id)


def _other_typescript(builder: Builder, per_language: int) -> None:
    """TypeScript without a certain Next.js 16: older, possible, unknown, none, and an upgrade."""
    scale = per_language / 100
    mixture = (("no", 14), ("possible", 8), ("unknown", 6), ("none", 6), ("plain", 6))
    for verdict, number in mixture:
        for index in range(max(1, round(number * scale))):
            repository = one(builder, "TypeScript", "steady", 3000 + index + len(verdict) * 100)
            if verdict in ("none", "plain"):
                give_oddity(repository, verdict)
            else:
                give_nextjs(repository, verdict, repository.id)
                if index % 3 == 0:
                    repository.topics = ("nextjs", *repository.topics)
    for oddity in ("bom", "invalid", "huge"):
        repository = one(builder, "TypeScript", "steady", 5000 + len(oddity))
        repository.topics = ("nextjs", *repository.topics)
        give_oddity(repository, oddity)
    repository = one(builder, "TypeScript", "rising", 6000)
    repository.topics = ("nextjs", *repository.topics)
    upgrade(repository, builder.at(1.2))
