"""`trender trigger`: the hourly job on a running Dagster, now.

Define here the command's options and words. How Dagster is spoken to is `dagster_api`'s
business.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from trender_assets.commands.failures import UPSTREAM, CommandFailure
from trender_assets.commands.interruption import how_to_go_on
from trender_assets.commands.options import Json
from trender_assets.commands.terminal import Terminal

if TYPE_CHECKING:
    from trender_assets.commands.dagster_api import Dagster, Run
    from trender_assets.settings import Settings

POLL_SECONDS = 1.0


def trigger(
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the run ends.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="Seconds to wait at most, with --wait.")
    ] = 1800.0,
    if_idle: Annotated[
        bool, typer.Option("--if-idle", help="A run that is already going on is fine (exit 0).")
    ] = False,
    as_json: Json = False,
) -> None:
    """Start the hourly job on a running Dagster.

    Exits with 0 when it was started (with --wait: when it succeeded), 4 when Dagster does not
    answer, refuses, a run is already going on (unless --if-idle), or the run failed.
    """
    from trender_assets.commands.dagster_api import Dagster
    from trender_assets.commands.ready import load_settings

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    dagster = Dagster(settings.dagster_url)
    selector = dagster.find_job()
    run = dagster.active_run()
    already = run is not None
    if run is None:
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        run = dagster.launch(selector, range_tags(settings))
        mark = terminal.style("✓", "green")
        terminal.say(f"{mark} Workflow triggered successfully at {moment} UTC")
    else:
        terminal.say("A run is already going on; no second one was started.")
    terminal.say(f"  Run ID: {run.run_id}")
    terminal.say(f"  {'Status' if already else 'Initial status'}: {run.status.lower()}")
    terminal.say(f"  {dagster.address}/runs/{run.run_id}")
    how_to_go_on(f"Only the waiting ended: the run goes on, {dagster.address}/runs/{run.run_id}")
    if wait:
        run = wait_for(dagster, run, timeout, terminal)
        took = (
            ""
            if run.started is None or run.ended is None
            else (f" after {run.ended - run.started:.1f} s")
        )
        terminal.say(f"  Final status: {run.status.lower()}{took}")
    terminal.document(
        {
            "run_id": run.run_id,
            "status": run.status.lower(),
            "already_running": already,
            "url": f"{dagster.address}/runs/{run.run_id}",
            "seconds": None
            if run.started is None or run.ended is None
            else run.ended - run.started,
        }
    )
    if wait and run.status != "SUCCESS":
        raise CommandFailure(
            f"Run {run.run_id} ended as {run.status.lower()}; see {dagster.address}/runs/"
            f"{run.run_id}",
            UPSTREAM,
        )
    if already and not wait and not if_idle:
        raise CommandFailure(
            "Nothing was started. Use --if-idle when that is fine, or --wait to wait for it.",
            UPSTREAM,
        )


def range_tags(settings: Settings) -> dict[str, str]:
    """The tags that make one run cover every source."""
    from trender_assets.trending.sources import all_sources

    sources = all_sources(settings.file)
    return {
        "dagster/asset_partition_range_start": sources[0].key,
        "dagster/asset_partition_range_end": sources[-1].key,
        "trender/trigger": "trigger",
    }


def wait_for(dagster: Dagster, run: Run, timeout: float, terminal: Terminal) -> Run:
    """Watch a run until it ends; says every change of its status.

    Raises:
        CommandFailure: When the time is over; the run goes on.
    """
    deadline = time.monotonic() + timeout
    status = run.status
    while not run.is_over:
        if time.monotonic() >= deadline:
            raise CommandFailure(
                f"Run {run.run_id} is still {run.status.lower()} after {timeout:.0f} s; it goes "
                f"on: {dagster.address}/runs/{run.run_id}",
                UPSTREAM,
            )
        time.sleep(POLL_SECONDS)
        run = dagster.run(run.run_id)
        if run.status != status:
            status = run.status
            terminal.note(f"{datetime.now(UTC):%H:%M:%S}  {status.lower()}")
    return run
