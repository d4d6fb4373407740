"""Getting ready: settings read once, a database that answers and is migrated.

Define here what every command that needs settings or the warehouse does first. What a command
then does belongs to its own module.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from trender_assets.commands.env_file import env_file, env_files
from trender_assets.commands.failures import CommandFailure
from trender_assets.commands.terminal import Terminal
from trender_assets.github.redaction import remember

if TYPE_CHECKING:
    import psycopg

    from trender_assets.settings import Settings

DEMO_DATABASE = "trender_demo"


def load_settings() -> Settings:
    """The settings of this process; what they hold in secrets is never printed from here on.

    Raises:
        CommandFailure: Naming the variable that can't be used, never its value.
    """
    from pydantic import ValidationError

    from trender_assets.settings import Settings

    try:
        settings = Settings(_env_file=env_files())  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}"
            for item in error.errors()
        )
        raise CommandFailure(f"{problems} (set in the environment or in {env_file()})") from None
    remember(*settings.github_tokens)
    for secret in (settings.github_client_secret, settings.alert_webhook_url):
        remember(secret.get_secret_value() if secret else None)
    if settings.database_url:
        from trender_assets.warehouse.connect import secrets

        remember(*secrets(settings.database_url))
    return settings


def require_token(settings: Settings, otherwise: str) -> None:
    """Refuse to go on without a GitHub token.

    Args:
        settings: The settings of the process.
        otherwise: What works without one, as the end of a sentence.

    Raises:
        CommandFailure: Saying how to get a token.
    """
    if not settings.github_tokens:
        raise CommandFailure(
            "GITHUB_TOKEN is not set. Put a token in the environment or in "
            f"{env_file()} (no scope is needed; `trender oauth --write-env` gets one), "
            f"or {otherwise}."
        )


def require_github(settings: Settings, url: str, trigger: str) -> None:
    """Ask GitHub one free question before anything is imported or begun.

    What would fail every request is said at once; that the refresh failed is recorded, though
    Dagster never began a run for it.

    Raises:
        GitHubError: When its host can't be reached, is another's, or refuses every token.
    """
    import asyncio

    from trender_assets.github.answers import GitHubError
    from trender_assets.github.client import GitHubClient
    from trender_assets.runs.record_rows import store_failure
    from trender_assets.warehouse.connect import connect

    async def ask() -> None:
        async with GitHubClient(
            tokens=settings.github_tokens,
            api_base_url=settings.github_api_base_url,
        ) as client:
            await client.verify()

    try:
        asyncio.run(ask())
    except GitHubError as error:
        with connect(url) as connection:
            store_failure(connection, job_name="hourly_refresh", trigger=trigger, why=str(error))
        raise


def uses_embedded(settings: Settings) -> bool:
    """Whether the warehouse is Trender's own embedded server."""
    from trender_assets.warehouse.connect import is_embedded

    return settings.database_url is None or is_embedded(settings.database_url)


def ready_database(settings: Settings, terminal: Terminal, *, patience: float = 10.0) -> str:
    """Start the embedded server or reach the configured one, migrate, and make it known.

    The address goes into the environment of this process and its children; plain `dagster` and
    `dg` commands find the embedded server by themselves (`commands/dagster_defaults`).

    Args:
        settings: The settings of the process.
        terminal: Told when there is something to wait for.
        patience: Seconds to wait for a server that refuses connections.

    Returns:
        The address of the migrated database.

    Raises:
        WarehouseError: When there is no database to use.
    """
    from trender_assets.raw.migrate import migrate
    from trender_assets.warehouse import embedded
    from trender_assets.warehouse.connect import resolve_database_url

    own = uses_embedded(settings)
    if own and not embedded.status(settings.data_dir).running:
        terminal.note(f"Starting the embedded PostgreSQL in {settings.data_dir} …")
    url = resolve_database_url(settings)
    if not own:
        _wait_for(url, terminal, patience)
    migrate(url)
    os.environ["DATABASE_URL"] = url
    return url


def existing_demo(url: str) -> str:
    """The address of the demo's database on the same server.

    Raises:
        CommandFailure: When nobody has run the demo yet.
    """
    from trender_assets.warehouse.connect import connect, normalised

    with connect(url, autocommit=True) as connection:
        if not _has_demo(connection):
            raise CommandFailure("There is no demo data yet; `trender demo` makes it.")
    return normalised(url, dbname=DEMO_DATABASE)


def _has_demo(connection: psycopg.Connection) -> bool:
    query = "select 1 from pg_database where datname = %s"
    return connection.execute(query, [DEMO_DATABASE]).fetchone() is not None


def demo_database(url: str) -> str:
    """The database of the demo on the same server, created and migrated.

    Raises:
        CommandFailure: When the server does not let us create it.
    """
    import psycopg

    from trender_assets.raw.migrate import migrate
    from trender_assets.warehouse.connect import connect, normalised

    with connect(url, autocommit=True, patience=10) as connection:
        try:
            if not _has_demo(connection):
                connection.execute(f'create database "{DEMO_DATABASE}"')
        except psycopg.errors.DuplicateDatabase:
            pass
        except psycopg.errors.InsufficientPrivilege:
            raise CommandFailure(
                f"The demo keeps its data in a database of its own, {DEMO_DATABASE}, and the role "
                "of DATABASE_URL may not create one. Create it, or unset DATABASE_URL to use the "
                "embedded server."
            ) from None
    demo = normalised(url, dbname=DEMO_DATABASE)
    migrate(demo)
    return demo


def _wait_for(url: str, terminal: Terminal, patience: float) -> None:
    from trender_assets.warehouse.connect import connect, safe
    from trender_assets.warehouse.errors import WarehouseUnavailable

    try:
        connect(url).close()
    except WarehouseUnavailable:
        if patience <= 0:
            raise
        terminal.note(f"PostgreSQL at {safe(url)} does not answer yet; waiting {patience:.0f} s …")
        connect(url, patience=patience).close()
