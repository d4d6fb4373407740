"""The data dictionary: every table and column, written from dbt's manifest.

Define here only how the dictionary looks; what a column means is written beside its model in
`trender_dbt`. Run ``python -m scripts.data_dictionary`` to write it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trender_assets.settings import PROJECT_ROOT

DICTIONARY = PROJECT_ROOT / "docs" / "data-dictionary.md"
LAYERS = ("raw", "staging", "analytics")
INTRODUCTION = """# Data dictionary

Every table and column, written by `python -m scripts.data_dictionary` from the descriptions
beside the dbt models. A test fails when this page is out of date.

Times are `timestamptz` in UTC. A value that could not be had is NULL, and a column beside it says
why; zero always means zero.
"""


def data_dictionary(manifest: dict[str, Any]) -> str:
    """The dictionary as Markdown.

    Args:
        manifest: dbt's manifest.
    """
    return "\n".join([INTRODUCTION, *_contents(manifest)]) + "\n"


def _contents(manifest: dict[str, Any]) -> Iterator[str]:
    tables = [*manifest["sources"].values(), *manifest["nodes"].values()]
    relations = [
        table
        for table in tables
        if table["resource_type"] in ("source", "model", "seed") and table["name"]
    ]
    for layer in LAYERS:
        yield f"## {layer}\n"
        in_layer = [table for table in relations if table["schema"] == layer]
        for table in sorted(in_layer, key=lambda item: item["name"]):
            yield from _table(table)


def _table(table: dict[str, Any]) -> Iterator[str]:
    kind = table.get("config", {}).get("materialized") or table["resource_type"]
    yield f"### {table['name']}\n"
    yield f"*{kind}* — {_one_line(table['description'])}\n"
    columns = table["columns"].values()
    if not columns:
        return
    yield "| column | meaning |"
    yield "|---|---|"
    for column in columns:
        yield f"| `{column['name']}` | {_one_line(column['description'])} |"
    yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write docs/data-dictionary.md."""
    from trender_assets.dbt.runner import ensure_manifest
    from trender_assets.settings import Settings

    manifest = json.loads(Path(ensure_manifest(Settings().file)).read_text(encoding="utf-8"))
    DICTIONARY.write_text(data_dictionary(manifest), encoding="utf-8")


if __name__ == "__main__":
    main()
