"""`trender dev`: the Dagster UI with schedule and sensors on, and the dashboard beside it.

Define here which processes make the development set-up and how they end together.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from trender_assets.commands import processes
from trender_assets.commands.failures import CONFIGURATION, CommandFailure
from trender_assets.commands.interruption import when_stopped
from trender_assets.commands.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from trender_assets.settings import Settings

DAGSTER_PORT = 3000
# Together within what a stopped command has.
CANCEL_SECONDS = 0.8
STOP_SECONDS = 0.5


def dev(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="The Dagster UI's port.")
    ] = DAGSTER_PORT,
    web_port: Annotated[
        int, typer.Option("--web-port", min=1, max=65535, help="The dashboard's port.")
    ] = 8787,
    demo: Annotated[
        bool, typer.Option("--demo", help="Against the simulator and the demo's database.")
    ] = False,
) -> None:
    """Open the Dagster UI with schedule and sensors on, and the dashboard, until Ctrl-C."""
    import os

    from trender_assets.commands import serve, simulator
    from trender_assets.commands.demo import WATERMARK, simulated
    from trender_assets.commands.ready import (
        demo_database,
        load_settings,
        ready_database,
        require_token,
    )
    from trender_assets.commands.refresh import export

    terminal = Terminal()
    settings = load_settings()
    if not demo:
        require_token(settings, "use `trender dev --demo`, which needs none")
    serve.require_free_port("127.0.0.1", port, "--port")
    with_dashboard = serve.is_installed()
    if with_dashboard:
        serve.require_free_port("127.0.0.1", web_port, "--web-port")
    url = ready_database(settings, terminal)
    with contextlib.ExitStack() as stack:
        if demo:
            url = demo_database(url)
            address = stack.enter_context(simulator.running(settings.data_dir))
            settings = simulated(settings, address, url)
            terminal.note(f"{WATERMARK} ({address}).")
        os.environ["DATABASE_URL"] = url
        export(settings)
        children = {"Dagster": start_dagster(settings, port)}
        if with_dashboard:
            children["the dashboard"] = serve.start(
                url,
                port=web_port,
                host="127.0.0.1",
                data_dir=settings.data_dir,
                dagster_url=f"http://127.0.0.1:{port}",
            )
        at_the_end(stack, lambda: processes.stop(*children.values(), grace=STOP_SECONDS))
        terminal.note(f"Dagster UI:  http://127.0.0.1:{port}  (Ctrl-C stops everything)")
        if with_dashboard:
            terminal.note(f"Dashboard:   http://127.0.0.1:{web_port}")
        at_the_end(stack, canceling(settings, children["Dagster"]))
        name, code = processes.wait_for_first(children)
    raise CommandFailure(f"{name} ended with exit code {code}.", CONFIGURATION)


def at_the_end(stack: contextlib.ExitStack, ending: Callable[[], object]) -> None:
    """Do this when the stack is left or the command is stopped; the last said comes first."""
    stack.callback(ending)
    stack.enter_context(when_stopped(ending))


def canceling(settings: Settings, dagster: subprocess.Popen[bytes]) -> Callable[[], object]:
    """What records Dagster's runs as canceled, in a limited time, made ready while it starts.

    It writes the record itself: a Dagster that works on a run may be too busy to be asked.
    """
    from dagster import DagsterInstance

    from trender_assets.runs.dead_runs import cancel_runs_of

    instance = DagsterInstance.from_config(str(folder_of(settings)))

    def cancel() -> None:
        work = threading.Thread(target=cancel_runs_of, args=(instance, dagster.pid), daemon=True)
        work.start()
        work.join(CANCEL_SECONDS)

    return cancel


def start_dagster(settings: Settings, port: int) -> subprocess.Popen[bytes]:
    """Start `dagster dev`.

    It runs outside the repository root: there it would read `.env` and let it win over the
    environment this process has prepared.

    Args:
        settings: The settings of the process.
        port: The UI's port.
    """
    from trender_assets.settings import PROJECT_ROOT

    folder = folder_of(settings)
    workspace = PROJECT_ROOT / "workspace.yaml"
    location = (
        ["-w", str(workspace)] if workspace.exists() else ["-m", "trender_assets.definitions"]
    )
    return processes.start(
        [sys.executable, "-m", "dagster", "dev", *location, "-h", "127.0.0.1", "-p", str(port)],
        environment={
            "DAGSTER_HOME": str(home(folder)),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
            # Dagster takes it from `.env` for the option -m, which it refuses beside -w.
            "DAGSTER_MODULE_NAME": "",
            "PYTHONWARNINGS": "ignore",
        },
        folder=folder,
    )


def folder_of(settings: Settings) -> Path:
    """Where Dagster runs and keeps its files."""
    folder = (settings.data_dir / "dagster").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def home(folder: Path) -> Path:
    """Dagster's home: a folder of ours with the repository's `dagster.yaml` in it."""
    from trender_assets.settings import PROJECT_ROOT

    ours = PROJECT_ROOT / "dagster.yaml"
    link = folder / "dagster.yaml"
    if ours.exists():
        link.write_text(ours.read_text(encoding="utf-8"), encoding="utf-8")
    return folder
