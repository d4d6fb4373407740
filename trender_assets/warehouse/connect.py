"""How every part of Trender reaches its PostgreSQL.

Define here what turns settings into an address, and an address into a connection.
Tables and rows don't belong here.
"""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from trender_assets.warehouse.errors import DISK_IS_FULL, WarehouseError, WarehouseUnavailable

if TYPE_CHECKING:
    from trender_assets.settings import Settings

PATIENCE_SECONDS = 60.0
EMBEDDED_MARK = "trender-embedded"
LIBPQ_ENVIRONMENT = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}


def resolve_database_url(settings: Settings) -> str:
    """The address of the warehouse: DATABASE_URL, or the embedded server, started if need be.

    An address that points into the data folder's own embedded server (as `.env` does) also
    starts it, so that a machine that was rebooted comes back by itself.

    Raises:
        WarehouseUnavailable: When the embedded server does not start.
    """
    from trender_assets.warehouse import embedded

    if settings.database_url is None or is_embedded(settings.database_url):
        return embedded.start(settings.data_dir)
    return normalised(settings.database_url)


def is_embedded(url: str) -> bool:
    """Whether an address is one that `trender db start` wrote.

    The mark is an application name, because libpq (and with it Dagster and dbt) refuses
    parameters it does not know.
    """
    return ("application_name", EMBEDDED_MARK) in parse_qsl(urlsplit(url).query)


def marked_embedded(url: str) -> str:
    """The address of the embedded server as `.env` keeps it: recognisable by `is_embedded`."""
    if is_embedded(url):
        return url
    return f"{url}{'&' if '?' in url else '?'}application_name={EMBEDDED_MARK}"


def normalised(url: str) -> str:
    """An address that both psycopg 2 and 3 understand.

    ``postgres://`` and SQLAlchemy's ``postgresql+driver://`` become ``postgresql://``.

    Raises:
        WarehouseError: When it is not a PostgreSQL address.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.split("+")[0]
    if scheme not in ("postgresql", "postgres"):
        raise WarehouseError(
            "DATABASE_URL must be a postgresql:// address; "
            f"this one starts with {scheme or 'nothing'}://."
        )
    query = f"?{parts.query}" if parts.query else ""
    return f"postgresql://{parts.netloc}{parts.path}{query}"


def connect(url: str, *, autocommit: bool = False, patience: float = 0.0) -> psycopg.Connection:
    """Open a connection in UTC.

    Args:
        url: A ``postgresql://`` address.
        autocommit: Whether each statement commits by itself.
        patience: Seconds to keep trying while the server refuses connections.

    Raises:
        WarehouseUnavailable: When nothing answers or the server's disk is full, without the
            password in the text.
    """
    deadline = time.monotonic() + patience
    delay = 0.2
    while True:
        try:
            connection = psycopg.connect(
                normalised(url),
                autocommit=autocommit,
                connect_timeout=10,
                application_name="trender",
            )
            connection.execute("set time zone 'UTC'")
            if not autocommit:
                connection.commit()
            return connection
        except psycopg.OperationalError as error:
            if time.monotonic() >= deadline:
                raise WarehouseUnavailable(_refusal(error, url)) from None
            time.sleep(delay)
            delay = min(delay * 2, 5.0)


def safe(url: str) -> str:
    """An address without its password, for messages."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    user = parts.username or ""
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, f"{user}:***@{host}{port}", parts.path, parts.query, ""))


def postgres_environment(url: str) -> dict[str, str]:
    """An address as libpq's environment variables, for tools that take no address (dbt)."""
    facts = conninfo_to_dict(normalised(url))
    values = {
        variable: str(facts[name])
        for name, variable in LIBPQ_ENVIRONMENT.items()
        if facts.get(name) is not None
    }
    values.setdefault("PGPORT", "5432")
    values.setdefault("PGUSER", "postgres")
    values.setdefault("PGHOST", "localhost")
    values.setdefault("PGPASSWORD", "")
    return values


def _refusal(error: Exception, url: str) -> str:
    said = _first_line(error, url)
    # libpq gives a refused connection no SQLSTATE, only the system's words.
    if os.strerror(errno.ENOSPC) in said:
        return f"{DISK_IS_FULL} (PostgreSQL at {safe(url)}: {said})"
    return (
        f"PostgreSQL at {safe(url)} does not answer: {said}. "
        "Start it or check DATABASE_URL; without DATABASE_URL the embedded server is used."
    )


def _first_line(error: Exception, url: str) -> str:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    password = urlsplit(url).password
    return text.replace(unquote(password), "***") if password else text
