"""What every benchmark needs: a simulated GitHub, a PostgreSQL of its own, measured processes.

Define here how something is started, stopped and measured. What is measured and what the figures
are compared with belongs to the benchmark; how a table is printed to `tables`.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

CHECKOUT = Path(__file__).resolve().parents[1]
TOKEN = "benchmark-token"  # noqa: S105 - any word opens the simulator
TICKS = os.sysconf("SC_CLK_TCK")
SIMULATOR_START_SECONDS = 60.0


@dataclass(frozen=True)
class Measured:
    """What a process cost.

    Attributes:
        code: Exit code.
        wall: Seconds from start to exit.
        cpu: User and system seconds of the process and its children.
        rss_mb: Its peak resident memory in MB (10^6 bytes).
        output: Its standard output.
        errors: Its standard error.
    """

    code: int
    wall: float
    cpu: float
    rss_mb: float
    output: str
    errors: str


class Simulator:
    """A running simulator."""

    def __init__(self, url: str, pid: int) -> None:
        self.url, self.pid = url, pid

    def ask(self, path: str, body: Any = None, method: str | None = None) -> Any:
        """Call an administration endpoint."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(
            f"{self.url}/_sim/{path}",
            data=data,
            method=method or ("GET" if data is None else "POST"),
            headers={"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def move_to(self, instant: datetime) -> None:
        """Set the world's clock."""
        self.ask("clock", {"now": instant.strftime("%Y-%m-%dT%H:%M:%SZ")})

    def refill(self) -> None:
        """Give every account full budgets, as if an hour had passed for the limits too."""
        self.ask("limits", method="DELETE")

    def stats(self, *, clear: bool = True) -> dict[str, Any]:
        """The sums of the request log; cleared after, so that each run has its own."""
        sums = self.ask("stats")
        if clear:
            self.ask("log", method="DELETE")
        return sums


@contextlib.contextmanager
def simulator(*options: str) -> Iterator[Simulator]:
    """A simulator while the block runs."""
    with tempfile.TemporaryDirectory(prefix="trender-bench-") as folder:
        ready = Path(folder) / "port"
        process = subprocess.Popen(
            [sys.executable, "-m", "github_simulator", "--ready-file", str(ready), *options],
            cwd=CHECKOUT,
            stdout=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + SIMULATOR_START_SECONDS
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit("the simulator did not start")
                time.sleep(0.05)
            running = Simulator(f"http://127.0.0.1:{ready.read_text().strip()}", process.pid)
            running.ask("clock")
            yield running
        finally:
            process.terminate()
            process.wait(20)


class Database:
    """An embedded PostgreSQL that only this benchmark uses."""

    def __init__(self, folder: Path, url: str, pid: int) -> None:
        self.folder, self.url, self.pid = folder, url, pid

    def cpu_seconds(self) -> float:
        """User and system seconds of the server, of its workers and of sessions that ended."""
        return sum(_cpu_of(pid, own=pid != self.pid) for pid in (self.pid, *_children(self.pid)))

    def size_mb(self, like: str = "%") -> float:
        """Size of the schemas whose name is like something, with indexes and TOAST, in MB."""
        from trender_assets.warehouse.connect import connect

        with connect(self.url) as connection:
            row = connection.execute(
                "select coalesce(sum(pg_total_relation_size(c.oid)), 0) / 1e6 from pg_class as c "
                "inner join pg_namespace as n on n.oid = c.relnamespace "
                "where c.relkind = 'r' and n.nspname like %s "
                "and n.nspname not in ('pg_catalog', 'information_schema')",
                [like],
            ).fetchone()
        return float(row[0]) if row else 0.0


@contextlib.contextmanager
def database() -> Iterator[Database]:
    """A fresh embedded server in a folder of its own, migrated, while the block runs."""
    from trender_assets.raw.migrate import migrate
    from trender_assets.warehouse import embedded

    folder = Path(tempfile.mkdtemp(prefix="trender-bench-"))
    try:
        url = embedded.start(folder)
        migrate(url)
        pid = embedded.status(folder).pid
        assert pid is not None
        yield Database(folder, url, pid)
    finally:
        embedded.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def busy(processors: int) -> Iterator[None]:
    """Keep so many processors busy with other work while the block runs."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processors)
    ]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait(20)


def environment(base: Database, github: Simulator) -> dict[str, str]:
    """The environment of a `trender` process that uses this database and this GitHub."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return {
        **kept,
        "DATABASE_URL": base.url,
        "TRENDER_DATA_DIR": str(base.folder),
        "GITHUB_API_BASE_URL": github.url,
        "GITHUB_TOKEN": TOKEN,
        # What dbt parsed holds for one database; another process must not replace it meanwhile.
        "DBT_TARGET_PATH": str(base.folder / "dbt"),
    }


def run(command: list[str], environ: Mapping[str, str]) -> Measured:
    """Run a process from start to exit and measure it."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=CHECKOUT, env=dict(environ), stdout=output, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        return Measured(
            code=process.returncode,
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            rss_mb=usage.ru_maxrss * 1024 / 1e6,
            output=output.read().decode(errors="replace"),
            errors=errors.read().decode(errors="replace"),
        )


def import_seconds() -> float:
    """The unit of every ratio: how long this machine takes to import what a run needs."""
    modules = "import dagster, dagster_dbt, dbt.cli.main, psycopg, httpx"
    return run([sys.executable, "-c", modules], os.environ).wall


def refresh(base: Database, github: Simulator, as_of: datetime, *more: str) -> Measured:
    """One `trender refresh` as a whole process.

    Raises:
        SystemExit: When it failed, with its last words.
    """
    measured = run(
        [
            str(Path(sys.executable).with_name("trender")),
            "refresh",
            "--json",
            "--as-of",
            as_of.isoformat(),
            *more,
        ],
        environment(base, github),
    )
    if measured.code != 0:
        raise SystemExit(f"trender refresh ended with {measured.code}:\n{measured.errors[-3000:]}")
    return measured


def whole_hour() -> datetime:
    """The last whole hour: where a benchmark's world begins."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def next_hour(instant: datetime) -> datetime:
    """An hour later."""
    return instant + timedelta(hours=1)


def cpu_of_process(pid: int) -> float:
    """User and system seconds of a running process."""
    return _cpu_of(pid, own=True)


def own_peak_mb() -> float:
    """This process's peak resident memory in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _cpu_of(pid: int, *, own: bool) -> float:
    """A process's seconds; `own` leaves out its ended children."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = text.rpartition(")")[2].split()
    return sum(int(value) for value in fields[11 : 13 if own else 15]) / TICKS


def _children(pid: int) -> list[int]:
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [int(child) for child in listed]
