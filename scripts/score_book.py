"""The page of scores: every metric with formula, unit, source and bias, as Markdown.

Define here only how the page looks. A metric's words are in the dashboard's definitions, whose
formulas a test holds equal to the SQL. Run ``python -m scripts.score_book`` to write it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from trender_assets.settings import PROJECT_ROOT

DEFINITIONS = PROJECT_ROOT / "trender_web" / "data" / "definitions.json"
PAGE = PROJECT_ROOT / "docs" / "scores.md"
INTRODUCTION = """# Scores

Every metric: what it is, its formula as the SQL has it, its unit, its source and its known bias.
This page is written by `python -m scripts.score_book` from the same words that the
dashboard's `/methodology` shows; tests hold the formulas equal to the models and this page up to
date. How the [trend score](trend-score.md) was found and what its back-test shows has its own page.
"""


def score_book(definitions: dict[str, Any]) -> str:
    """The page as Markdown.

    Args:
        definitions: The dashboard's definitions: ``metrics`` and ``sections``.
    """
    return "\n".join([INTRODUCTION, *_contents(definitions)]) + "\n"


def _contents(definitions: dict[str, Any]) -> Iterator[str]:
    for section in definitions["sections"]:
        yield f"## {section['title']}\n"
        for paragraph in section["paragraphs"]:
            yield f"{paragraph}\n"
    yield "## Metrics\n"
    for metric in definitions["metrics"]:
        yield f"### {metric['name']} (`{metric['column']}`)\n"
        yield f"{metric['definition']}\n"
        if "formula" in metric:
            yield f"```sql\n{metric['formula']}\n```\n"
            file = f"trender_dbt/{metric['formula_file']}"
            yield f"In [`{file}`](../{file}).\n"
        yield f"- **Unit** {metric['unit']}"
        yield f"- **Source** {metric['source']}"
        yield f"- **Known bias** {metric['bias']}\n"


def main() -> None:
    """Write docs/scores.md."""
    definitions = json.loads(DEFINITIONS.read_text(encoding="utf-8"))
    PAGE.write_text(score_book(definitions), encoding="utf-8")


if __name__ == "__main__":
    main()
