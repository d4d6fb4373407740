"""Where a monorepo keeps its package.json files: declared globs, and the paths they match.

Define a rule here when a package manager declares workspaces in a new way. What the manifests
say belongs to `nextjs`; listing a repository's paths belongs to `reading/`.
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
# Raise it when more is looked at: what an older reading did not look at proves nothing.
COVERAGE_VERSION = 2
MAX_GLOBS = 100
_LONGEST_GLOB = 200
_MAX_ALTERNATIVES = 20
_NOT_ITS_OWN = frozenset(
    ("example", "examples", "test", "tests", "__tests__", "e2e", "fixture",
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


def workspace_manifests(globs: Sequence[str], paths: Iterable[str]) -> list[str]:
    """The package.json files that the globs select, likely applications first.

    Args:
        globs: Folder patterns: `*` within a folder name, `**` for any depth, `!` to exclude.
        paths: Paths of the repository, files of every kind.

    Returns:
        Paths such as `apps/web/package.json`; never the root's, never under `node_modules`.
    """
    wanted = [glob.split("/") for glob in globs if not glob.startswith("!")]
    excluded = [glob[1:].split("/") for glob in globs if glob.startswith("!")]
    selected: set[str] = set()
    for path in inner_manifests(paths):
        folders = path.split("/")[:-1]
        # pnpm excludes by `!**/test/**` what lies in such a folder, and by `!docs` the folder.
        if any(_matches(glob, folders) for glob in wanted) and not any(
            _matches(glob, folders) for glob in excluded
        ):
            selected.add(path)
    return sorted(selected, key=_likelihood)


def inner_manifests(paths: Iterable[str]) -> list[str]:
    """The package.json files below the root that the repository wrote itself."""
    return [
        path
        for path in paths
        if path.endswith(f"/{MANIFEST}")
        and path != COVERAGE
        and "node_modules" not in path.split("/")
    ]


def is_aside(path: str) -> bool:
    """Whether a manifest is of an example, a test or a copy of another project."""
    return not _NOT_ITS_OWN.isdisjoint(path.lower().split("/")[:-1])


def manifests_to_read(globs: Sequence[str], paths: Sequence[str]) -> list[str]:
    """All package.json files below the root, those that decide first.

    First come those of declared workspaces, last those of examples, tests and copies of other
    projects: these decide nothing, yet "no" is only said when they were looked at too.

    Args:
        globs: Declared folders, or `FALLBACK_GLOBS`.
        paths: Paths of the whole repository.
    """
    declared = workspace_manifests(globs, paths)
    others = set(inner_manifests(paths)).difference(declared)
    return declared + sorted(others, key=lambda path: (is_aside(path), _likelihood(path)))


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
