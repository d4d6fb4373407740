"""How cost grows: with more repositories, and with a year of history in the warehouse.

Run `python benchmarks/bench_cost_curve.py [--scales 1,4] [--days 60] [--full] [--quick]`; `--full`
means scales 1, 4 and 10 and 365 days, and takes a quarter of an hour. GitHub answers at once and
without limits here, so that our own cost shows. Star histories are written in SQL, because
GitHub's own limit of 900 a minute would decide otherwise. History is made in SQL too: every
repository read gets its newest answer again for each past day, with fewer stars, seen three times
that day. What is measured and how a part is run are in `machinery` and `cost_worker`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from history import seed_history, seed_star_histories
from machinery import (
    CHECKOUT,
    Database,
    Simulator,
    database,
    environment,
    next_hour,
    run,
    simulator,
    whole_hour,
)
from tables import show

from trender_assets.warehouse.connect import connect

PER_LANGUAGE, RENDER = 65, 100
CONFIGURATION = "candidates_per_query: 1000\nrender_candidates_per_source: 1000\nwatch_days: 14\n"
# Nobody would be kept waiting by GitHub: limits are not what is measured here.
NO_LIMITS = {
    "is_enforced": False,
    "user": {"core": 10**6, "search": 10**6, "code_search": 10**6, "graphql": 10**6},
}
DAY_SECONDS = 86_400


def main() -> int:
    """Run the benchmark and print its tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scales", default="1,4")
    options.add_argument("--days", type=int, default=60)
    options.add_argument("--only", choices=("scales", "history"), help="one of the two tables")
    options.add_argument("--full", action="store_true", help="scales 1, 4, 10 and 365 days")
    options.add_argument("--quick", action="store_true", help="scales 0.1 and 0.2, 30 days")
    arguments = options.parse_args()
    if arguments.full:
        arguments.scales, arguments.days = "1,4,10", 365
    if arguments.quick:
        arguments.scales, arguments.days = "0.1,0.2", 30
    if arguments.only != "history":
        show_scales([float(scale) for scale in arguments.scales.split(",")])
    if arguments.only != "scales":
        with_history(0.1 if arguments.quick else 1.0, arguments.days)
    return 0


def show_scales(scales: list[float]) -> None:
    """The first table."""
    rows = [at_scale(scale) for scale in scales]
    show(
        "More repositories (an hourly rerun; GitHub answers at once)",
        ("scale", "repositories", "requests", "first fetch+land s", "rerun fetch+land s",
         "of it waited s", "first dbt s", "rerun dbt s", "fetch peak MB", "dbt peak MB", "raw rows",
         "fact rows", "database MB"),
        rows,
    )  # fmt: skip


def at_scale(scale: float) -> tuple[object, ...]:
    """One world: first read, marts, an hour later again."""
    now = whole_hour()
    with world(scale, now) as (github, base):
        first = work(base, github, "fetch", now)
        seed_star_histories(base, now)
        first_dbt = work(base, github, "dbt", now)
        now = next_hour(now)
        github.move_to(now)
        again = work(base, github, "fetch", now)
        again_dbt = work(base, github, "dbt", now)
        with connect(base.url) as connection:
            repositories = count(connection, "select count(distinct repo_id) from raw.fetch_log")
            raw = count(connection, "select count(*) from raw.fetch_log")
            facts = count(connection, "select count(*) from analytics.fact_repo_snapshots_hourly")
        return (
            f"{scale:g}×",
            repositories,
            again["requests"],
            first["fetch"],
            again["fetch"],
            again["waited"],
            first_dbt["dbt"],
            again_dbt["dbt"],
            round(again["rss_mb"]),
            round(again_dbt["rss_mb"]),
            raw,
            facts,
            round(base.size_mb()),
        )


def with_history(scale: float, days: int) -> None:
    """The same hourly rerun on a young database and on one with a long history."""
    now = whole_hour()
    rows: list[tuple[object, ...]] = []
    slowest: dict[str, Any] = {}
    for label, past in (("1 day", 0), (f"{days} days", days)):
        with world(scale, now) as (github, base):
            moment = now
            work(base, github, "fetch", moment)
            seeded = time.perf_counter()
            if past:
                seed_history(base, moment, past)
            seed_star_histories(base, moment)
            seeded = time.perf_counter() - seeded
            moment = next_hour(moment)
            github.move_to(moment)
            work(base, github, "fetch", moment)
            full = work(base, github, "full", moment)
            for _ in range(2):
                moment = next_hour(moment)
                github.move_to(moment)
                fetched = work(base, github, "fetch", moment)
                hourly = work(base, github, "dbt", moment)
            slowest[label] = hourly["slowest"]
            with connect(base.url) as connection:
                raw = count(connection, "select count(*) from raw.fetch_log")
                facts = count(connection, "select count(*) from analytics.fact_repo_snapshots")
                hours = count(
                    connection, "select count(*) from analytics.fact_repo_snapshots_hourly"
                )
            rows.append(
                (
                    label, raw, facts, hours, round(base.size_mb()), seeded, full["dbt"],
                    fetched["fetch"], hourly["dbt"], hourly["models"], hourly["tests"],
                    "yes" if hourly["passed"] and full["passed"] else "no",
                )
            )  # fmt: skip
    show(
        "A long history (dbt builds and tests everything each time)",
        ("history", "fetch log rows", "daily facts", "hourly facts", "database MB",
         "made in s", "--full-refresh s", "rerun fetch+land s", "rerun dbt s", "models s",
         "tests s", "tests pass"),
        rows,
    )  # fmt: skip
    for label, nodes in slowest.items():
        print(f"  slowest of a rerun at {label}: {nodes}")


class world:
    """A simulator without limits and an empty warehouse, while the block runs."""

    def __init__(self, scale: float, now: datetime) -> None:
        self._simulator = simulator(
            "--profile", "fast", "--no-limits",
            "--clock", now.isoformat(),
            "--repositories-per-language", str(round(PER_LANGUAGE * scale)),
            "--render", str(round(RENDER * scale)),
            "--bulk", "0",
        )  # fmt: skip
        self._database = database()

    def __enter__(self) -> tuple[Simulator, Database]:
        github = self._simulator.__enter__()
        github.ask("limits", NO_LIMITS)
        base = self._database.__enter__()
        return github, base

    def __exit__(self, *error: Any) -> None:
        self._database.__exit__(*error)
        self._simulator.__exit__(*error)


def work(base: Database, github: Simulator, part: str, moment: datetime) -> dict[str, Any]:
    """One part as a process of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(CONFIGURATION)
        file.flush()
        measured = run(
            [sys.executable, "-W", "ignore", str(Path(__file__).with_name("cost_worker.py")), part,
             moment.isoformat()],
            {
                **environment(base, github),
                "TRENDER_CONFIG": file.name,
                "PYTHONPATH": str(CHECKOUT),
            },
        )  # fmt: skip
    if measured.code != 0:
        raise SystemExit(f"{part} ended with {measured.code}:\n{measured.errors[-2000:]}")
    if measured.errors.strip():
        print(measured.errors.strip()[-600:])
    return json.loads(measured.output.strip().splitlines()[-1])


def count(connection: psycopg.Connection, statement: str) -> int:
    """A count."""
    row = connection.execute(statement).fetchone()  # pyright: ignore[reportArgumentType]
    return int(row[0]) if row else 0


if __name__ == "__main__":
    raise SystemExit(main())
