"""Kill -9 at random instants: does the next refresh give the rows of an undisturbed one?

Run `python -m benchmarks.kill_test [--rounds 20] [--seed N]`. Each round copies a warehouse that
has had one day, moves the simulated world on by a day, kills the refreshing process (or, every
fifth round, PostgreSQL's postmaster) at a random instant, refreshes again and compares every row
of raw payloads, staging and analytics with an undisturbed refresh of the same instant.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tests.integration.machine import SMALL, Machine, Simulator, Worker
from trender_assets.raw.migrate import set_search_path
from trender_assets.warehouse import embedded

FIRST, SECOND = "2026-11-05T10:00:00Z", "2026-11-06T12:00:00Z"
START = "2026-11-05T00:00:00Z"


class Bench:
    """A PostgreSQL of its own, a simulator, and a template of the first day."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)
        self.folder = folder
        self.server = embedded.start(folder)
        self.worker = Worker(folder)
        self.simulator = Simulator(FIRST, *SMALL, "--no-limits", start=START)
        self.number = 0

    def stop(self) -> None:
        """End every process."""
        self.worker.kill()
        self.simulator.stop()
        embedded.stop(self.folder)

    def machine(self, template: str | None = None) -> Machine:
        """A machine with a fresh database, or a copy of another's."""
        self.number += 1
        name = f"k_{self.number}"
        copied = f' template "{template}"' if template else ""
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'create database "{name}"{copied}')  # pyright: ignore
        url = self.server.replace("/trender?", f"/{name}?")
        if template:
            with psycopg.connect(url, autocommit=True) as connection:
                set_search_path(connection)
                # A copied sequence may step back in a crash until a checkpoint has passed:
                # PostgreSQL thinks it has logged the next 32 numbers, which it did elsewhere.
                connection.execute("checkpoint")
        return Machine(self.simulator, url, self.worker)

    def drop(self, machine: Machine) -> None:
        """Remove a machine's database."""
        name = conninfo_to_dict(machine.database)["dbname"]
        with psycopg.connect(self.server, autocommit=True) as connection:
            connection.execute(f'drop database "{name}" with (force)')  # pyright: ignore

    def kill_postmaster(self) -> None:
        """End PostgreSQL as kill -9 does, and start it again."""
        status = embedded.status(self.folder)
        assert status.pid is not None
        os.kill(status.pid, signal.SIGKILL)
        embedded.start(self.folder)


@contextmanager
def bench() -> Iterator[Bench]:
    """A bench in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="trender-kill-") as folder:
        one = Bench(Path(folder))
        try:
            yield one
        finally:
            one.stop()


def rows_of(machine: Machine) -> tuple[Any, Any]:
    """What must be equal."""
    return machine.results(), machine.payload_hashes()


def one_round(own: Bench, template: str, after: float, *, is_postmaster: bool) -> tuple[str, Any]:
    """Kill after some seconds, refresh again; what the first attempt came to, and the rows."""
    machine = own.machine(template)
    # Every round is an hour of its own: the simulated account would be spent after twenty.
    own.simulator.refill()
    own.worker.warm()
    own.worker.begin(machine.command(SECOND))
    time.sleep(after)
    if is_postmaster:
        own.kill_postmaster()
        outcome = own.worker.answer()
        own.worker.kill()  # as the command's process ends after an error
        fate = "raised" if "raised" in outcome else f"success={outcome['success']}"
    else:
        own.worker.kill()
        fate = "killed"
    result = machine.refresh(SECOND)
    if not result.get("success"):
        fate += f"; the rerun failed: {result.get('errors') or result.get('raised')}"
    unread = machine.rows(
        "select reason, count(*) as times from raw.fetch_log "
        "where outcome = 'unknown' and as_of = %s group by 1",
        SECOND,
    )
    if unread:
        fate += "; not read: " + ", ".join(f"{row['times']} × {row['reason']}" for row in unread)
    rows = rows_of(machine)
    own.drop(machine)
    return fate, rows


def main() -> int:
    """Print a line a round; exit 1 when any row differs."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--seed", type=int, default=20261105)
    options.add_argument("--postmaster-every", type=int, default=5, metavar="N")
    arguments = options.parse_args()
    chance = random.Random(arguments.seed)
    equal = 0
    with bench() as own:
        first = own.machine()
        assert first.refresh(FIRST)["success"]
        own.worker.kill()
        own.simulator.move(SECOND)
        template = str(conninfo_to_dict(first.database)["dbname"])
        undisturbed = own.machine(template)
        own.worker.warm()
        begun = time.perf_counter()
        assert undisturbed.refresh(SECOND)["success"]
        seconds = time.perf_counter() - begun
        wanted = rows_of(undisturbed)
        own.worker.kill()
        print(f"undisturbed: {seconds:.1f} s, {sum(n for n, _ in wanted[0].values())} rows")
        print(f"{'round':>5} {'what':10} {'after':>7} {'outcome':12} rows")
        for number in range(1, arguments.rounds + 1):
            is_postmaster = number % arguments.postmaster_every == 0
            after = chance.uniform(0.05, seconds)
            fate, rows = one_round(own, template, after, is_postmaster=is_postmaster)
            own.worker.kill()
            same = rows == wanted
            equal += same
            what = "postmaster" if is_postmaster else "refresh"
            verdict = "equal" if same else "DIFFERENT " + ", ".join(differing(rows, wanted))
            print(f"{number:5} {what:10} {after:6.2f}s {fate:12} {verdict}", flush=True)
    print(f"{equal} of {arguments.rounds} equal")
    return 0 if equal == arguments.rounds else 1


def differing(rows: tuple[Any, Any], wanted: tuple[Any, Any]) -> list[str]:
    """Tables whose rows differ, with how many there are and should be."""
    return [
        f"{table} ({ours.get(table, (0,))[0]} rows for {theirs.get(table, (0,))[0]})"
        for ours, theirs in zip(rows, wanted, strict=True)
        for table in sorted(set(ours) | set(theirs))
        if ours.get(table) != theirs.get(table)
    ]


if __name__ == "__main__":
    raise SystemExit(main())
