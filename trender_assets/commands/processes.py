"""Child processes of a command: started together, ended together.

Define here how a child is started, watched and ended. Which programs run is the commands'
business.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

GRACE_SECONDS = 1.0
POLL_SECONDS = 0.2
PR_SET_PDEATHSIG = 1


def start(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, so that Ctrl-C reaches only the command.

    On Linux the child is told to end when this process dies, even by kill -9.

    Args:
        command: The program and its arguments.
        environment: Variables added to this process's.
        folder: Where it runs.
        output: Where its output goes; None means this process's streams.
    """
    return subprocess.Popen(
        list(command),
        env={**os.environ, **(environment or {})},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
        preexec_fn=_end_with_parent if sys.platform == "linux" else None,
    )


def stop(*children: subprocess.Popen[bytes], grace: float = GRACE_SECONDS) -> int:
    """Ask the children's whole groups to end, wait for all of them together, then use force.

    Args:
        children: What `start` gave.
        grace: Seconds that all of them have; a person who pressed Ctrl-C waits for it.

    Returns:
        The last child's exit code.
    """
    deadline = time.monotonic() + grace
    alive = [child for child in children if child.poll() is None]
    for child in alive:
        # Not SIGINT: a Python that is still importing would answer with a traceback.
        _signal(child, signal.SIGTERM)
    for child in alive:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        # Also when it has ended: whatever it started is in its group.
        _signal(child, signal.SIGKILL)
    return [child.wait() for child in children][-1]


def _signal(child: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, how)


def wait_for_first(children: Mapping[str, subprocess.Popen[bytes]]) -> tuple[str, int]:
    """Wait until one of the children ends.

    Returns:
        Its name and exit code.
    """
    while True:
        for name, child in children.items():
            code = child.poll()
            if code is not None:
                return name, code
        time.sleep(POLL_SECONDS)


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
