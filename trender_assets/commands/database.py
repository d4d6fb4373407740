"""`trender db`: the embedded PostgreSQL's start, stop and status.

Define here what the three subcommands do and print. How the server runs is
`warehouse.embedded`'s business.
"""

from __future__ import annotations

import shlex

import typer

from trender_assets.commands.failures import CONFIGURATION, CommandFailure
from trender_assets.commands.options import Demo, Json
from trender_assets.commands.terminal import Terminal


def start(as_json: Json = False) -> None:
    """Start the embedded PostgreSQL (or reach DATABASE_URL's) and migrate it."""
    from trender_assets.commands.ready import load_settings, ready_database, uses_embedded
    from trender_assets.raw.migrate import newest_revision
    from trender_assets.warehouse.connect import safe

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    url = ready_database(settings, terminal)
    embedded = uses_embedded(settings)
    terminal.document(
        {
            "running": True,
            "embedded": embedded,
            "url": safe(url),
            "revision": newest_revision(),
        }
    )
    if embedded:
        terminal.say(f"PostgreSQL runs in {settings.data_dir} until `trender db stop`.")
        terminal.say(f"  address   {safe(url)}")
        terminal.say(f"  schema    {newest_revision()}")
    else:
        terminal.say(f"DATABASE_URL is yours, so the embedded server is not used: {safe(url)}")
        terminal.say(f"  schema    {newest_revision()}")


def stop(as_json: Json = False) -> None:
    """Stop the embedded PostgreSQL; its data stays."""
    from trender_assets.commands.ready import load_settings
    from trender_assets.warehouse import embedded

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    # Asked first: `embedded.stop` would start a server that was killed, only to stop it.
    was_running = embedded.status(settings.data_dir).running
    problem = ""
    if was_running:
        try:
            embedded.stop(settings.data_dir)
        except Exception as error:
            problem = f" ({error})"
    if embedded.status(settings.data_dir).running:
        raise CommandFailure(
            f"The server in {settings.data_dir} did not stop{problem}; its log is "
            f"{settings.data_dir / 'postgres' / 'log'}."
        )
    terminal.document({"running": False, "was_running": was_running})
    terminal.say("PostgreSQL stopped." if was_running else "PostgreSQL was not running.")


def status(demo: Demo = False, as_json: Json = False) -> None:
    """Say whether the database runs and how to look into it, without starting it.

    Exits with 3 when it does not run.
    """
    from trender_assets.commands.ready import existing_demo, load_settings, uses_embedded
    from trender_assets.warehouse import embedded

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    if not uses_embedded(settings):
        assert settings.database_url is not None
        url = settings.database_url
        _own_status(existing_demo(url) if demo else url, terminal)
        return
    server = embedded.status(settings.data_dir)
    if server.url is None:
        terminal.document({"running": False, "embedded": True, "data_path": str(server.data_path)})
        exists = (server.data_path / "PG_VERSION").exists()
        terminal.say(
            f"PostgreSQL is not running ({server.data_path}"
            f"{'' if exists else ', not yet created'}); `trender db start` starts it."
        )
        raise typer.Exit(CONFIGURATION)
    url = existing_demo(server.url) if demo else server.url
    facts = _facts(url)
    terminal.document(
        {
            "running": True,
            "embedded": True,
            "pid": server.pid,
            "url": url,
            "data_path": str(server.data_path),
            "tools": str(embedded.tools()),
            **facts,
        }
    )
    terminal.say(f"PostgreSQL {facts['version']} is running (pid {server.pid}).")
    terminal.say(f"  address   {url}")
    terminal.say(f"  schema    {facts['revision'] or 'not migrated: run `trender db start`'}")
    terminal.say(f"  data      {server.data_path}")
    terminal.say(f"  look      {shlex.join([str(embedded.tools() / 'psql'), url])}")


def _own_status(database_url: str, terminal: Terminal) -> None:
    from trender_assets.warehouse.connect import normalised, safe

    url = normalised(database_url)
    facts = _facts(url)
    terminal.document({"running": True, "embedded": False, "url": safe(url), **facts})
    terminal.say(f"PostgreSQL {facts['version']} answers at {safe(url)} (your DATABASE_URL).")
    terminal.say(f"  schema    {facts['revision'] or 'not migrated: run `trender db start`'}")


def _facts(url: str) -> dict[str, str | None]:
    from trender_assets.raw.migrate import current_revision
    from trender_assets.warehouse.connect import connect

    with connect(url, autocommit=True) as connection:
        row = connection.execute("show server_version").fetchone()
        assert row is not None
        return {"version": str(row[0]).split()[0], "revision": current_revision(connection)}
