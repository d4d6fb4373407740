"""A process of its own that refreshes when told to: the imports are paid once a session.

Define here only what a refresh needs from outside: its environment, and how its answer is said.
Worlds and comparisons belong to `machine` and `comparing`.
"""

from __future__ import annotations

import json
import os
import signal
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
        from trender_assets.commands.hourly import refresh
        from trender_assets.settings import Settings

        if command.get("warm"):
            import trender_assets.definitions

            return say(answers, {"warm": trender_assets.definitions.__name__})
        if command.get("build"):
            return say(answers, build_marts(Settings(), is_full=command["build"] == "full"))
        told = Told(command.get("die_at"))
        sources = command.get("sources")
        result = asdict(
            refresh(
                Settings(),
                sources=tuple(sources) if sources else None,
                as_of=datetime.fromisoformat(command["as_of"]),
                full_refresh=bool(command.get("full_refresh")),
                on_progress=told,
            )
        )
        result["told"] = told.count
    except Exception as error:
        result = {"raised": f"{type(error).__name__}: {error}"}
    say(answers, result)


def say(answers: TextIO, result: dict[str, Any]) -> None:
    """Write one answer."""
    answers.write(json.dumps(result, default=str) + "\n")
    answers.flush()


class Told:
    """Counts what a refresh tells, and dies as kill -9 does when told so often.

    Args:
        die_at: At which telling to die; None means never.
    """

    def __init__(self, die_at: int | None) -> None:
        self.count, self._die_at = 0, die_at

    def __call__(self, progress: object) -> None:
        """Hear of progress."""
        self.count += 1
        if self.count == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)


def build_marts(settings: Any, *, is_full: bool) -> dict[str, Any]:
    """Build and test all models, without asking GitHub."""
    from trender_assets.dbt.runner import build
    from trender_assets.warehouse.connect import postgres_environment

    passed, results, error = build(
        settings.file, postgres_environment(settings.database_url), full_refresh=is_full
    )
    broken = [item.unique_id for item in results if item.status in ("error", "fail")]
    return {"passed": passed, "broken": broken + ([error] if error else [])}


if __name__ == "__main__":
    main()
