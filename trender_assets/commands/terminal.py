"""Where a command's words go: results to stdout, everything else to stderr.

Define here how things look on a terminal and in a pipe. Colour only where a person looks;
no secret anywhere; a closed pipe is not an error.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from trender_assets.commands.interruption import wait_if_stopping
from trender_assets.github.redaction import redact

COLOURS = {"green": "32", "yellow": "33", "red": "31", "bold": "1", "dim": "2"}


class Terminal:
    """The two streams of one command.

    Attributes:
        as_json: Whether the result is one JSON document instead of text.
    """

    def __init__(self, *, as_json: bool = False) -> None:
        self.as_json = as_json

    def say(self, text: str = "") -> None:
        """Print a line of the result, unless the result is JSON."""
        if not self.as_json:
            _write(sys.stdout, text)

    def note(self, text: str) -> None:
        """Print a line that is not the result: progress, a warning, what to do next."""
        _write(sys.stderr, text)

    def document(self, value: Any) -> None:
        """Print the result as JSON, when JSON is wanted."""
        if self.as_json:
            _write(sys.stdout, json.dumps(value, indent=2, default=_plain, ensure_ascii=False))

    def style(self, text: str, colour: str, *, stream: TextIO | None = None) -> str:
        """The text in a colour, where colours are shown."""
        if not colourful(stream or sys.stdout):
            return text
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


def colourful(stream: TextIO) -> bool:
    """Whether colours make sense: a terminal, and the user did not refuse them."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def number(value: float | int | None, digits: int = 0) -> str:
    """A number for people: thousands separated; a dash when it is unknown."""
    return "—" if value is None else f"{value:,.{digits}f}"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago something was, in one unit that fits; never negative."""
    if moment is None:
        return "never"
    seconds = max(0, int((now - moment).total_seconds()))
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (unit == "min" and seconds >= size):
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


def _write(stream: TextIO, text: str) -> None:
    wait_if_stopping()
    line = redact(text) + "\n"
    try:
        stream.write(line)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(line.encode(encoding, "replace").decode(encoding))
    stream.flush()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "__float__"):
        return float(value)
    return str(value)
