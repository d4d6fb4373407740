"""How every part of Trender reaches its PostgreSQL.

Define here what turns settings into an address, and an address into a connection.
Tables and rows don't belong here.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from trender_assets.github.redaction import MASK
from trender_assets.warehouse.errors import DISK_IS_FULL, WarehouseError, WarehouseUnavailable

if TYPE_CHECKING:
    from trender_assets.settings import Settings

PATIENCE_SECONDS = 60.0
EMBEDDED_MARK = "trender-embedded"
SHOWN = ("user", "host", "hostaddr", "port", "dbname", "service", "sslmode")
# libpq's own list: it names the variable of a parameter, and marks a secret with an asterisk.
LIBPQ_OPTIONS = {option.keyword.decode(): option for option in Conninfo.get_defaults()}
SECRETS = [name for name, option in LIBPQ_OPTIONS.items() if option.dispchar == b"*"]
LIBPQ_ENVIRONMENT = {
    name: option.envvar.decode() for name, option in LIBPQ_OPTIONS.items() if option.envvar
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
    return f"application_name={EMBEDDED_MARK}" in url


def marked_embedded(url: str) -> str:
    """The address of the embedded server as `.env` keeps it: recognisable by `is_embedded`."""
    if is_embedded(url):
        return url
    return f"{url}{'&' if '?' in url else '?'}application_name={EMBEDDED_MARK}"


def normalised(url: str, **changes: str) -> str:
    """An address in the one form that psycopg 2 and 3 and SQLAlchemy all understand.

    ``postgres://`` and SQLAlchemy's ``postgresql+driver://`` become ``postgresql://``; several
    hosts go into the query.

    Args:
        url: The address.
        changes: Parameters to replace, such as ``dbname``.

    Raises:
        WarehouseError: When it is not a PostgreSQL address.
    """
    return _address({**_parameters(url), **changes})


def connect(
    url: str,
    *,
    autocommit: bool = False,
    patience: float = 0.0,
    application_name: str = "trender",
) -> psycopg.Connection:
    """Open a connection in UTC.

    Args:
        url: A ``postgresql://`` address.
        autocommit: Whether each statement commits by itself.
        patience: Seconds to keep trying while the server refuses connections.
        application_name: Who this is, in the server's list of connections.

    Raises:
        WarehouseUnavailable: When nothing answers or the server's disk is full, without the
            password in the text.
    """
    address = normalised(url)
    deadline = time.monotonic() + patience
    delay = 0.2
    while True:
        try:
            connection = psycopg.connect(
                address,
                autocommit=autocommit,
                connect_timeout=10,
                application_name=application_name,
            )
            connection.execute("set time zone 'UTC'")
            if not autocommit:
                connection.commit()
            return connection
        except psycopg.OperationalError as error:
            if time.monotonic() >= deadline:
                raise WarehouseUnavailable(_refusal(error, address)) from None
            time.sleep(delay)
            delay = min(delay * 2, 5.0)


def safe(url: str) -> str:
    """Where an address leads and as whom, for messages: only parameters known to be no secret."""
    given = _parameters(url)
    shown = {name: given[name] for name in SHOWN if name in given}
    return _address({**shown, **({"password": MASK} if "password" in given else {})})


def secrets(url: str) -> list[str]:
    """What of an address nobody may read; all of it when it is none."""
    try:
        given = _parameters(url)
    except WarehouseError:
        return [url]
    return [given[name] for name in SECRETS if name in given]


def postgres_environment(url: str) -> dict[str, str]:
    """An address as libpq's environment variables, for tools that take no address (dbt).

    dbt wants the host, the user and the database named, which libpq guesses.

    Raises:
        WarehouseError: When hosts listen on different ports: dbt knows only one.
    """
    usual = {option.keyword.decode(): option.val for option in Conninfo.get_defaults()}
    given = _parameters(url)
    for name, otherwise in (("host", "localhost"), ("user", "postgres"), ("port", "5432")):
        given.setdefault(name, (usual[name] or b"").decode() or otherwise)
    given.setdefault("dbname", given["user"])
    ports = {port or "5432" for port in given["port"].split(",")}
    if len(ports) > 1:
        raise WarehouseError(
            f"dbt knows one port for all hosts, and DATABASE_URL names {', '.join(sorted(ports))}: "
            "let the hosts listen on the same."
        )
    given["port"] = ports.pop()
    return {LIBPQ_ENVIRONMENT[name]: given[name] for name in given if name in LIBPQ_ENVIRONMENT}


def of_environment(environment: Mapping[str, str]) -> str:
    """The address that `postgres_environment` made these variables of."""
    return _address(
        {
            name: environment[variable]
            for name, variable in LIBPQ_ENVIRONMENT.items()
            if variable in environment
        }
    )


def _parameters(url: str) -> dict[str, str]:
    """What an address says, as libpq reads it; no error shows any of it but the scheme."""
    scheme, separator, rest = url.partition("://")
    scheme = scheme.split("+")[0] if separator else ""
    if scheme not in ("postgresql", "postgres"):
        raise WarehouseError(
            "DATABASE_URL must be a postgresql:// address; "
            f"this one starts with {scheme if scheme.isalpha() else 'nothing'}://."
        )
    before, _, after = rest.partition("@")
    # libpq would take the rest of such a password for the host, and name it in its errors.
    is_split = "@" in after or ("/" in before and "@" in rest)
    try:
        given = None if is_split else conninfo_to_dict(f"postgresql://{rest}")
    except psycopg.ProgrammingError:
        given = None
    if given is None or not set(str(given.get("port", ""))) <= set("0123456789,"):
        raise WarehouseError(
            "DATABASE_URL is not an address that PostgreSQL understands. Write it as "
            "postgresql://user:password@host:5432/database, with %40 for @, %2F for /, %3A for : "
            "and %25 for % in the password."
        )
    return {name: str(value) for name, value in given.items() if value not in (None, "")}


def _address(parameters: Mapping[str, str]) -> str:
    """An address of these parameters; SQLAlchemy reads sockets and several hosts in a query."""
    left = dict(parameters)
    user, password, name = (left.pop(part, "") for part in ("user", "password", "dbname"))
    login = quote(user, safe="") + (f":{quote(password, safe='*')}" if password else "")
    place = ""
    if not set(left.get("host", ",")) & set(",/%"):
        place, port = left.pop("host"), left.pop("port", "")
        place = (f"[{place}]" if ":" in place else place) + (f":{port}" if port else "")
    query = urlencode(left, safe="/,", quote_via=quote)
    return (
        f"postgresql://{login}{'@' if login else ''}{place}/{quote(name, safe='')}"
        f"{'?' if query else ''}{query}"
    )


def _refusal(error: Exception, url: str) -> str:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0]
    for secret in secrets(url):
        said = said.replace(secret, MASK)
    # libpq gives a refused connection no SQLSTATE, only the system's words.
    if os.strerror(errno.ENOSPC) in said:
        return f"{DISK_IS_FULL} (PostgreSQL at {safe(url)}: {said})"
    return (
        f"PostgreSQL at {safe(url)} does not answer: {said}. "
        "Start it or check DATABASE_URL; without DATABASE_URL the embedded server is used."
    )
