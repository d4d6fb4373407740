"""A process of its own that refreshes when told to: the imports are paid once a session.

Define here only what a refresh needs from outside: its environment, and how its answer is said.
Worlds and comparisons belong to `machine` and `comparing`.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any, TextIO


def main() -> None:
    """Read one JSON command a line, refresh, answer with one JSON line."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        answer(answers, json.loads(line))


def answer(answers: TextIO, command: dict[str, Any]) -> None:
    """Do one command; whatever it raises becomes the answer's error."""
    os.environ.update(command["environment"])
    try:
        from trender_assets.refresh import refresh
        from trender_assets.settings import Settings

        if command.get("rebuild"):
            return say(answers, rebuild(Settings()))
        sources = command.get("sources")
        result = asdict(
            refresh(
                Settings(),
                sources=tuple(sources) if sources else None,
                as_of=datetime.fromisoformat(command["as_of"]),
                full_refresh=bool(command.get("full_refresh")),
            )
        )
    except Exception as error:
        result = {"raised": f"{type(error).__name__}: {error}"}
    say(answers, result)


def say(answers: TextIO, result: dict[str, Any]) -> None:
    """Write one answer."""
    answers.write(json.dumps(result, default=str) + "\n")
    answers.flush()


def rebuild(settings: Any) -> dict[str, Any]:
    """Build all models anew from raw, without asking GitHub."""
    from trender_assets.dbt_runner import build
    from trender_assets.warehouse.connect import postgres_environment

    passed, results, error = build(
        settings.file, postgres_environment(settings.database_url), full_refresh=True
    )
    broken = [item.unique_id for item in results if item.status in ("error", "fail")]
    return {"passed": passed, "broken": broken + ([error] if error else [])}


if __name__ == "__main__":
    main()
