"""An address: the one form every tool understands, and never a secret in a message."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy.engine import make_url

from trender_assets.warehouse.connect import (
    connect,
    normalised,
    of_environment,
    postgres_environment,
    safe,
    secrets,
)
from trender_assets.warehouse.errors import WarehouseError, WarehouseUnavailable

NOWHERE = "127.0.0.1:1"


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:hunter22@{NOWHERE}/db",
        f"postgresql://{NOWHERE}/db?user=u&password=hunter22",
        f"postgresql://u:%68unter22@{NOWHERE}/db",
        f"postgresql://u@{NOWHERE}/db?sslpassword=hunter22&options=-c%20x.y%3Dhunter22",
        "postgresql://u:hunter22@127.0.0.1:1,127.0.0.1:2/db",
        f"postgresql+psycopg2://u:a[hunter22]b@{NOWHERE}/db",
        f"postgresql://u:a#hunter22@{NOWHERE}/db",
    ],
)
def test_no_refusal_shows_a_password(url: str) -> None:
    """Only a password before an @ was hidden: one given as `?password=` was shown, and several
    hosts or a bracket ended in a ValueError that named no address."""
    with pytest.raises(WarehouseUnavailable, match=r"127\.0\.0\.1.*does not answer") as caught:
        connect(url)
    assert "hunter22" not in str(caught.value) + safe(url)
    assert all("hunter22" in secret for secret in secrets(url))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:half@hunter22@db.internal/db",
        "postgresql://u:half/hunter22@db.internal/db",
        "postgresql://u:hunter22/half@db.internal/db",
        "postgresql://db.internal/db?pass=hunter22",
        "postgresql://u:%zzhunter22@db.internal/db",
        "postgresql://u:hunter22@[db.internal/db",
        "host=db.internal password=hunter22",
        "host=db.internal password=hunter22://x",
        "mysql://u:hunter22@db.internal/db",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(url: str) -> None:
    """libpq quotes what it can't read, and took the end of a password with @ for the host."""
    for use in (connect, safe, normalised, postgres_environment):
        with pytest.raises(WarehouseError) as caught:
            use(url)
        assert "hunter22" not in str(caught.value)
    assert secrets(url) == [url]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgres://u:p%40w@[::1]:5433/my%20db", "postgresql://u:***@[::1]:5433/my%20db"),
        ("postgresql://h/db", "postgresql://h/db"),
        (
            "postgresql://postgres@/trender?host=/tmp/a%20b&port=5432&application_name=x",
            "postgresql://postgres@/trender?host=/tmp/a%20b&port=5432",
        ),
        ("postgresql://u:p@a:1,b:2/db", "postgresql://u:***@/db?host=a,b&port=1,2"),
    ],
)
def test_an_address_means_the_same_in_every_form(url: str, shown: str) -> None:
    """SQLAlchemy, which Dagster's storage reads the address with, broke on `a:1,b:2`."""
    assert safe(url) == shown
    assert conninfo_to_dict(normalised(url)) == conninfo_to_dict(url)
    assert normalised(normalised(url)) == normalised(url)
    assert make_url(normalised(url)).username == conninfo_to_dict(url).get("user")
    assert conninfo_to_dict(normalised(url, dbname="other"))["dbname"] == "other"


def test_every_parameter_that_has_a_variable_reaches_dbt() -> None:
    """sslcert, sslkey, options, target_session_attrs and channel_binding were dropped, so dbt
    connected without them; and an empty PGPASSWORD was set where none was given."""
    url = (
        "postgresql://u@a,b:5432/db?sslmode=verify-full&sslcert=/c&sslkey=/k&sslrootcert=/r"
        "&options=-c%20x.y%3D1&target_session_attrs=read-write&channel_binding=require"
    )
    assert postgres_environment(url) == {
        "PGUSER": "u", "PGHOST": "a,b", "PGPORT": "5432", "PGDATABASE": "db",
        "PGSSLMODE": "verify-full", "PGSSLCERT": "/c", "PGSSLKEY": "/k", "PGSSLROOTCERT": "/r",
        "PGOPTIONS": "-c x.y=1", "PGTARGETSESSIONATTRS": "read-write",
        "PGCHANNELBINDING": "require",
    }  # fmt: skip
    again = {**conninfo_to_dict(url), "port": "5432"}
    assert conninfo_to_dict(of_environment(postgres_environment(url))) == again


def test_dbt_gets_what_libpq_would_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host or a user of the environment was overruled by `localhost` and `postgres`, so that dbt
    built in another place than the rest of Trender had landed in."""
    monkeypatch.setenv("PGHOST", "db.internal")
    monkeypatch.setenv("PGUSER", "someone")
    assert postgres_environment("postgresql:///db") == {
        "PGHOST": "db.internal", "PGUSER": "someone", "PGPORT": "5432", "PGDATABASE": "db",
    }  # fmt: skip


def test_ports_that_dbt_cannot_take_are_refused() -> None:
    """dbt's profile takes one number, and broke on two with a text about its own types."""
    with pytest.raises(WarehouseError, match=r"one port for all hosts.*5432, 5433"):
        postgres_environment("postgresql://u@a,b:5433/db")


def test_several_hosts_are_tried_in_turn(database_url: str) -> None:
    facts = conninfo_to_dict(database_url)
    url = f"postgresql://postgres@/{facts['dbname']}?host=127.0.0.1,{facts['host']}&port=1,5432"
    with connect(url) as connection:
        assert connection.info.host == facts["host"]
    with psycopg.connect(normalised(url)) as connection:
        assert connection.info.host == facts["host"]
