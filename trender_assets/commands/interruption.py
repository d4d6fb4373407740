"""How a command ends when somebody stops it: by Ctrl-C or SIGTERM, at any moment, in two seconds.

The command works in a thread; the main thread only waits for its end or for a signal, so a signal
is heard whatever the command is doing, and no exception breaks into the middle of its work. What
must be put in order is registered with `when_stopped`; everything else is left as a power cut
would leave it, which every write is made to survive.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

from trender_assets.github.redaction import redact

SECONDS = 1.8
INTERRUPTED = 128 + signal.SIGINT
NAMES = {signal.SIGINT: "Ctrl-C", signal.SIGTERM: "SIGTERM"}

HINTS = {
    "refresh": "What had landed stays and is not asked again; `trender refresh` goes on, "
    "`trender status` shows this run as canceled.",
    "rebuild": "Nothing is lost; `trender rebuild` starts again from what was landed.",
    "demo": "What had landed stays; `trender demo` goes on.",
    "dev": "What had landed stays; nothing runs by schedule until the next `trender dev`.",
    "serve": "`trender serve` opens the dashboard again.",
    "oauth": "No token was taken and nothing was written; `trender oauth` starts again.",
}
ENDS_WELL = ("dev", "serve")

_endings: list[Callable[[], object]] = []
_hint: list[str] = ["What was done stays; run the command again to go on."]
_code: dict[int, int] = {}
_stopping = threading.Event()


def how_to_go_on(hint: str, *, ends_well: bool = False) -> None:
    """Change what a person reads when this command is stopped from now on.

    Args:
        hint: What stays and what to do next.
        ends_well: Ctrl-C is this command's usual end: exit code 0.
    """
    _hint[0] = hint
    _code[signal.SIGINT] = 0 if ends_well else INTERRUPTED


@contextlib.contextmanager
def when_stopped(ending: Callable[[], object]) -> Iterator[None]:
    """Do this if the command is stopped while the block runs; the last registered comes first."""
    _endings.append(ending)
    try:
        yield
    finally:
        wait_if_stopping()
        _endings.remove(ending)


def wait_if_stopping() -> None:
    """Go no further once the command is being stopped: the process is about to end."""
    if _stopping.is_set() and threading.current_thread() is not threading.main_thread():
        threading.Event().wait()


def supervised(work: Callable[[], int], name: str) -> int:
    """Do a command's work in a thread and return its exit code, unless a signal ends it first.

    Args:
        work: The command.
        name: Its name, such as ``refresh``.
    """
    how_to_go_on(HINTS.get(name, _hint[0]), ends_well=name in ENDS_WELL)
    events: queue.SimpleQueue[int | BaseException | signal.Signals] = queue.SimpleQueue()

    def on_signal(signum: int, frame: FrameType | None) -> None:
        events.put(signal.Signals(signum))

    def body() -> None:
        try:
            events.put(work())
        except BaseException as error:
            events.put(error)

    for signum in NAMES:
        if signal.getsignal(signum) != signal.SIG_IGN:
            signal.signal(signum, on_signal)
    threading.Thread(target=body, name="command", daemon=True).start()
    event = events.get()
    if isinstance(event, signal.Signals):
        _stop(event)
    if isinstance(event, BaseException):
        raise event
    return event


def _stop(signum: signal.Signals) -> None:
    """Say it, put in order what can be put in order in time, and end the process."""
    code = _code.get(signum, 128 + signum)
    _stopping.set()
    for again in NAMES:
        signal.signal(again, lambda *_: os._exit(code))
    late = threading.Timer(SECONDS, os._exit, [code])
    late.daemon = True
    late.start()
    with contextlib.suppress(OSError, ValueError):
        stream = sys.__stderr__ or sys.stderr
        clear = "\r\x1b[K" if stream.isatty() else ""
        stream.write(f"{clear}trender: stopped by you ({NAMES[signum]}). {redact(_hint[0])}\n")
        stream.flush()
    for ending in reversed(_endings):
        with contextlib.suppress(BaseException):
            ending()
    os._exit(code)
