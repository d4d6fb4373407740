"""Which repositories, files and issues match a search at an instant.

Define what a qualifier means here. The query's grammar belongs to `search.query`, pages and JSON
to the API modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from github_simulator.search.query import BadQueryError, Qualifier, Query
from github_simulator.world.issues import Issue
from github_simulator.world.model import FileVersion, Repository
from github_simulator.world.truth import is_archived
from github_simulator.world.world import World

CODE_LIMIT = 384 * 1024
CANNOT = (
    "The listed users and repositories cannot be searched either because the resources do not "
    "exist or you do not have permission to view them."
)


@dataclass(frozen=True)
class Hit:
    """A file that matches a code search."""

    repository: Repository
    path: str
    version: FileVersion


def search_repositories(
    world: World, query: Query, now: int, sort: str | None = None, order: str = "desc"
) -> list[Repository]:
    """Repositories that match, in the asked order (best match: stars)."""
    scopes = _scopes(world, query, now)
    wants_fork = query.values("fork")
    places = set(",".join(query.values("in")).lower().split(",")) - {""}
    found: list[Repository] = []
    for repository in world.existing(now):
        if not _fork_is_wanted(repository, wants_fork):
            continue
        if scopes and not any(scope(repository) for scope in scopes):
            continue
        fits = all(_matches(world, repository, q, now) != q.negated for q in query.qualifiers)
        if fits and _has_terms(repository, query, places, now):
            found.append(repository)
    for value in query.values("sort"):
        sort, _, direction = value.partition("-")
        order = direction or "desc"
    return _sorted(world, found, sort, order, now)


def _fork_is_wanted(repository: Repository, wanted: list[str]) -> bool:
    """Forks are left out unless `fork:true` (both) or `fork:only` is asked."""
    if repository.parent_id is not None:
        return "true" in wanted or "only" in wanted
    return "only" not in wanted


def _sorted(
    world: World, found: list[Repository], sort: str | None, order: str, now: int
) -> list[Repository]:
    measures: dict[str, Callable[[Repository], int]] = {
        "stars": lambda r: world.star_count(r, now),
        "forks": lambda r: world.fork_count(r, now),
        "updated": lambda r: world.updated_at(r, now),
        "help-wanted-issues": lambda r: r.id,
    }
    measure = measures.get(sort or "", measures["stars"])
    return sorted(found, key=lambda r: (measure(r), -r.id), reverse=order != "asc")


def _scopes(world: World, query: Query, now: int) -> list[Callable[[Repository], bool]]:
    """`org:`, `user:` and `repo:` widen one another; an unknown one is refused."""
    scopes: list[Callable[[Repository], bool]] = []
    for name in ("org", "user"):
        for login in query.values(name):
            holder = world.owners.get(login.lower())
            if holder is None:
                raise BadQueryError(CANNOT)
            scopes.append(lambda r, wanted=holder: r.naming_at(now).owner is wanted)
    for full_name in query.values("repo"):
        found = world.find(full_name, now)
        if found is None:
            raise BadQueryError(CANNOT)
        scopes.append(lambda r, wanted=found[0]: r is wanted)
    return scopes


def _matches(world: World, repository: Repository, q: Qualifier, now: int) -> bool:
    value = q.value.lower()
    match q.name:
        case "language":
            return (repository.language or "").lower() == value
        case "topic":
            return value in repository.topics
        case "stars":
            return q.low <= world.star_count(repository, now) <= q.high
        case "forks":
            return q.low <= world.fork_count(repository, now) <= q.high
        case "topics":
            return q.low <= len(repository.topics) <= q.high
        case "size":
            return q.low <= repository.size <= q.high
        case "created":
            return q.low <= repository.created_at <= q.high
        case "pushed":
            return q.low <= world.pushed_at(repository, now) <= q.high
        case "archived":
            return is_archived(repository, now) == (value == "true")
        case "license":
            return (repository.license or "").lower() == value
        case "mirror":
            return repository.is_mirror == (value == "true")
        case "template":
            return repository.is_template == (value == "true")
        case "is":
            return value == "public"
        case _:
            return True


def _has_terms(repository: Repository, query: Query, places: set[str], now: int) -> bool:
    if not query.terms and not query.excluded:
        return True
    texts = _texts(repository, places or {"name", "description", "topics"}, now)
    has = all(any(term in text for text in texts) for term in query.terms)
    return has and not any(term in text for text in texts for term in query.excluded)


def _texts(repository: Repository, places: set[str], now: int) -> list[str]:
    texts: list[str] = []
    if "name" in places:
        texts.append(repository.naming_at(now).full_name.lower())
    if "description" in places:
        texts.append((repository.description or "").lower())
    if "topics" in places:
        texts.append(" ".join(repository.topics))
    if "readme" in places:
        readme = readme_of(repository, now)
        if readme is not None and readme[1].data is not None:
            texts.append(readme[1].data[:20_000].decode("utf-8", "replace").lower())
    return texts


def readme_of(repository: Repository, now: int) -> tuple[str, FileVersion] | None:
    """The README whatever its case."""
    for path in repository.files:
        if "/" not in path and path.lower().startswith("readme"):
            version = repository.file_at(path, now)
            if version is not None:
                return path, version
    return None


def search_code(world: World, query: Query, now: int) -> list[Hit]:
    """Files that match, by repository and path.

    Raises:
        BadQueryError: No search term and no `filename:`, or a scope nobody can see.
    """
    if not query.terms and not query.values("filename"):
        raise BadQueryError("A search term is required.")
    scopes = _scopes(world, query, now)
    hits: list[Hit] = []
    for repository in world.existing(now):
        if repository.parent_id is not None or (
            scopes and not any(scope(repository) for scope in scopes)
        ):
            continue
        for path in sorted(repository.files):
            version = repository.file_at(path, now)
            if version is not None and _file_matches(repository, path, version, query):
                hits.append(Hit(repository, path, version))
    return hits


def _file_matches(repository: Repository, path: str, version: FileVersion, query: Query) -> bool:
    data = version.data or b""
    if len(data) > CODE_LIMIT:
        return False
    pure = PurePosixPath(path)
    for q in query.qualifiers:
        value = q.value.lower()
        match q.name:
            case "filename":
                ok = value in pure.name.lower()
            case "path":
                folder = value.strip("/")
                ok = "/" not in path if not folder else path.lower().startswith(folder)
            case "extension":
                ok = pure.suffix.lower() == f".{value}"
            case "language":
                ok = (value == "yaml") == (pure.suffix in (".yaml", ".yml"))
            case "size":
                ok = q.low <= len(data) <= q.high
            case _:
                ok = True
        if ok == q.negated:
            return False
    text = data.decode("utf-8", "replace").lower() if query.terms else ""
    return all(term in text or term in path.lower() for term in query.terms)


def search_issues(world: World, query: Query, now: int) -> list[tuple[Repository, Issue]]:
    """Issues and pull requests that match, newest first."""
    scopes = _scopes(world, query, now)
    kinds = {v.lower() for name in ("is", "type", "state") for v in query.values(name)}
    found: list[tuple[Repository, Issue]] = []
    for repository in world.existing(now):
        if scopes and not any(scope(repository) for scope in scopes):
            continue
        for issue in world.issues(repository).until(now):
            if not issue.is_pull and not repository.has_issues:
                continue
            if _issue_matches(issue, kinds, query.qualifiers, now):
                found.append((repository, issue))
    found.sort(key=lambda pair: (-pair[1].created, pair[1].number))
    return found


def _issue_matches(issue: Issue, kinds: set[str], qualifiers: list[Qualifier], now: int) -> bool:
    closed = issue.closed_at(now)
    if ("issue" in kinds and issue.is_pull) or ("pr" in kinds and not issue.is_pull):
        return False
    if ("closed" in kinds and closed is None) or ("open" in kinds and closed is not None):
        return False
    if "merged" in kinds and not (issue.is_merged and closed is not None):
        return False
    for q in qualifiers:
        if q.name == "closed" and not (closed is not None and q.low <= closed <= q.high):
            return False
        if q.name == "created" and not q.low <= issue.created <= q.high:
            return False
        if q.name == "updated" and not q.low <= issue.updated_at(now) <= q.high:
            return False
    return True
