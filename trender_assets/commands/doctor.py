"""`trender doctor`: one line for each thing that can be wrong, with the fix.

Define a check here when a person could repair what it finds: it says OK, WARN or FAIL and how to
mend it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from trender_assets.commands.env_file import OTHERS_MAY_READ, env_file
from trender_assets.commands.failures import CONFIGURATION
from trender_assets.commands.options import Json
from trender_assets.commands.terminal import Terminal

if TYPE_CHECKING:
    import httpx
    import psycopg

    from trender_assets.settings import Settings

COLOURS = {"OK": "green", "WARN": "yellow", "FAIL": "red"}
Level = Literal["OK", "WARN", "FAIL"]
SKEW_WARN_SECONDS = 60
SKEW_FAIL_SECONDS = 600
DISK_WARN_BYTES = 2_000_000_000
DISK_FAIL_BYTES = 300_000_000
OLDEST_POSTGRES = 140000
STALE_HOURS = 3
TIMEOUT_SECONDS = 15.0
RESERVE = {"core": 200, "graphql": 200}


@dataclass(frozen=True)
class Check:
    """One line of the doctor."""

    name: str
    level: Level
    text: str
    fix: str = ""


def check_env_file(path: Path) -> Iterator[Check]:
    """Whether `.env` is private and readable."""
    if not path.exists():
        return
    if path.stat().st_mode & OTHERS_MAY_READ:
        yield Check(".env", "WARN", f"{path} can be read by others", f"chmod 600 {path}")
    elif path.read_bytes().startswith(b"\xef\xbb\xbf"):
        yield Check(
            ".env", "WARN", f"{path} starts with a byte-order mark", "save it as UTF-8 without BOM"
        )
    else:
        yield Check(".env", "OK", f"{path} is private")


def check_github(
    settings: Settings, transport: httpx.BaseTransport | None = None
) -> Iterator[Check]:
    """Whether GitHub answers, each token is good, what budget is left, and the clock."""
    import httpx

    from trender_assets.github.answers import USE_THIS_ADDRESS
    from trender_assets.github.decide import Exchange, decide, looks_foreign
    from trender_assets.github.wire import cause_of, parse

    address = f"{settings.github_api_base_url}/rate_limit"
    tokens: tuple[str | None, ...] = settings.github_tokens or (None,)
    if not settings.github_tokens:
        yield Check(
            "token",
            "FAIL",
            "GITHUB_TOKEN is not set",
            "set it in the environment or .env; no scope is needed (`trender oauth --write-env`)",
        )
    with httpx.Client(timeout=TIMEOUT_SECONDS, transport=transport) as http:
        for number, token in enumerate(tokens, start=1):
            name = "token" if len(tokens) == 1 else f"token {number}"
            headers = {"User-Agent": "trender", "X-GitHub-Api-Version": "2026-03-10"}
            if token is not None:
                headers["Authorization"] = f"Bearer {token}"
            try:
                answer = http.get(address, headers=headers)
            except httpx.HTTPError as error:
                yield Check(
                    "GitHub",
                    "FAIL",
                    f"{settings.github_api_base_url} does not answer: {cause_of(error)}",
                    "check the network and GITHUB_API_BASE_URL",
                )
                return
            status, said = answer.status_code, dict(answer.headers)
            exchange = Exchange(status, said, *parse(status, said, answer.content))
            if what := looks_foreign(exchange, decide(exchange, now=0.0)):
                text = f"{settings.github_api_base_url} is not GitHub's API: it answers with {what}"
                yield Check("GitHub", "FAIL", text, USE_THIS_ADDRESS)
                return
            if number == 1:
                yield check_clock(answer.headers.get("Date"), datetime.now(UTC))
            if token is not None:
                yield check_token(name, answer)
            if answer.status_code == httpx.codes.OK:
                yield from check_budget(name, answer)


def check_token(name: str, answer: httpx.Response) -> Check:
    """Whether GitHub accepts the token, and whether it may do more than it should."""
    if answer.status_code == 401:
        return Check(
            name,
            "FAIL",
            "GitHub does not accept GITHUB_TOKEN: wrong, expired or revoked",
            "put a new one in the environment or .env (`trender oauth --write-env`)",
        )
    if answer.status_code == 404:
        return Check(name, "OK", "accepted; this server has no rate limits")
    if answer.is_error:
        return Check(name, "FAIL", f"GitHub answered {answer.status_code}", "try again in a minute")
    scopes = [item.strip() for item in answer.headers.get("x-oauth-scopes", "").split(",")]
    scopes = [scope for scope in scopes if scope]
    if "repo" in scopes:
        return Check(
            name,
            "WARN",
            "valid, but carries the scope repo: full access to private code",
            "use one without any scope; public data needs none",
        )
    return Check(name, "OK", f"valid; scopes: {', '.join(scopes) or 'none'}")


def check_budget(name: str, answer: httpx.Response) -> Iterator[Check]:
    """What each resource has left."""
    resources = _resources(answer)
    for resource in ("core", "graphql", "search", "code_search"):
        budget = resources.get(resource)
        if not isinstance(budget, dict):
            continue
        left, limit = int(budget.get("remaining", 0)), int(budget.get("limit", 0))
        reset = datetime.fromtimestamp(int(budget.get("reset", 0)), UTC)
        label = f"budget {resource}" + (f" ({name})" if name != "token" else "")
        text = f"{left:,} of {limit:,} left, full again at {reset:%H:%M:%S} UTC"
        if left == 0:
            yield Check(label, "FAIL", text, "wait until then, or add a token of another user")
        elif left < RESERVE.get(resource, 1):
            yield Check(label, "WARN", text, "a refresh may have to wait")
        else:
            yield Check(label, "OK", text)


def check_clock(date: str | None, now: datetime) -> Check:
    """How far this machine's clock is from GitHub's."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return Check("clock", "WARN", "GitHub did not say what time it is", "nothing to do")
    if theirs.tzinfo is None:
        theirs = theirs.replace(tzinfo=UTC)
    skew = (now - theirs).total_seconds()
    text = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} GitHub's"
    if abs(skew) < SKEW_WARN_SECONDS:
        return Check("clock", "OK", text)
    level: Level = "FAIL" if abs(skew) >= SKEW_FAIL_SECONDS else "WARN"
    return Check("clock", level, text, "synchronise it (timedatectl set-ntp true)")


