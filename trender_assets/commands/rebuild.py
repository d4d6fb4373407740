"""`trender rebuild`: staging and analytics anew from the raw layer, without asking GitHub.

Define here the command's options and how it exits. What is built belongs to the assets.
"""

from __future__ import annotations

import typer

from trender_assets.commands.failures import OK
from trender_assets.commands.options import Json, LoseOldDays
from trender_assets.commands.refresh import as_dict, exit_code, run, summary
from trender_assets.commands.terminal import Terminal


def rebuild(lose_old_days: LoseOldDays = False, as_json: Json = False) -> None:
    """Build staging and analytics anew from raw, without asking GitHub.

    Gives the same rows as the hourly runs did. Exits with 0, with 3 when it would lose days whose
    evidence was deleted, or 5 when a check or a model failed.
    """
    from trender_assets.commands.ready import load_settings, ready_database
    from trender_assets.commands.run_log import NAME as LOG
    from trender_assets.warehouse.connect import PATIENCE_SECONDS

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    ready_database(settings, terminal, patience=PATIENCE_SECONDS)
    result = run(
        settings, sources=(), trigger="rebuild", full_refresh=True, lose_old_days=lose_old_days
    )
    terminal.document(as_dict(result))
    summary(terminal, result, settings.data_dir / LOG)
    code = exit_code(result)
    if code != OK:
        raise typer.Exit(code)
