"""`trender status`: how the pipeline is, with or without a running Dagster.

Define here how its condition is worded. What is known comes from `condition`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from trender_assets.commands.options import Demo, Json
from trender_assets.commands.terminal import Terminal, ago, number

if TYPE_CHECKING:
    from trender_assets.commands.condition import Schedule


def status(
    runs: Annotated[int, typer.Option("--runs", min=1, max=100, help="How many runs.")] = 5,
    demo: Demo = False,
    as_json: Json = False,
) -> None:
    """Show the last runs, the data's age, the schedule, the database and the API budget."""
    from trender_assets.commands import condition
    from trender_assets.commands.ready import demo_database, load_settings, ready_database
    from trender_assets.commands.trending import gain, pools, top_rows
    from trender_assets.warehouse.connect import connect, safe

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    url = ready_database(settings, terminal, patience=5.0)
    if demo:
        url = demo_database(url)
    now = datetime.now(UTC)
    with connect(url, autocommit=True) as connection:
        finished = condition.last_runs(connection, runs)
        active = condition.active_runs(connection)
        ages = condition.source_ages(connection, condition.watched(settings))
        timing = condition.schedule(connection, now)
        budget, budget_at = condition.last_budget(connection)
        rising = top_rows(connection, pools(settings), top=1)
        row = connection.execute(
            "select current_setting('server_version'), pg_database_size(current_database())"
        ).fetchone()
        assert row is not None
        version, size = str(row[0]).split()[0], int(row[1])
    terminal.document(
        {
            "rising": [row.as_dict() for row in rising],
            "database": {"url": safe(url), "version": version, "bytes": size},
            "schedule": asdict(timing),
            "active_runs": active,
            "runs": finished,
            "sources": [asdict(age) for age in ages],
            "budget": {"left": budget, "at": budget_at},
        }
    )
    if rising:
        terminal.say(terminal.style("Rising", "bold"))
    for row in rising:
        terminal.say(f"  {row.pool:<24} {row.repo_full_name}   {gain(row)}")
    terminal.say(terminal.style("Runs", "bold"))
    for run in active:
        terminal.say(f"  {run['status']:<9} {run['job_name']:<16} {run['run_id']}")
    for run in finished:
        colour = "green" if run["status"] == "success" else "red"
        failed = f", failed: {', '.join(run['streams_failed'])}" if run["streams_failed"] else ""
        terminal.say(
            f"  {terminal.style(format(run['status'], '<9'), colour)} {run['job_name']:<16} "
            f"{run['execution_date'].astimezone(UTC):%Y-%m-%d %H:%M} UTC, "
            f"{run['total_duration_seconds']:.1f} s, "
            f"{number(run['repos_processed'])} repositories, "
            f"{number(run['api_requests'])} requests{failed}"
        )
    if not finished and not active:
        terminal.say("  none yet; `trender refresh` or `trender demo` makes the first")
    terminal.say(terminal.style("Data", "bold"))
    for age in ages:
        terminal.say(f"  {age.source:<24} {ago(age.as_of, now)}")
    terminal.say(terminal.style("Schedule", "bold"))
    terminal.say(f"  {words(timing, now)}")
    terminal.say(terminal.style("GitHub budget", "bold"))
    left = ", ".join(f"{name} {number(value)}" for name, value in budget.items())
    terminal.say(f"  {left} left {ago(budget_at, now)}" if left else "  unknown: no run asked yet")
    terminal.say(terminal.style("Database", "bold"))
    terminal.say(f"  PostgreSQL {version}, {size / 1e6:,.0f} MB, {safe(url)}")


def words(timing: Schedule, now: datetime) -> str:
    """The schedule in one sentence."""
    if timing.state == "running" and timing.next_tick is not None:
        minutes = int((timing.next_tick - now).total_seconds() // 60)
        return f"on; next run at {timing.next_tick:%H:%M} UTC, in {minutes} min"
    if timing.state == "stopped":
        return "stopped; switch it on in the Dagster UI (Automation → hourly)"
    seen = f", last seen {ago(timing.heartbeat, now)}" if timing.heartbeat else ""
    return f"no Dagster daemon is running{seen}; `trender dev` starts one"