def check_database(connection: psycopg.Connection, revision: str) -> Iterator[Check]:
    """The server's version, the schema's version, and what the role may do."""
    row = connection.execute(
        """
        select current_setting('server_version'), current_setting('server_version_num')::int,
               has_database_privilege(current_database(), 'CREATE'),
               exists (select from pg_roles where rolname = 'trender_reader')
        """
    ).fetchone()
    assert row is not None
    version, number, may_create, has_reader = row
    if number < OLDEST_POSTGRES:
        yield Check("database", "FAIL", f"PostgreSQL {version}", "use PostgreSQL 14 or later")
    else:
        yield Check("database", "OK", f"PostgreSQL {version}, schema {revision}")
    if not may_create:
        yield Check(
            "permissions",
            "FAIL",
            "the role may not create schemas",
            "grant create on the database to the role of DATABASE_URL",
        )
    elif not has_reader:
        yield Check(
            "permissions",
            "WARN",
            "the role trender_reader is missing: the dashboard reads with the full role",
            "create role trender_reader nologin; grant it to the role of DATABASE_URL",
        )
    else:
        yield Check("permissions", "OK", "may create; the dashboard reads as trender_reader")


def check_pipeline(connection: psycopg.Connection, sources: list[str]) -> Iterator[Check]:
    """The schedule and the data's age."""
    from trender_assets.commands import condition
    from trender_assets.commands.status import words
    from trender_assets.commands.terminal import ago

    now = datetime.now(UTC)
    timing = condition.schedule(connection, now)
    level: Level = "OK" if timing.state == "running" else "WARN"
    fix = {"stopped": "switch it on in the Dagster UI", "no_daemon": "trender dev"}
    yield Check("schedule", level, words(timing, now), fix.get(timing.state, ""))
    ages = condition.source_ages(connection, sources)
    known = [age for age in ages if age.as_of is not None]
    if not known:
        yield Check("data", "WARN", "nothing was ever fetched", "trender refresh")
        return
    old = [
        age
        for age in ages
        if age.as_of is None or (now - age.as_of).total_seconds() > STALE_HOURS * 3600
    ]
    if old:
        named = ", ".join(f"{age.source} ({ago(age.as_of, now)})" for age in old)
        yield Check("data", "WARN", f"old: {named}", "trender refresh")
    else:
        newest = max(age.as_of for age in known if age.as_of is not None)
        yield Check("data", "OK", f"every source is fresh; the newest {ago(newest, now)}")


def check_disk(folder: Path) -> Check:
    """The space left where the embedded server and local state live."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:,.1f} GB free at {folder}"
    if free < DISK_FAIL_BYTES:
        return Check("disk", "FAIL", text, "free some space, or set TRENDER_DATA_DIR")
    if free < DISK_WARN_BYTES:
        return Check("disk", "WARN", text, "free some space, or set TRENDER_DATA_DIR")
    return Check("disk", "OK", text)


def _resources(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    resources = body.get("resources") if isinstance(body, dict) else None
    return resources if isinstance(resources, dict) else {}


def doctor(as_json: Json = False) -> None:
    """Check token, budget, database, clock, disk, schedule and data; exit 3 when one fails."""
    from trender_assets.commands.ready import load_settings

    terminal = Terminal(as_json=as_json)
    settings = load_settings()
    found = []
    for check in _checks(settings, terminal):
        found.append(check)
        terminal.say(_line(terminal, check))
    failed = any(check.level == "FAIL" for check in found)
    terminal.document({"healthy": not failed, "checks": [asdict(check) for check in found]})
    if failed:
        raise typer.Exit(CONFIGURATION)


def _checks(settings: Settings, terminal: Terminal) -> Iterator[Check]:
    yield from check_env_file(env_file())
    yield from check_github(settings)
    yield check_disk(settings.data_dir)
    yield from _guarded("database", lambda: _database_checks(settings, terminal))


def _database_checks(settings: Settings, terminal: Terminal) -> Iterator[Check]:
    from trender_assets.commands.condition import watched
    from trender_assets.commands.ready import ready_database
    from trender_assets.raw.migrate import newest_revision
    from trender_assets.warehouse.connect import connect

    url = ready_database(settings, terminal, patience=0)
    with connect(url, autocommit=True) as connection:
        yield from check_database(connection, newest_revision())
        yield from check_pipeline(connection, watched(settings))


def _guarded(name: str, checks: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    """The checks; one that breaks becomes a FAIL line, so that the others are still printed."""
    from trender_assets.commands.failures import explain

    try:
        yield from checks()
    except Exception as error:
        yield Check(name, "FAIL", explain(error)[0], "trender db status")


def _line(terminal: Terminal, check: Check) -> str:
    level = terminal.style(f"{check.level:<4}", COLOURS[check.level])
    fix = f"  → {check.fix}" if check.fix else ""
    return f"{level}  {check.name:<18} {check.text}{fix}"
