"""Fixtures that every test may use: a real PostgreSQL, fresh databases, the recorded data."""

from __future__ import annotations

import signal
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from trender_assets.raw.migrate import migrate, set_search_path
from trender_assets.warehouse import embedded
from trender_assets.warehouse.connect import connect

# A suite started in the background ignores Ctrl-C, and so would every command it tests.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CHECKOUT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The recorded GitHub data that lies beside the checkout."""
    path = CHECKOUT.parent / "shared" / "data"
    if not path.exists():
        pytest.skip("the recorded data (../shared/data) is not beside this checkout")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """An embedded PostgreSQL 18 of this test session's own; yields its address."""
    with tempfile.TemporaryDirectory(prefix="trender-pg-") as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder)
        url = embedded.start(data_dir)
        with connect(url, autocommit=True) as connection:
            connection.execute("alter system set fsync = 'off'")
            connection.execute("alter system set synchronous_commit = 'off'")
            connection.execute("alter system set full_page_writes = 'off'")
            connection.execute("select pg_reload_conf()")
        yield url
        embedded.stop(data_dir)


def _database(server: str, template: str | None = None) -> str:
    name = f"t_{uuid.uuid4().hex[:12]}"
    with connect(server, autocommit=True) as connection:
        suffix = f' template "{template}"' if template else ""
        connection.execute(f'create database "{name}"{suffix}')
    url = server.replace("/trender?", f"/{name}?")
    if template:
        with connect(url, autocommit=True) as connection:
            set_search_path(connection)
    return url


def _drop(server: str, url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with connect(server, autocommit=True) as connection:
        connection.execute(f'drop database if exists "{name}" with (force)')


@pytest.fixture
def database_url(postgres_server: str) -> Iterator[str]:
    """A fresh, empty database."""
    url = _database(postgres_server)
    yield url
    _drop(postgres_server, url)


@pytest.fixture(scope="session")
def migrated_template(postgres_server: str) -> str:
    """A migrated database that others are copied from."""
    url = _database(postgres_server)
    migrate(url)
    return str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])


@pytest.fixture
def warehouse_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A fresh migrated database."""
    url = _database(postgres_server, migrated_template)
    yield url
    _drop(postgres_server, url)


@pytest.fixture(scope="module")
def module_warehouse_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A fresh migrated database that the tests of one module share."""
    url = _database(postgres_server, migrated_template)
    yield url
    _drop(postgres_server, url)
