"""`trender db`: start, stop, status, recovery after kill -9, and the `.env` it keeps right."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from trender_assets.commands import failures
from trender_assets.warehouse import embedded
from trender_assets.warehouse.connect import connect, is_embedded, marked_embedded, normalised

from .conftest import CHECKOUT, Machine


def _status(machine: Machine) -> dict[str, object]:
    answer = machine.trender("db", "status", "--json")
    return json.loads(answer.stdout)


def test_a_server_that_never_ran(machine: Machine) -> None:
    answer = machine.trender("db", "status")
    assert answer.returncode == failures.CONFIGURATION
    assert "not running" in answer.stdout and "not yet created" in answer.stdout
    assert "trender db start" in answer.stdout
    assert machine.trender("db", "stop").stdout.strip() == "PostgreSQL was not running."
    assert not machine.env_file.exists()


def test_start_stop_and_start_again(machine: Machine) -> None:
    machine.env_file.write_text("# mine\nGITHUB_TOKEN=keep-this-line\n")
    started = machine.trender("db", "start", "--json")
    assert started.returncode == 0, started.stderr
    assert json.loads(started.stdout)["embedded"] is True
    assert machine.env_file.read_text() == "# mine\nGITHUB_TOKEN=keep-this-line\n"

    running = _status(machine)
    assert running["running"] is True
    url = str(running["url"])
    with connect(url, autocommit=True) as connection:
        connection.execute("create table public.kept as select 42 as answer")
    assert machine.trender("db", "stop").stdout.strip() == "PostgreSQL stopped."
    assert _status(machine)["running"] is False

    assert machine.trender("db", "start").returncode == 0
    with connect(url, autocommit=True) as connection:
        assert connection.execute("select answer from public.kept").fetchone() == (42,)


def test_two_commands_that_start_at_once_share_one_new_server(machine: Machine) -> None:
    """They kept out of each other's way by a private lock of the library, which its next version
    may not have."""
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: machine.trender("db", "start"), range(2)))
    assert [answer.returncode for answer in answers] == [0, 0], answers
    assert len({answer.stdout for answer in answers}) == 1
    assert machine.trender("db", "stop").returncode == 0


def test_recovery_after_kill_9_of_the_postmaster(machine: Machine) -> None:
    """Acknowledged rows are there again after the next command that needs them."""
    assert machine.trender("db", "start").returncode == 0
    url = str(_status(machine)["url"])
    with connect(url, autocommit=True) as connection:
        connection.execute("create table public.kept as select generate_series(1, 1000) as n")
    pid = _status(machine)["pid"]
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    _wait_until_gone(pid)

    down = machine.trender("db", "status")
    assert down.returncode == failures.CONFIGURATION
    assert "not running" in down.stdout

    up = machine.trender("db", "start")
    assert up.returncode == 0, up.stderr
    after = _status(machine)
    assert after["running"] is True
    assert after["pid"] != pid
    with connect(url, autocommit=True) as connection:
        assert connection.execute("select count(*) from public.kept").fetchone() == (1000,)


def test_the_line_that_looks_at_the_data(machine: Machine) -> None:
    """A fresh machine has no psql: the server's own opens the plain names (drafts)."""
    assert machine.trender("db", "start").returncode == 0
    told = machine.trender("db", "status").stdout
    line = told.splitlines()[-1].split(maxsplit=1)
    assert line[0] == "look"
    answer = subprocess.run(
        f"{line[1]} -Atc 'select count(*) from raw_github_repos'",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (answer.stdout, answer.stderr) == ("0\n", "")
    assert Path(str(_status(machine)["tools"]), "pg_dump").exists()
    demo = machine.trender("db", "status", "--demo")
    assert demo.returncode == failures.CONFIGURATION
    assert "`trender demo` makes it" in demo.stderr


def test_a_server_that_refuses_is_running_and_can_be_stopped(machine: Machine) -> None:
    """Who is told "not running" would look in the wrong place."""
    assert machine.trender("db", "start").returncode == 0
    url = str(_status(machine)["url"])
    with connect(url.replace("/trender?", "/postgres?"), autocommit=True) as connection:
        connection.execute("alter database trender allow_connections false")
    refused = machine.trender("db", "status")
    assert refused.returncode == failures.CONFIGURATION
    assert "not currently accepting connections" in refused.stderr
    assert "not running" not in refused.stdout + refused.stderr
    assert machine.trender("db", "stop").stdout.strip() == "PostgreSQL stopped."
    assert "not running" in machine.trender("db", "status").stdout


def test_any_command_brings_a_killed_server_back(machine: Machine) -> None:
    """A reboot: the address in `.env` is the embedded server's, and nothing runs."""
    assert machine.trender("db", "start").returncode == 0
    pid = _status(machine)["pid"]
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGKILL)
    _wait_until_gone(pid)
    answer = machine.trender("status", "--json")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["database"]["version"].startswith("18")


