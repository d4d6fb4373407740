"""The options that several commands share.

Define an option here when more than one command takes it, so that it reads the same everywhere.
"""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document.")]
Demo = Annotated[bool, typer.Option("--demo", help="The demo's data.")]
LoseOldDays = Annotated[
    bool,
    typer.Option(
        "--lose-old-days", help="Rebuild even though days whose evidence was deleted are lost."
    ),
]
