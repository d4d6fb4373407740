"""package.json files with the truth about Next.js, stated where they are written.

Define a manifest here together with its verdict: yes (always 16 or later), possible, no, unknown.
Nothing here reads a version range, so a wrong reader elsewhere cannot agree with itself.
"""

from __future__ import annotations

import json

from github_simulator.world.chance import pick
from github_simulator.world.model import Repository

CERTAIN = ("^16.0.0", "16.0.1", "^16.1.0", "~16.0.3", ">=16.0.0", "16.x", "^16", "16")
OLD = ("^14.2.3", "15.5.4", "^15.0.0", "~13.4.0", "14.x", ">=13.0.0 <16.0.0", "^12.3.1")
POSSIBLE = (">=14.0.0", "^14 || ^15 || ^16", ">=15 <17", "*", "15 || 16")
UNKNOWN = ("github:tallowcraft/next-fork", "file:../next", "workspace:*", "catalog:missing")


def manifest(name: str, spec: str | None, section: str = "dependencies", **more: object) -> str:
    """A package.json text."""
    value: dict[str, object] = {"name": name, "version": "0.1.0", "private": True, **more}
    value["dependencies"] = {"react": "^19.2.0"}
    if spec is not None:
        target = value.setdefault(section, {})
        assert isinstance(target, dict)
        target["next"] = spec
    value["scripts"] = {"dev": "next dev" if spec else "vite"}
    return json.dumps(value, indent=2) + "\n"


def give_nextjs(repository: Repository, verdict: str, key: int) -> None:
    """Put manifests with a verdict into a repository, in one of several layouts."""
    name = repository.names[0].name
    since = 0
    specs = {"yes": CERTAIN, "no": OLD, "possible": POSSIBLE, "unknown": UNKNOWN}[verdict]
    spec = pick(specs, key, 1)
    layout = pick(("root", "root", "root", "dev", "array", "object", "pnpm", "catalog"), key, 2)
    if verdict == "unknown":
        layout = "root"
    if layout in ("root", "dev"):
        section = "devDependencies" if layout == "dev" else "dependencies"
        repository.put("package.json", manifest(name, spec, section))
    else:
        _monorepo(repository, layout, name, spec)
    repository.put("tsconfig.json", '{"compilerOptions": {"strict": true}}\n')
    repository.nextjs = [(since, verdict, f"{layout}: {spec}")]


def _monorepo(repository: Repository, layout: str, name: str, spec: str) -> None:
    repository.tag("monorepo")
    app, globs = spec, ["apps/*", "packages/*"]
    if layout == "array":
        repository.put("package.json", manifest(name, None, workspaces=globs))
    elif layout == "object":
        repository.put("package.json", manifest(name, None, workspaces={"packages": globs}))
    else:
        repository.put("package.json", manifest(name, None, packageManager="pnpm@10.4.1"))
        text = 'packages:\n  - "apps/*"\n  - "packages/*"\n'
        if layout == "catalog":
            text += f'catalog:\n  react: ^19.2.0\n  next: "{spec}"\n'
            app = "catalog:"
        repository.put("pnpm-workspace.yaml", text)
    repository.put("apps/web/package.json", manifest("web", app))
    repository.put("apps/docs/package.json", manifest("docs", None))
    repository.put("packages/ui/package.json", manifest("ui", None))
    repository.put("apps/web/app/page.tsx", "export default function Page() { return null }\n")


def give_oddity(repository: Repository, oddity: str) -> None:
    """Put an awkward manifest into a repository.

    Args:
        repository: The repository.
        oddity: ``bom``, ``invalid``, ``huge``, ``none``, ``plain`` or ``upgrade``.
    """
    name = repository.names[0].name
    match oddity:
        case "bom":
            repository.put("package.json", "\ufeff" + manifest(name, "^16.0.0"))
            repository.nextjs = [(0, "yes", "byte order mark, ^16.0.0")]
        case "invalid":
            repository.put("package.json", '{"name": "broken", "dependencies": {"next": "^16.0.0",')
            repository.nextjs = [(0, "unknown", "invalid JSON")]
        case "huge":
            padding = {f"pad-{n}": "x" * 100 for n in range(6000)}
            repository.put("package.json", manifest(name, "^16.0.0", config=padding))
            repository.nextjs = [(0, "unknown", "larger than the API shows")]
        case "none":
            repository.put("deno.json", '{"tasks": {}}\n')
            repository.nextjs = [(0, "no", "no manifest")]
        case _:
            repository.put("package.json", manifest(name, None))
            repository.nextjs = [(0, "no", "no next dependency")]
    repository.tag(f"manifest-{oddity}")


def upgrade(repository: Repository, when: int) -> None:
    """A move from Next.js 15 to 16 on some day."""
    name = repository.names[0].name
    repository.put("package.json", manifest(name, "^15.2.0"))
    repository.put("package.json", manifest(name, "^16.0.1"), when)
    repository.nextjs = [(0, "no", "^15.2.0"), (when, "yes", "^16.0.1")]
    repository.tag("nextjs-upgrade")
