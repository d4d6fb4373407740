"""`trender doctor`: one line for each thing that can be wrong, with the fix.

Define here the order of the checks and how they are printed. What they look at is in
`doctor_checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from trender_assets.commands.failures import CONFIGURATION
from trender_assets.commands.options import Json
from trender_assets.commands.terminal import Terminal

if TYPE_CHECKING:
    from trender_assets.commands.doctor_checks import Check
    from trender_assets.settings import Settings

COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red"}


def doctor(as_json: Json = False) -> None:
    """Check token, budget, database, clock, disk, schedule and data; exit 3 when one fails."""
    from trender_assets.commands.ready import load_settings

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    found = []
    for check in _checks(settings, terminal):
        found.append(check)
        terminal.say(_line(terminal, check))
    failed = any(check.level == "FAIL" for check in found)
    terminal.document({"healthy": not failed, "checks": [asdict(check) for check in found]})
    if failed:
        raise typer.Exit(CONFIGURATION)


def _checks(settings: Settings, terminal: Terminal) -> Iterator[Check]:
    from trender_assets.commands import doctor_checks as checks
    from trender_assets.commands.env_file import env_file

    yield from checks.check_env_file(env_file())
    yield from checks.check_github(settings)
    yield checks.check_disk(settings.data_dir)
    yield from _guarded("database", lambda: _database_checks(settings, terminal))


def _database_checks(settings: Settings, terminal: Terminal) -> Iterator[Check]:
    from trender_assets.commands.condition import watched
    from trender_assets.commands.doctor_checks import check_database, check_pipeline
    from trender_assets.commands.ready import ready_database
    from trender_assets.warehouse.connect import connect
    from trender_assets.warehouse.migrate import newest_revision

    url = ready_database(settings, terminal, patience=0)
    with connect(url, autocommit=True) as connection:
        yield from check_database(connection, newest_revision())
        yield from check_pipeline(connection, watched(settings))


def _guarded(name: str, checks: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """The checks; one that breaks becomes a FAIL line, so that the others are still printed."""
    from trender_assets.commands.doctor_checks import Check
    from trender_assets.commands.failures import explain

    try:
        yield from checks()
    except Exception as error:
        yield Check(name, "FAIL", explain(error)[0], "trender db status")


def _line(terminal: Terminal, check: Check) -> str:
    level = terminal.style(f"{check.level:<4}", COLOURS[check.level])
    fix = f"  → {check.fix}" if check.fix else ""
    return f"{level}  {check.name:<18} {check.text}{fix}"
