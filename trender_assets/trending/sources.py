"""What Trender watches: languages and Render's ecosystem, as one set of sources.

Define a source here when it is a new way to find repositories; a further language needs only
a line in `trender.yaml`. How GitHub is asked belongs to `github/`, what is stored to `raw/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from trender_assets.trending.reading.discovery import DiscoveryQuery

if TYPE_CHECKING:
    from trender_assets.settings import FileSettings, Language

SourceKind = Literal["language", "organisation", "topic", "readme", "blueprint_file", "employees"]
ESTABLISHED_DAYS = 30
YOUNG_DAYS = 90
YOUNG_MINIMUM_STARS = 20
RISING_DAYS = 365
RISING_MINIMUM_STARS = 100
FRESH_DAYS = 7


@dataclass(frozen=True)
class Source:
    """One way to find repositories, and one partition of the raw assets.

    Attributes:
        key: The partition key, such as ``python`` or ``topic-render``.
        kind: How repositories are found.
        subject: The language's name, the organisation, the topic; empty where there is none.
        extra_queries: Further search queries of a language.
        requires_nextjs: Whether only Next.js ≥ 16 projects of the language are ranked.
        limit: The most candidates that one query contributes.
        every_hours: How often the source's queries are asked; between, its known
            repositories are read again.
    """

    key: str
    kind: SourceKind
    subject: str = ""
    extra_queries: tuple[str, ...] = ()
    requires_nextjs: bool = False
    limit: int = 100
    every_hours: int = 1
    members: tuple[str, ...] = ()

    @property
    def source_type(self) -> str:
        """The drafts' ``source_type``: ``trending`` or ``render_ecosystem``."""
        return "trending" if self.kind == "language" else "render_ecosystem"

    @property
    def language(self) -> str | None:
        """GitHub's name of the language of a language source."""
        return self.subject if self.kind == "language" else None

    def queries(self, as_of: datetime) -> tuple[DiscoveryQuery, ...]:
        """The discovery queries of this source.

        Args:
            as_of: The run's logical time; windows such as "pushed in 30 days" end there.
        """
        match self.kind:
            case "language":
                return self._language_queries(as_of.date())
            case "organisation":
                return (self._query("organisation", "organisation", self.subject),)
            case "topic":
                return (self._search("topic", f"topic:{self.subject}", "stars"),)
            case "readme":
                return (self._search("readme", '"render.com" in:readme', "stars"),)
            case "blueprint_file":
                return (
                    self._query("search_code", "blueprint-file", "filename:render.yaml path:/"),
                )
            case "employees":
                return tuple(
                    self._query("user", f"employee-{member}", member) for member in self.members
                )

    def _language_queries(self, today: date) -> tuple[DiscoveryQuery, ...]:
        language = _quoted(self.subject)
        established = f"language:{language} pushed:>={today - timedelta(days=ESTABLISHED_DAYS)}"
        young = (
            f"language:{language} created:>={today - timedelta(days=YOUNG_DAYS)} "
            f"stars:>={YOUNG_MINIMUM_STARS}"
        )
        rising = (
            f"language:{language} created:>={today - timedelta(days=RISING_DAYS)} "
            f"pushed:>={today - timedelta(days=FRESH_DAYS)} stars:>={RISING_MINIMUM_STARS}"
        )
        own = tuple(
            self._search(
                f"extra-{number}",
                f"language:{language} {query} pushed:>={today - timedelta(days=ESTABLISHED_DAYS)}",
                "stars",
            )
            for number, query in enumerate(self.extra_queries, start=1)
        )
        return (
            self._search("established", established, "stars"),
            self._search("young", young, "stars"),
            *(own or (self._search("rising", rising, "stars"),)),
        )

    def _search(self, name: str, query: str, sort: str) -> DiscoveryQuery:
        return DiscoveryQuery(
            name=name,
            kind="search_repositories",
            query=query,
            sort=sort,
            max_results=self.limit,
        )

    def _query(
        self, kind: Literal["organisation", "search_code", "user"], name: str, query: str
    ) -> DiscoveryQuery:
        return DiscoveryQuery(name=name, kind=kind, query=query, max_results=self.limit)


def all_sources(settings: FileSettings) -> tuple[Source, ...]:
    """Every source in partition order: languages, organisations, topics, README, file, employees.

    Args:
        settings: What `trender.yaml` says.
    """
    limit = settings.render_candidates_per_source
    return (
        *(_language_source(language, settings) for language in settings.languages),
        *(
            Source(key=organisation, kind="organisation", subject=organisation, limit=limit)
            for organisation in settings.render_organisations
        ),
        *(
            Source(key=f"topic-{topic}", kind="topic", subject=topic, limit=100)
            for topic in settings.render_topics
        ),
        Source(key="readme-mention", kind="readme", limit=100),
        Source(
            key="blueprint-file",
            kind="blueprint_file",
            limit=limit,
            every_hours=settings.code_search_every_hours,
        ),
        Source(key="employees", kind="employees", members=settings.employees, limit=limit),
    )


def _language_source(language: Language, settings: FileSettings) -> Source:
    return Source(
        key=language.slug,
        kind="language",
        subject=language.name,
        extra_queries=language.queries,
        requires_nextjs=language.requires_nextjs,
        limit=settings.candidates_per_query,
    )


def _quoted(name: str) -> str:
    """A language as search understands it: ``c#`` and ``Jupyter Notebook`` need quotes."""
    return f'"{name}"' if not name.isalnum() else name
