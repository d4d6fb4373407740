"""package.json text → the parts that detection needs, read without trusting it.

Define a field here when a detector needs more of a manifest. What a version specification means
belongs to `nextjs_spec`, where manifests are searched to `workspaces`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trender_assets.trending.detection import safe_yaml

SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
UNDECIDED = object()  # an override that may or may not apply


@dataclass(frozen=True)
class Manifest:
    """A package.json.

    Attributes:
        root: The parsed object; None when it is not one.
        reason: Why there is no object.
    """

    root: Mapping[str, Any] | None
    reason: str | None = None

    def section(self, name: str) -> Mapping[str, Any]:
        """A section of dependencies; empty when it is missing or not an object."""
        return _mapping(None if self.root is None else self.root.get(name))

    def specs_of(self, package: str) -> list[tuple[str, object]]:
        """`(section, specification)` of a package, under its own name or an npm alias of it."""
        found: list[tuple[str, object]] = []
        for name in SECTIONS:
            for key, spec in self.section(name).items():
                if key == package or _is_alias(spec, package):
                    found.append((name, spec))
        return found

    def workspace_patterns(self) -> list[str]:
        """`workspaces` of npm, yarn and bun: a list, or an object with `packages`."""
        value = None if self.root is None else self.root.get("workspaces")
        return _texts(value.get("packages") if isinstance(value, Mapping) else value)

    def overrides_of(self, package: str, meets: Callable[[str], bool | None]) -> object:
        """What a workspace's root forces a package to be; None when it forces nothing.

        pnpm's own field wins over npm's and bun's `overrides`, and these over `resolutions` of
        yarn, which the others read too.
        """
        pnpm = _mapping(None if self.root is None else self.root.get("pnpm"))
        for holder in (pnpm.get("overrides"), *self._tops("overrides", "resolutions")):
            forced = override_in(_mapping(holder), package, meets)
            if forced is not None:
                return forced
        return None

    def _tops(self, *names: str) -> list[object]:
        return [] if self.root is None else [self.root.get(name) for name in names]


def override_in(
    overrides: Mapping[str, Any], package: str, meets: Callable[[str], bool | None]
) -> object:
    """The specification that overrides give a package; None when they give none.

    A key may be a pattern (`**/next`) or be limited to versions (`next@15`): it applies to a
    dependency that allows one of them. A key that names a parent (`other>next`) concerns that
    parent only. `$next` means the manifest's own specification.

    Args:
        overrides: Key → specification.
        package: The package's name.
        meets: Whether the dependency allows one of the versions of a key; None when unsure.
    """
    for key, value in overrides.items():
        name, _, versions = key.removeprefix("**/").partition("@")
        applies = name == package and (not versions or meets(versions.removeprefix("npm:")))
        spec = value.get(".") if isinstance(value, Mapping) else value
        if applies is False or spec is None or (isinstance(spec, str) and spec.startswith("$")):
            continue
        return spec if applies else UNDECIDED
    return None


def parse_manifest(text: str) -> Manifest:
    """Parse a package.json.

    Args:
        text: The file's text; a byte order mark is allowed.

    Returns:
        The manifest; comments, broken JSON, a list as root and depth bombs give a reason.
    """
    try:
        # Numbers are never needed, and 5,000 digits would raise.
        root = json.loads(text.removeprefix("\ufeff"), parse_int=_number, parse_float=_number)
    except (ValueError, RecursionError):
        return Manifest(None, "not valid JSON")
    if not isinstance(root, dict):
        return Manifest(None, "not a JSON object")
    return Manifest(root)


@dataclass(frozen=True)
class PnpmWorkspace:
    """A pnpm-workspace.yaml, or the `.yarnrc.yml` that holds yarn's catalogues.

    Attributes:
        patterns: Its `packages`, `!` for exclusions.
        catalogs: Catalogue name (`default` for `catalog:`) → package → specification.
        overrides: Package → the specification it is forced to.
        reason: Why it could not be read.
    """

    patterns: tuple[str, ...] = ()
    catalogs: Mapping[str, Mapping[str, object]] | None = None
    overrides: Mapping[str, object] | None = None
    reason: str | None = None


def parse_pnpm_workspace(text: str) -> PnpmWorkspace:
    """Parse a pnpm-workspace.yaml; one that is not usable has a reason and nothing else.

    Args:
        text: The file's text.
    """
    verdict = safe_yaml.load(text)
    if verdict.reason is not None:
        return PnpmWorkspace(reason=verdict.reason)
    if not isinstance(verdict.value, Mapping):
        return PnpmWorkspace(reason="not_a_mapping")
    return PnpmWorkspace(
        tuple(_texts(verdict.value.get("packages"))),
        read_catalogs(verdict.value),
        _mapping(verdict.value.get("overrides")),
    )


def read_catalogs(holder: Mapping[str, Any]) -> Mapping[str, Mapping[str, object]]:
    """`catalog` and `catalogs`, of pnpm-workspace.yaml or of bun's package.json.

    Args:
        holder: The mapping that may have the two keys.
    """
    catalogs = {
        name: _mapping(entries) for name, entries in _mapping(holder.get("catalogs")).items()
    }
    default = _mapping(holder.get("catalog"))
    return catalogs | ({"default": default} if default else {})


def _is_alias(spec: object, package: str) -> bool:
    return isinstance(spec, str) and spec.strip().startswith(f"npm:{package}@")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _number(_digits: str) -> int:
    return 0
