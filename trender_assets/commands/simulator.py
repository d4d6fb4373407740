"""The GitHub simulator as a child process, for the demo.

Define here how a command starts and finds it. What it simulates is `github_simulator`'s
business, which Trender never imports.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from trender_assets.commands import processes
from trender_assets.commands.failures import CONFIGURATION, CommandFailure
from trender_assets.commands.interruption import when_stopped
from trender_assets.github.redaction import remember

START_SECONDS = 30.0
DEMO_TOKEN = "simulated-token-of-the-demo"  # noqa: S105 - any word opens the simulator


@contextlib.contextmanager
def running(data_dir: Path, profile: str = "demo") -> Iterator[str]:
    """The simulator while the block runs; yields its address.

    Raises:
        CommandFailure: When it does not come up; the message quotes its last words.
    """
    remember(DEMO_TOKEN)
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "simulator.log"
    with contextlib.ExitStack() as stack:
        # Also when a person stops the command: nothing of the simulator is left behind.
        stack.enter_context(when_stopped(stack.close))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="trender-sim-"))
        output = stack.enter_context(log.open("wb"))
        ready = Path(folder) / "port"
        child = processes.start(
            [
                sys.executable,
                "-m",
                "github_simulator",
                "--profile",
                profile,
                "--port",
                "0",
                "--ready-file",
                str(ready),
            ],
            output=output,
        )
        stack.callback(processes.stop, child, grace=0.5)
        deadline = time.monotonic() + START_SECONDS
        while not (ready.exists() and ready.read_text().strip()):
            if child.poll() is not None or time.monotonic() > deadline:
                raise CommandFailure(
                    f"The GitHub simulator did not start: {_last_words(log)} (see {log}). "
                    "Is trender[simulator] installed?",
                    CONFIGURATION,
                )
            time.sleep(0.05)
        yield f"http://127.0.0.1:{int(ready.read_text().strip())}"


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"
