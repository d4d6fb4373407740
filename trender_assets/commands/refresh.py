"""`trender refresh` and `trender rebuild`: the hourly job, or its shaping part, in this process.

Define here the commands' options, what they print and how they exit. What the job does is
`trender_assets.commands.hourly`'s and the assets' business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from trender_assets.commands.failures import (
    CONFIGURATION,
    DATA_QUALITY,
    OK,
    UPSTREAM,
    USAGE,
    CommandFailure,
)
from trender_assets.commands.options import Json, LoseOldDays
from trender_assets.commands.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from trender_assets.commands.hourly import RefreshResult
    from trender_assets.settings import Settings

SHORTEST_SHOWN = 0.1


def refresh(
    source: Annotated[
        list[str] | None,
        typer.Option("--source", help="Only this source, such as python; may be repeated."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="The run's logical time (ISO 8601, UTC without offset)."),
    ] = None,
    full_refresh: Annotated[
        bool, typer.Option("--full-refresh", help="Rebuild every mart from the raw layer.")
    ] = False,
    lose_old_days: LoseOldDays = False,
    marketing: Annotated[
        bool, typer.Option("--marketing", help="Make the cards, stories and drafts too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Run the whole hourly job once, here, with progress.

    Exits with 0 when everything is fresh, 4 when a source could not be fetched (the others are
    fresh), 5 when a check or a model failed.
    """
    from trender_assets.commands.ready import (
        load_settings,
        ready_database,
        require_github,
        require_token,
    )
    from trender_assets.commands.run_log import NAME as LOG
    from trender_assets.commands.trending import pools, show, top_rows
    from trender_assets.warehouse.connect import PATIENCE_SECONDS, connect

    terminal = Terminal(as_json=as_json)
    logical = parse_time(as_of) if as_of else None
    settings = load_settings()
    check_sources(settings, source or [])
    require_token(settings, "run `trender demo`, which needs none")
    url = ready_database(settings, terminal, patience=PATIENCE_SECONDS)
    with ThreadPoolExecutor(1) as pool:
        question = pool.submit(require_github, settings, url, "cli")
        import dagster  # noqa: F401 - every run needs it, and the answer takes as long

        question.result()
    result = run(
        settings,
        sources=tuple(source) if source else None,
        as_of=logical,
        full_refresh=full_refresh,
        lose_old_days=lose_old_days,
        with_marketing=marketing,
    )
    with connect(url) as connection:
        # What an earlier run read is not this one's result.
        rows = top_rows(connection, pools(settings), top=3) if result.repos else []
    terminal.document({**as_dict(result), "top": [row.as_dict() for row in rows]})
    if reason := nothing_read(result):
        raise CommandFailure(reason, CONFIGURATION if "401" in reason else UPSTREAM)
    show(terminal, rows, result.as_of)
    summary(terminal, result, settings.data_dir / LOG)
    code = exit_code(result)
    if code != OK:
        raise typer.Exit(code)


def rebuild(lose_old_days: LoseOldDays = False, as_json: Json = False) -> None:
    """Build staging and analytics anew from raw, without asking GitHub.

    Gives the same rows as the hourly runs did. Exits with 0, with 3 when it would lose days whose
    evidence was deleted, or 5 when a check or a model failed.
    """
    from trender_assets.commands.ready import load_settings, ready_database
    from trender_assets.commands.run_log import NAME as LOG
    from trender_assets.warehouse.connect import PATIENCE_SECONDS

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    ready_database(settings, terminal, patience=PATIENCE_SECONDS)
    result = run(
        settings, sources=(), trigger="rebuild", full_refresh=True, lose_old_days=lose_old_days
    )
    terminal.document(as_dict(result))
    summary(terminal, result, settings.data_dir / LOG)
    code = exit_code(result)
    if code != OK:
        raise typer.Exit(code)


def run(
    settings: Settings,
    *,
    sources: tuple[str, ...] | None = None,
    as_of: datetime | None = None,
    trigger: str = "cli",
    full_refresh: bool = False,
    lose_old_days: bool = False,
    with_marketing: bool = False,
) -> RefreshResult:
    """Refresh with progress on stderr; what Dagster and dbt print goes to the run log."""
    from trender_assets.commands.hourly import refresh as refresh_now
    from trender_assets.commands.progress_lines import ProgressLines
    from trender_assets.commands.run_log import run_log

    with ProgressLines() as lines, run_log(settings.data_dir):
        return refresh_now(
            settings,
            sources=sources,
            as_of=as_of,
            trigger=trigger,
            full_refresh=full_refresh,
            lose_old_days=lose_old_days,
            with_marketing=with_marketing,
            on_progress=lines,
        )


