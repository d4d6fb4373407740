"""`trender demo`: the whole product without a token, on an invented GitHub.

Define here the demo's order of events and its words. Its data lives in a database of its own,
so that invented repositories never mix with real ones.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from trender_assets.commands.failures import OK
from trender_assets.commands.options import Json
from trender_assets.commands.terminal import Terminal, number

if TYPE_CHECKING:
    import psycopg

    from trender_assets.settings import Settings

WATERMARK = "demo data: an invented GitHub, no repository here is real"


@dataclass(frozen=True)
class Counts:
    """Rows of the demo's database.

    Attributes:
        raw: Rows of raw_github_repos.
        staging: Repositories in staging.
        facts: Rows of fact_repo_snapshots.
        duplicates: Facts that exist more than once; always 0.
    """

    raw: int
    staging: int
    facts: int
    duplicates: int


def demo(
    port: Annotated[
        int, typer.Option("--port", min=1, max=65535, help="The dashboard's port.")
    ] = 8787,
    serve: Annotated[
        bool | None,
        typer.Option(
            "--serve/--no-serve",
            help="Keep the dashboard running at the end (the default on a terminal).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show everything on an invented GitHub: no token, no database, nothing to configure."""
    from trender_assets.commands import serve as dashboard
    from trender_assets.commands import simulator
    from trender_assets.commands.ready import demo_database, load_settings, ready_database
    from trender_assets.commands.refresh import as_dict, exit_code, run, summary
    from trender_assets.commands.run_log import NAME as LOG
    from trender_assets.commands.trending import pools, show, top_rows
    from trender_assets.warehouse.connect import connect

    terminal = Terminal(as_json=as_json)
    terminal.note(terminal.style(f"Trender — {WATERMARK}.", "yellow", stream=sys.stderr))
    settings = load_settings()
    main_url = ready_database(settings, terminal)
    url = demo_database(main_url)
    os.environ["DATABASE_URL"] = url
    with connect(url) as connection:
        before = counts(connection)
    with simulator.running(settings.data_dir) as address:
        terminal.note(f"The simulator answers at {address}.")
        result = run(simulated(settings, address, url), trigger="demo", with_marketing=True)
    with connect(url) as connection:
        after, rows = counts(connection), top_rows(connection, pools(settings))
    terminal.document(
        {
            "demo": True,
            "note": WATERMARK,
            **as_dict(result),
            "rows_before": asdict(before),
            "rows_after": asdict(after),
            "top": [row.as_dict() for row in rows],
        }
    )
    show(terminal, rows)
    summary(terminal, result, settings.data_dir / LOG, lambda failed: "trender demo")
    terminal.say(f"  rows          {_rows(before, after)}")
    terminal.say(terminal.style(f"  {WATERMARK}", "yellow"))
    code = exit_code(result)
    wanted = serve if serve is not None else sys.stdout.isatty() and not as_json
    _next_steps(terminal, port, installed=dashboard.is_installed())
    if wanted and dashboard.is_installed():
        dashboard.require_free_port("127.0.0.1", port, "--port")
        dashboard.foreground(terminal, url, port=port, data_dir=settings.data_dir)
    if code != OK:
        raise typer.Exit(code)


def simulated(settings: Settings, address: str, url: str) -> Settings:
    """The same settings, pointed to the simulator and the demo's database."""
    from pydantic import SecretStr

    from trender_assets.commands.simulator import DEMO_TOKEN

    return settings.model_copy(
        update={
            "github_token": SecretStr(DEMO_TOKEN),
            "github_api_base_url": address,
            "database_url": url,
            "alert_webhook_url": None,
        }
    )


def counts(connection: psycopg.Connection) -> Counts:
    """How many rows the layers hold; 0 before the marts were built."""

    def one(table: str, expression: str) -> int:
        from psycopg import sql

        exists = connection.execute("select to_regclass(%s)", [table]).fetchone()
        if exists == (None,):
            return 0
        row = connection.execute(
            sql.SQL("select {} from {}").format(
                sql.SQL(expression),  # pyright: ignore[reportArgumentType] - our own literals
                sql.Identifier(*table.split(".")),
            )
        ).fetchone()
        return 0 if row is None else int(row[0])

    facts = "analytics.fact_repo_snapshots"
    return Counts(
        raw=one("raw.raw_github_repos", "count(*)"),
        staging=one("staging.stg_repos_validated", "count(*)"),
        facts=one(facts, "count(*)"),
        duplicates=one(facts, "count(*) - count(distinct (repo_id, snapshot_date))"),
    )


def _rows(before: Counts, after: Counts) -> str:
    parts = [
        f"{name} {number(getattr(before, name))} → {number(getattr(after, name))}"
        for name in ("raw", "staging", "facts")
    ]
    return f"{', '.join(parts)} (before → after; {number(after.duplicates)} duplicates)"


def _next_steps(terminal: Terminal, port: int, *, installed: bool) -> None:
    terminal.say()
    terminal.say("What next:")
    if installed:
        terminal.say(f"  trender serve --demo       the dashboard, http://127.0.0.1:{port}")
    terminal.say("  trender demo               again: fast, and no row twice")
    terminal.say("  trender dev --demo         the Dagster UI on the same invented GitHub")
    terminal.say("  trender oauth --write-env  a token without any scope, for the real GitHub")
    terminal.say("  trender refresh            then: what is rising there now")
