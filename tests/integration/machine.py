"""A whole Trender in miniature: a simulated GitHub, a database, a process that refreshes.

Define here what a scenario does to the world and what it asks of the warehouse. What is true of
the world is the simulator's business, how the two compare `comparing`'s.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from trender_assets.raw.streams import tables

CHECKOUT = Path(__file__).resolve().parents[2]
EMPLOYEES = ("ana-at-render-sim", "bo-at-render-sim", "chidi-at-render-sim")
TOKEN = "ghp_CANARY" + "a1B2" * 8
# When a row was fetched differs between two runs that found the same.
WHEN_FETCHED = ("loaded_at", "fetched_at", "fetch_timestamp", "run_id", "fetch_log_id")
# Which numbers the raw rows got depends on which source landed first.
RAW_NUMBERS = (
    "raw_id", "raw_file_id", "star_history_raw_id", "blueprint_raw_file_id",
    "nextjs_raw_file_id", "readme_raw_file_id", "newest_raw_id",
)  # fmt: skip
HAVE_A_BIRTHDAY = ("stg_repos_validated", "int_observations", "dim_repositories")
# The fetch log has a row for every attempt, so what only shows it grows with each.
BOOKKEEPING = (
    "attempts", "stg_fetch_log", "model_builds",
    "build_progress", "int_build_scope", "int_touched_repositories", "fact_workflow_executions",
)  # fmt: skip
SMALL = (
    "--repositories-per-language", "10", "--render", "16", "--bulk", "0",
)  # fmt: skip


class Simulator:
    """A simulator process and its administration."""

    def __init__(self, clock: str, *options: str, start: str | None = None) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "github_simulator", "--profile", "fast", "--clock", clock,
                *(("--start", start) if start else ()), *options,
            ],
            stdout=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.url = line.split()[-1]
        self.client = httpx.Client(base_url=self.url, timeout=60)

    def move(self, instant: str) -> None:
        """Stop the world's clock at an instant."""
        self.client.post("/_sim/clock", json={"now": instant}).raise_for_status()

    def truth(self, as_of: str) -> dict[int, dict[str, Any]]:
        """The ground truth by repository id."""
        answer = self.client.get("/_sim/truth", params={"as_of": as_of}).json()
        return {int(key): value for key, value in answer["repositories"].items()}

    def script(self, *faults: dict[str, Any]) -> None:
        """Replace the fault script."""
        self.client.delete("/_sim/faults")
        self.client.post("/_sim/faults", json=list(faults)).raise_for_status()

    def struck(self) -> int:
        """How often the script's faults struck."""
        return sum(row["struck"] for row in self.client.get("/_sim/faults").json()["faults"])

    def stats(self) -> dict[str, Any]:
        """Sums of the request log."""
        return self.client.get("/_sim/stats").json()

    def refill(self) -> None:
        """Full budgets and an empty request log."""
        self.client.delete("/_sim/limits").raise_for_status()
        self.client.delete("/_sim/log")

    def stop(self) -> None:
        """End the process."""
        self.client.close()
        self.process.kill()
        self.process.wait(10)