def export(settings: Settings) -> None:
    """Put what the assets read into the environment: they make their own `Settings`."""
    import os

    os.environ["GITHUB_TOKEN"] = ",".join(settings.github_tokens)
    os.environ["GITHUB_API_BASE_URL"] = settings.github_api_base_url
    os.environ["TRENDER_DATA_DIR"] = str(settings.data_dir.resolve())
    if settings.config is not None:
        os.environ["TRENDER_CONFIG"] = str(settings.config.resolve())


def parse_time(text: str) -> datetime:
    """Read the time of --as-of.

    Raises:
        CommandFailure: When it is not one.
    """
    from datetime import UTC

    try:
        value = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise CommandFailure(
            f"--as-of {text!r} is not an ISO 8601 time such as 2026-11-25T09:00:00Z", USAGE
        ) from None
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value.astimezone(UTC).replace(microsecond=0)


def check_sources(settings: Settings, wanted: list[str]) -> None:
    """Refuse sources that do not exist.

    Raises:
        CommandFailure: Naming them and the known ones.
        SettingsError: When `trender.yaml` can't be read.
    """
    watched = settings.file
    if not wanted:
        return
    from trender_assets.trending.sources import all_sources

    known = [source.key for source in all_sources(watched)]
    unknown = [key for key in wanted if key not in known]
    if unknown:
        raise CommandFailure(
            f"--source: there is no {', '.join(unknown)}; known are {', '.join(known)}", USAGE
        )


def exit_code(result: RefreshResult) -> int:
    """0 when all is fresh, 4 when a source failed, 5 when a model or check failed."""
    if result.failed_sources:
        return UPSTREAM
    return OK if result.success else DATA_QUALITY


def as_dict(result: RefreshResult) -> dict[str, object]:
    """The result as plain values, with the API's totals."""
    from dataclasses import asdict

    from trender_assets.commands.cost import totals

    return {**asdict(result), "api_totals": totals(result.api)}


def by_reason(failed: Mapping[str, str]) -> dict[str, list[str]]:
    """The failed sources of each reason."""
    reasons: dict[str, list[str]] = {}
    for name, reason in failed.items():
        reasons.setdefault(reason, []).append(name)
    return reasons


def nothing_read(result: RefreshResult) -> str | None:
    """The one reason why nothing at all could be read; None when there is no such reason."""
    reasons = by_reason(result.failed_sources)
    return next(iter(reasons)) if len(reasons) == 1 and not result.repos else None


def only_failed(result: RefreshResult) -> str:
    """The command that fetches what is missing."""
    names = result.failed_sources if result.repos else ()
    return " ".join(["trender refresh", *(f"--source {name}" for name in names)])


def summary(
    terminal: Terminal,
    result: RefreshResult,
    log: Path,
    again: Callable[[RefreshResult], str] = only_failed,
) -> None:
    """Print what the refresh did and what it cost.

    Args:
        terminal: Where to.
        result: What it did.
        log: The run's log, named when something failed.
        again: The command that fetches what is missing.
    """
    from trender_assets.commands.cost import sentence, skipped
    from trender_assets.commands.terminal import number

    terminal.say()
    mark = terminal.style("✓", "green") if result.success else terminal.style("✗", "red")
    terminal.say(
        f"{mark} Run {result.run_id}: {number(result.repos)} repositories in {result.seconds:.1f} s"
    )
    terminal.say(
        f"  repositories  raw {number(result.rows_raw)}, staging {number(result.rows_staging)}, "
        f"facts {number(result.rows_facts)}"
    )
    terminal.say(f"  GitHub        {sentence(result.api)}")
    left_out = ", ".join(f"{name} {number(count)}" for name, count in skipped(result.api).items())
    if left_out:
        terminal.say(
            f"  {terminal.style('skipped', 'yellow')}       {left_out} (too little budget)"
        )
    unknown = ", ".join(f"{name} {number(count)}" for name, count in result.incomplete.items())
    if unknown:
        terminal.say(
            f"  {terminal.style('incomplete', 'yellow')}    {unknown} "
            "(unknown for now; the next run asks again)"
        )
    parts = ", ".join(
        f"{name} {seconds:.1f}"
        for name, seconds in result.timings.items()
        if seconds >= SHORTEST_SHOWN
    )
    if parts:
        terminal.say(f"  seconds       {parts}")
    for reason, names in by_reason(result.failed_sources).items():
        terminal.say(f"  {terminal.style('not fetched', 'red')}   {', '.join(names)}: {reason}")
    for name, text in result.errors.items():
        if text not in result.failed_sources.values():
            terminal.say(f"  {terminal.style('failed', 'red')}        {name}: {text}")
    if not result.success:
        terminal.note(f"The run's log: {log}")
    if result.failed_sources:
        terminal.note(f"Try the missing ones again with: {again(result)}")
