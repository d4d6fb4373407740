"""Where a monorepo keeps its package.json files: declared globs, and the paths they match.

Define a rule here when a package manager declares workspaces in a new way. What the manifests
say belongs to `nextjs`; listing a repository's paths belongs to `github/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

# Where applications usually live when nothing is declared.
FALLBACK_GLOBS = (
    "apps/*", "packages/*", "web", "frontend", "client", "dashboard", "www", "site", "docs",
)  # fmt: skip
MANIFEST = "package.json"
# The entry among a repository's files that says how much of its manifests was looked at.
COVERAGE = "**/package.json"
MAX_GLOBS = 100
MAX_MANIFESTS = 100
_LONGEST_GLOB = 200
_MAX_ALTERNATIVES = 20
_NOT_ITS_OWN = frozenset(
    ("node_modules", "example", "examples", "test", "tests", "__tests__", "e2e", "fixture",
     "fixtures", "__fixtures__", "template", "templates", "vendor", "third_party", "testdata")
)  # fmt: skip
_LIKELY_FOLDERS = frozenset(
    ("apps", "app", "web", "www", "site", "docs", "dashboard", "frontend", "client")
)


def usable_globs(patterns: Iterable[str]) -> tuple[str, ...]:
    """Patterns without those that leave the repository; braces expanded, at most 100.

    Args:
        patterns: As written, `!` for exclusions.
    """
    globs: dict[str, None] = {}
    for pattern in patterns:
        sign, body = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
        if len(body) > _LONGEST_GLOB:
            continue
        for alternative in _expand_braces(body):
            folder = alternative.removeprefix("./").removesuffix(f"/{MANIFEST}").strip("/")
            if folder and ".." not in folder.split("/") and len(globs) < MAX_GLOBS:
                globs[sign + folder] = None
    return tuple(globs)


def workspace_manifests(
    globs: Sequence[str], paths: Iterable[str], limit: int = MAX_MANIFESTS
) -> list[str]:
    """The package.json files that the globs select, likely applications first.

    Args:
        globs: Folder patterns: `*` within a folder name, `**` for any depth, `!` to exclude.
        paths: Paths of the repository, files of every kind.
        limit: The greatest number returned.

    Returns:
        Paths such as `apps/web/package.json`; never the root's, never under `node_modules`.
    """
    wanted = [glob.split("/") for glob in globs if not glob.startswith("!")]
    excluded = [glob[1:].split("/") for glob in globs if glob.startswith("!")]
    selected: set[str] = set()
    for path in paths:
        if not path.endswith(f"/{MANIFEST}"):
            continue
        folders = path.split("/")[:-1]
        if "node_modules" in folders or not any(_matches(glob, folders) for glob in wanted):
            continue
        # pnpm excludes by `!**/test/**` what lies in such a folder, and by `!docs` the folder.
        if not any(_matches(glob, folders) for glob in excluded):
            selected.add(path)
    return sorted(selected, key=_likelihood)[:limit]


def manifests_that_count(globs: Sequence[str], paths: Sequence[str]) -> list[str]:
    """The package.json files that decide what a repository is made of, likely ones first.

    Those of its declared workspaces; where none are declared, or what is declared matches
    nothing, all but those of examples, tests and copies of other projects.

    Args:
        globs: Declared folders, or `FALLBACK_GLOBS`.
        paths: Paths of the whole repository.
    """
    declared = globs != FALLBACK_GLOBS
    matching = workspace_manifests(globs, paths, limit=len(paths)) if declared else []
    if matching:
        return matching
    every = [path for path in paths if path.endswith(f"/{MANIFEST}")]
    return sorted(
        (path for path in every if _NOT_ITS_OWN.isdisjoint(path.lower().split("/")[:-1])),
        key=_likelihood,
    )


def _likelihood(path: str) -> tuple[bool, int, str]:
    folders = path.split("/")[:-1]
    return (not _LIKELY_FOLDERS.intersection(folders), len(folders), path)


def _matches(glob: Sequence[str], folders: Sequence[str]) -> bool:
    """Folder names against a pattern, in time of the product of their lengths."""
    reachable = {0}
    for part in glob:
        if part == "**":
            reachable = set(range(min(reachable), len(folders) + 1))
        else:
            reachable = {
                position + 1
                for position in reachable
                if position < len(folders) and fnmatchcase(folders[position], part)
            }
        if not reachable:
            return False
    return len(folders) in reachable


def _expand_braces(pattern: str) -> list[str]:
    """`{apps,packages}/*` → both; at most 20 alternatives, what is left over stays literal."""
    done: list[str] = []
    waiting = [pattern]
    while waiting and len(done) + len(waiting) <= _MAX_ALTERNATIVES:
        current = waiting.pop()
        start, end = current.find("{"), current.find("}")
        if start == -1 or end < start:
            done.append(current)
            continue
        options = current[start + 1 : end].split(",")
        waiting.extend(current[:start] + option + current[end + 1 :] for option in options)
    return done