class Worker:
    """The process that refreshes; it serves every machine of a session in turn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "worker.log"
        self.config = folder / "trender.yaml"
        self.config.write_text(f"employees: [{', '.join(EMPLOYEES)}]\n", encoding="utf-8")
        self._process: subprocess.Popen[str] | None = None

    def environment(self, api: str, database: str, token: str = TOKEN) -> dict[str, str]:
        """What a Trender process is told."""
        return {
            "GITHUB_API_BASE_URL": api,
            "GITHUB_TOKEN": token,
            "DATABASE_URL": database,
            "TRENDER_DATA_DIR": str(self.folder),
            "TRENDER_CONFIG": str(self.config),
            "DBT_TARGET_PATH": str(self.folder / "dbt-target"),
            "DAGSTER_DISABLE_TELEMETRY": "yes",
        }

    def start(self) -> subprocess.Popen[str]:
        """The running process, started when there is none."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.integration.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.log.open("a", encoding="utf-8"),
                text=True,
                cwd=CHECKOUT,
                env={
                    **os.environ,
                    **self.environment("http://127.0.0.1:9", "postgresql://nowhere/x"),
                },
            )
        return self._process

    def begin(self, command: dict[str, Any]) -> subprocess.Popen[str]:
        """Send a command without waiting for its answer."""
        process = self.start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(command) + "\n")
        process.stdin.flush()
        return process

    def answer(self) -> dict[str, Any]:
        """Wait for the answer of a command that was begun."""
        process = self.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, f"the worker died; see its log:\n{self.log.read_text()[-3000:]}"
        return json.loads(line)

    def warm(self) -> None:
        """Have the process import what a refresh needs."""
        self.begin({"environment": {}, "warm": True})
        self.answer()

    def wait_for_death(self) -> int:
        """Wait until the process has died by itself; its return code."""
        assert self._process is not None
        code = self._process.wait(120)
        self._process = None
        return code

    def kill(self) -> None:
        """End the process as kill -9 does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


class Machine:
    """A simulator, a database and the worker, used together."""

    def __init__(self, simulator: Simulator, database: str, worker: Worker) -> None:
        self.simulator, self.database, self.worker = simulator, database, worker

    def command(self, as_of: str, token: str = TOKEN, **options: Any) -> dict[str, Any]:
        """A worker's command for this machine."""
        environment = self.worker.environment(self.simulator.url, self.database, token)
        return {"environment": environment, "as_of": as_of, **options}

    def refresh(self, as_of: str, token: str = TOKEN, **options: Any) -> dict[str, Any]:
        """Refresh for a logical time (ISO, UTC) and return the result."""
        self.worker.begin(self.command(as_of, token, **options))
        return self.worker.answer()

    def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """The rows of a query."""
        with psycopg.connect(self.database) as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return cursor.execute(query, parameters).fetchall()  # pyright: ignore

    def value(self, query: str, *parameters: Any) -> Any:
        """The one value of a query."""
        return next(iter(self.rows(query, *parameters)[0].values()))

    def execute(self, statement: str, *parameters: Any) -> None:
        """Run a statement."""
        with psycopg.connect(self.database) as connection:
            connection.execute(statement, parameters)  # pyright: ignore

    def tables(self, *schemas: str) -> list[str]:
        """The tables and views of schemas, as schema.name."""
        rows = self.rows(
            "select table_schema || '.' || table_name as name from information_schema.tables "
            "where table_schema = any(%s) order by 1",
            list(schemas),
        )
        return [row["name"] for row in rows]

    def hashes(
        self, *schemas: str, without: Iterable[str] = BOOKKEEPING
    ) -> dict[str, tuple[int, str]]:
        """Row count and order-free hash of every table's rows, all columns."""
        left_out = set(without)
        return {
            table: self._hash(table, "to_jsonb(one)::text")
            for table in self.tables(*schemas)
            if table.split(".")[1] not in left_out
        }

    def results(self) -> dict[str, tuple[int, str]]:
        """Hashes of what the marts say, without when and by which run it was fetched."""
        return {
            table: self._hash(
                table,
                "((to_jsonb(one) - %s::text[]) #- '{evidence,raw_file_id}')::text",
                [
                    *WHEN_FETCHED,
                    *RAW_NUMBERS,
                    *(() if name in HAVE_A_BIRTHDAY else ("created_at",)),
                ],
            )
            for table in self.tables("staging", "analytics")
            if (name := table.split(".")[1]) not in BOOKKEEPING
        }

    def build(self, how: str = "incremental") -> dict[str, Any]:
        """Build the marts, or build them anew from raw (``full``), fetching nothing."""
        self.worker.begin(self.command("1970-01-01T00:00:00Z", build=how))
        return self.worker.answer()

    def payload_hashes(self) -> dict[str, tuple[int, str]]:
        """Row count and hash of the raw payload tables, by what GitHub said."""
        return {
            table.name: self._hash(
                f"raw.{table.name}",
                f"one.repo_id || {'one.metric_type' if table.by_metric else repr('')} "
                "|| one.payload_sha256",
            )
            for table, _ in tables()
        }

    def _hash(self, table: str, expression: str, *parameters: Any) -> tuple[int, str]:
        name = sql.Identifier(*table.split(".")).as_string()
        row = self.rows(
            f"select count(*) as rows, md5(coalesce(string_agg(line, '|' order by line), '')) "
            f"as hash from (select md5({expression}) as line from {name} as one) as lines",
            *parameters,
        )[0]
        return row["rows"], row["hash"]
