"""How progress looks: whole lines in a pipe, one moving line on a terminal.

Define here how a step of progress is drawn. What is worth telling is decided where the work is
done.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from trender_assets.commands.interruption import wait_if_stopping
from trender_assets.commands.terminal import colourful
from trender_assets.github.redaction import redact
from trender_assets.runs.progress import Progress

REDRAW_SECONDS = 0.1
BAR_WIDTH = 16


class ProgressLines:
    """Draws progress on stderr; use as a context manager so that the moving line is cleared."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stream = stream or sys.stderr
        self.moving = self.stream.isatty() and colourful(self.stream)
        self.clock = clock
        self.begun = clock()
        self.drawn_at = float("-inf")
        self.shown = False

    def __enter__(self) -> ProgressLines:
        return self

    def __exit__(self, *error: object) -> None:
        self._clear()

    def __call__(self, progress: Progress) -> None:
        """Draw one step: counted steps move, everything else stays as a line."""
        counted = progress.total is not None and progress.done is not None
        ended = not counted or (progress.done or 0) >= (progress.total or 0)
        if ended:
            self._clear()
            self._write(f"{self._line(progress)}\n")
            return
        if self.moving and self.clock() - self.drawn_at >= REDRAW_SECONDS:
            self.drawn_at = self.clock()
            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r\x1b[K{self._line(progress)[:width]}")
            self.shown = True

    def _line(self, progress: Progress) -> str:
        seconds = self.clock() - self.begun
        bar = ""
        if progress.total and progress.done is not None and progress.done < progress.total:
            filled = round(BAR_WIDTH * progress.done / progress.total)
            bar = f"[{'#' * filled}{'-' * (BAR_WIDTH - filled)}] {progress.done}/{progress.total} "
        text = f"{seconds:6.1f} s  {progress.stage:<9} {progress.subject:<22} "
        text += f"{bar}{progress.message}"
        return redact(" ".join(text.splitlines())).rstrip()

    def _clear(self) -> None:
        if self.shown:
            self._write("\r\x1b[K")
            self.shown = False

    def _write(self, text: str) -> None:
        wait_if_stopping()
        try:
            self.stream.write(text)
            self.stream.flush()
        except UnicodeEncodeError:
            self.stream.write(text.encode("ascii", "replace").decode())
