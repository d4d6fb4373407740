"""`trender serve`: the dashboard, in the foreground.

Define here how the dashboard's process is started and how its end becomes an exit code. What it
shows is `trender_web`'s business, which Trender never imports.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from trender_assets.commands import processes
from trender_assets.commands.failures import CONFIGURATION, OK, CommandFailure
from trender_assets.commands.interruption import how_to_go_on, when_stopped
from trender_assets.commands.options import Demo
from trender_assets.commands.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

PORT = 8787


def serve(
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = PORT,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    demo: Demo = False,
) -> None:
    """Serve the dashboard until Ctrl-C."""
    from trender_assets.commands.ready import demo_database, load_settings, ready_database

    terminal = Terminal()
    require_dashboard()
    require_free_port(host, port, "--port")
    settings = load_settings()
    url = ready_database(settings, terminal)
    if demo:
        url = demo_database(url)
    # The default address is where a Dagster would answer; only a chosen one is worth a link.
    dagster_url = settings.dagster_url if "dagster_url" in settings.model_fields_set else None
    foreground(
        terminal, url, port=port, host=host, data_dir=settings.data_dir, dagster_url=dagster_url
    )


def foreground(
    terminal: Terminal,
    url: str,
    *,
    port: int,
    host: str = "127.0.0.1",
    data_dir: Path,
    dagster_url: str | None = None,
) -> None:
    """Run the dashboard in the foreground; Ctrl-C ends it.

    Raises:
        CommandFailure: When it ends by itself.
    """
    child = start(url, port=port, host=host, data_dir=data_dir, dagster_url=dagster_url)
    terminal.note(f"Dashboard: http://{host}:{port}  (Ctrl-C stops it)")
    how_to_go_on("`trender serve` opens the dashboard again.", ends_well=True)
    with when_stopped(lambda: processes.stop(child)):
        _, code = processes.wait_for_first({"dashboard": child})
    processes.stop(child)
    if code != OK:
        raise CommandFailure(f"The dashboard ended with exit code {code}.", CONFIGURATION)


def start(
    url: str, *, port: int, host: str, data_dir: Path, dagster_url: str | None = None
) -> subprocess.Popen[bytes]:
    """Start the dashboard's process; the database's address goes through the environment.

    A command line can be read by every user of the machine, and the address may hold a password.

    Args:
        url: The database's address.
        port: Where it listens.
        host: The address it listens on.
        data_dir: Its working folder.
        dagster_url: The Dagster UI that its runs link to, if any.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    return processes.start(
        [sys.executable, "-m", "trender_web", "--host", host, "--port", str(port)],
        environment={"DATABASE_URL": url, "TRENDER_DAGSTER_URL": dagster_url or ""},
        folder=data_dir,
    )


def is_installed() -> bool:
    """Whether the dashboard can be started here."""
    return importlib.util.find_spec("trender_web.__main__") is not None


def require_dashboard() -> None:
    """Refuse to go on without the dashboard.

    Raises:
        CommandFailure: Saying what to install.
    """
    if not is_installed():
        raise CommandFailure("The dashboard is not installed; install trender[web].")


def require_free_port(host: str, port: int, option: str) -> None:
    """Refuse a port that somebody else listens on.

    Raises:
        CommandFailure: Naming the port and the option to choose another.
    """
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandFailure(
                f"Port {port} of {host} can't be used: {error.strerror}. "
                f"Choose another with {option}."
            ) from None