def test_an_embedded_address_from_before_still_finds_the_server(machine: Machine) -> None:
    machine.env_file.write_text(
        "DATABASE_URL='postgresql://postgres@/trender?host=/nowhere&port=5432"
        "&application_name=trender-embedded'\n"
    )
    assert machine.trender("db", "start").returncode == 0
    url = str(_status(machine)["url"])
    assert "/nowhere" not in url
    connect(url).close()


def test_the_users_own_address_is_left_alone(machine: Machine, database_url: str) -> None:
    machine.env_file.write_text(f"DATABASE_URL='{database_url}'\n")
    before = machine.env_file.read_text()
    answer = machine.trender("db", "start")
    assert answer.returncode == 0, answer.stderr
    assert "DATABASE_URL is yours" in answer.stdout
    assert machine.env_file.read_text() == before
    assert not machine.data_dir.exists()
    status = _status(machine)
    assert (status["embedded"], status["revision"]) == (False, status["revision"])
    with connect(database_url) as connection:
        assert connection.execute("select to_regclass('raw.fetch_log')").fetchone() != (None,)


def test_the_shell_wins_over_env(machine: Machine, database_url: str) -> None:
    machine.env_file.write_text(
        "DATABASE_URL='postgresql://postgres@/trender?host=/nowhere"
        "&application_name=trender-embedded'\n"
    )
    answer = machine.trender("db", "status", "--json", DATABASE_URL=database_url)
    assert json.loads(answer.stdout)["embedded"] is False


def test_a_server_that_does_not_answer(machine: Machine) -> None:
    """Exit 3 with the address, without the password."""
    answer = machine.trender(
        "db", "status", DATABASE_URL="postgresql://trender:hunter22@127.0.0.1:1/trender"
    )
    assert answer.returncode == failures.CONFIGURATION
    assert "127.0.0.1:1" in answer.stderr
    assert "hunter22" not in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_server_that_comes_up_late(machine: Machine) -> None:
    """A refused connection is tried again while patience lasts."""
    assert machine.trender("db", "start").returncode == 0
    plain = str(_status(machine)["url"])
    assert not is_embedded(plain)
    assert machine.trender("db", "stop").returncode == 0
    child = subprocess.Popen(
        [sys.executable, "-m", "trender_assets.commands.cli", "status", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=machine.variables(DATABASE_URL=plain),
        cwd=machine.folder,
    )
    assert child.stderr is not None
    assert "does not answer yet; waiting" in child.stderr.readline()
    embedded.start(machine.data_dir)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 0, err
    assert json.loads(out)["database"]["version"]


def test_psycopg2_and_psql_accept_the_marked_address(embedded_machine: Machine) -> None:
    import psycopg2

    assert embedded_machine.trender("db", "start").returncode == 0
    url = marked_embedded(str(_status(embedded_machine)["url"]))
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("show application_name")
        assert cursor.fetchone() == ("trender-embedded",)
    with psycopg.connect(url) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    if shutil.which("psql"):
        subprocess.run(["psql", url, "-qc", "select 1"], check=True, capture_output=True)


def test_the_mark() -> None:
    marked = marked_embedded("postgresql://postgres@/trender?host=/x&port=5432")
    assert is_embedded(marked)
    assert marked_embedded(marked) == marked
    assert is_embedded(marked_embedded("postgresql://postgres@/trender"))
    assert is_embedded(normalised(marked))
    assert not is_embedded("postgresql://u@trender-embedded/db?application_name=other")
    assert not is_embedded("postgresql://u@h/db")
    assert normalised("postgres:///x?host=/y") == "postgresql:///x?host=/y"


@pytest.mark.slow
def test_dagsters_tables_land_in_their_own_schema(embedded_machine: Machine) -> None:
    """Dagster and the raw layer both keep an `alembic_version`; neither may read the other's."""
    assert embedded_machine.trender("db", "start").returncode == 0
    url = str(_status(embedded_machine)["url"])
    answer = subprocess.run(
        [sys.executable, "-m", "dagster", "instance", "info"],
        capture_output=True,
        text=True,
        env=embedded_machine.variables(DATABASE_URL=url, DAGSTER_HOME=str(CHECKOUT)),
        cwd=embedded_machine.folder,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "PostgresRunStorage" in answer.stdout
    with connect(url) as connection:
        row = connection.execute(
            """
            select count(*) filter (where table_schema = 'dagster'),
                   count(*) filter (where table_schema = 'public')
            from information_schema.tables
            where table_name in ('runs', 'event_logs', 'instigators', 'daemon_heartbeats')
            """
        ).fetchone()
    assert row == (4, 0)
    assert embedded_machine.trender("db", "start").returncode == 0


def _wait_until_gone(pid: int) -> None:
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if _is_zombie(pid):
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")


def _is_zombie(pid: int) -> bool:
    stat_line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return stat_line.rsplit(")", 1)[1].split()[0] == "Z"
