"""What plain `dagster` and `dg` commands need and nobody should have to export.

Define here only defaults of the environment: which code location, which database. The file
`deploy/trender_dagster.pth`, copied into the environment by `make setup`, calls it before such a
command reads its options; a variable of the shell always wins.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

COMMANDS = {"dagster", "dg", "dagster-webserver", "dagster-daemon"}
MODULE = "trender_assets.definitions"
CHOOSE_A_LOCATION = {"-m", "-f", "-w", "--module-name", "--python-file", "--workspace"}


def apply(arguments: list[str]) -> None:
    """Set the defaults when the command line is one of Dagster's.

    Args:
        arguments: The interpreter's original arguments (``sys.orig_argv``).
    """
    if len(arguments) < 2 or Path(arguments[1]).name not in COMMANDS:
        return
    rest = set(arguments[2:])
    if rest & {"--help", "-h", "--version"}:
        return
    # `asset` and `job` don't read workspace.yaml; the others do, and refuse both at once.
    if rest & {"asset", "job"} and not rest & CHOOSE_A_LOCATION:
        os.environ.setdefault("DAGSTER_MODULE_NAME", MODULE)
    if "DATABASE_URL" not in os.environ:
        _find_database()


def _find_database() -> None:
    """Use the warehouse of `.env`, or the embedded server, started if need be."""
    from trender_assets.raw.migrate import migrate
    from trender_assets.settings import Settings
    from trender_assets.warehouse.connect import (
        is_embedded,
        marked_embedded,
        resolve_database_url,
    )

    try:
        settings = Settings()
        wanted, url = settings.database_url, resolve_database_url(settings)
        migrate(url)
    except Exception as error:
        sys.stderr.write(f"trender: no database for Dagster: {error}\n")
        return
    # Marked, so that whatever this command starts can start the server again if it dies.
    embedded = wanted is None or is_embedded(wanted)
    os.environ["DATABASE_URL"] = marked_embedded(url) if embedded else url
