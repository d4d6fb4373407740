"""The log of a run: what Dagster and dbt print goes to a file, without secrets.

Define here where the chatter of a run in this process ends up. Its progress and its result
belong on the terminal, not here.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from trender_assets.github.redaction import redact

NAME = "refresh.log"


class RedactedStream(io.TextIOBase):
    """A text stream that hides secrets line by line before they reach the file."""

    def __init__(self, file: TextIO) -> None:
        self.file = file
        self.waiting = ""

    @property
    def encoding(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Always UTF-8."""
        return "utf-8"

    def write(self, text: str) -> int:
        """Keep what is not yet a whole line, so that no secret is cut in two."""
        whole, newline, rest = (self.waiting + text).rpartition("\n")
        self.file.write(redact(whole + newline))
        self.waiting = rest
        return len(text)

    def flush(self) -> None:
        """Write whole lines through to the file."""
        self.file.flush()

    def finish(self) -> None:
        """Write what is left."""
        self.file.write(redact(self.waiting))
        self.waiting = ""
        self.file.flush()


@contextlib.contextmanager
def run_log(data_dir: Path) -> Iterator[Path]:
    """Send stdout and stderr of this process to the log while the block runs; yields its path.

    The file is private and starts anew with each run. TRENDER_DEBUG=1 leaves everything on the
    terminal.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    path = data_dir / NAME
    if os.environ.get("TRENDER_DEBUG"):
        yield path
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        stream = RedactedStream(file)
        try:
            with (
                contextlib.redirect_stdout(stream),  # pyright: ignore[reportArgumentType]
                contextlib.redirect_stderr(stream),  # pyright: ignore[reportArgumentType]
            ):
                yield path
        finally:
            stream.finish()
    sys.stdout.flush()
