"""The fixtures behind `conftest` here and in `tests/faults`: workers, machines, what they leave.

Define a fixture here when several folders use whole machines.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from psycopg.conninfo import conninfo_to_dict

from tests.integration.machine import SMALL, Machine, Simulator, Worker
from trender_assets.raw.migrate import set_search_path
from trender_assets.warehouse.connect import connect

START = "2026-11-05T00:00:00Z"
MakeMachine = Callable[..., Machine]
# Each folder's conftest has a session fixture of its own; they share one process.
_workers: list[Worker] = []


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """The process that refreshes, for every machine of the session, whatever its folder."""
    if not _workers:
        _workers.append(Worker(tmp_path_factory.mktemp("worker")))
    yield _workers[0]
    _workers[0].kill()


def _database(server: str, copy_of: Machine | None) -> str:
    """A fresh database, or a copy of a machine's."""
    name = f"m_{uuid.uuid4().hex[:12]}"
    url = server.replace("/trender?", f"/{name}?")
    with connect(server, autocommit=True) as connection:
        if copy_of is None:
            connection.execute(f'create database "{name}"')  # pyright: ignore
            return url
        template = conninfo_to_dict(copy_of.database)["dbname"]
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s",
            [template],
        )
        connection.execute(f'create database "{name}" template "{template}"')  # pyright: ignore
    with connect(url, autocommit=True) as connection:
        set_search_path(connection)
    return url


@contextmanager
def _machines(server: str, worker: Worker) -> Iterator[MakeMachine]:
    made: list[Machine] = []

    def make(
        clock: str, *options: str, start: str = START, copy_of: Machine | None = None
    ) -> Machine:
        url = _database(server, copy_of)
        simulator = (
            copy_of.simulator
            if copy_of is not None
            else Simulator(clock, *(options or (*SMALL, "--no-limits")), start=start)
        )
        made.append(Machine(simulator, url, worker))
        return made[-1]

    yield make
    for machine in made:
        machine.simulator.stop()
        name = conninfo_to_dict(machine.database)["dbname"]
        with connect(server, autocommit=True) as connection:
            connection.execute(f'drop database if exists "{name}" with (force)')  # pyright: ignore


@pytest.fixture(scope="module")
def make_machine(postgres_server: str, worker: Worker) -> Iterator[MakeMachine]:
    """Makes machines that live as long as the module's tests."""
    with _machines(postgres_server, worker) as make:
        yield make


@pytest.fixture
def new_machine(postgres_server: str, worker: Worker) -> Iterator[MakeMachine]:
    """Makes machines that live as long as one test."""
    with _machines(postgres_server, worker) as make:
        yield make
