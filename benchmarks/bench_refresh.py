"""How long the hourly run takes, whole process, and where the seconds go.

Run `python benchmarks/bench_refresh.py [--profile benchmark|pessimistic|both] [--repositories N]
[--reruns N] [--busy] [--full] [--quick]`: a simulated GitHub with realistic latencies and limits,
a fresh PostgreSQL, `trender refresh` once on an empty database and then for hour after hour of a
world that moves. Reference readers are in `references`, what is started and measured in
`machinery`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

import references
from machinery import (
    TOKEN,
    Database,
    Measured,
    Simulator,
    busy,
    cpu_of_process,
    database,
    import_seconds,
    next_hour,
    refresh,
    simulator,
    whole_hour,
)
from tables import show, spread

# Of 398 repositories that the default options give, 331 are language candidates and 143 are
# Render's; 76 are both.
PER_LANGUAGE_SHARE, RENDER_SHARE = 65 / 400, 100 / 400
SUBSET = 30
GRAPHQL_SECONDS_PER_MINUTE = 60.0
LATENCIES = {
    "benchmark": "REST 150 ms, search 400 ms, GraphQL 300 ms + 15 ms a repository",
    "pessimistic": "REST 150 ms, search 400 ms, GraphQL 300 ms + 90 ms a repository, 10 s cut-off, "
    "60 s of GraphQL a minute",
}
# 300 repositories under the same limits, measured in an earlier study, not here.
PUBLISHED = (
    ("PyGithub, 16 to 32 threads", "67–91 s", "1,227", "all"),
    ("tap-github to a file", "449 s", "1,890", "all"),
    ("dlt rest_api to DuckDB, answers 403", "8.6 s, then it crashes", "903", "0"),
    ("dlt, if GitHub answered 429 instead", "78 s", "1,293", "all"),
    ("the drafts' own design", "18.5 s", "2,703", "180 of 300"),
)


@dataclass(frozen=True)
class Run:
    """One `trender refresh` and what the simulator saw of it."""

    process: Measured
    result: dict[str, Any]
    seen: dict[str, Any]
    database_cpu: float
    simulator_cpu: float

    @property
    def refused(self) -> int:
        """Answers of 403 and 429."""
        statuses = self.seen["by_status"]
        return int(statuses.get("403", 0)) + int(statuses.get("429", 0))

    @property
    def waits(self) -> list[dict[str, Any]]:
        """What the client announced that it waited for."""
        return [w for report in self.result["api"].values() for w in report.get("waits", [])]

    @property
    def computed(self) -> float:
        """Seconds that GraphQL computed, as modelled."""
        return float(self.seen["seconds"]["graphql"])

    @property
    def over_forced(self) -> float:
        """Wall time over the least that the limit on computing allows the same work.

        That is the time without any waiting, and a minute for every full minute of computing.
        """
        waited = min(sum(wait["seconds"] for wait in self.waits), self.process.wall)
        forced = 60.0 * math.floor(self.computed / GRAPHQL_SECONDS_PER_MINUTE)
        return self.process.wall / max(self.process.wall - waited + forced, 1.0)


def main() -> int:
    """Run the benchmark and print its tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", choices=("benchmark", "pessimistic", "both"), default="both")
    options.add_argument("--repositories", type=int, default=400)
    options.add_argument("--reruns", type=int, default=3)
    options.add_argument("--busy", action="store_true", help="keep every processor busy meanwhile")
    options.add_argument("--full", action="store_true", help="references on all repositories")
    options.add_argument("--quick", action="store_true", help="40 repositories, one rerun")
    arguments = options.parse_args()
    if arguments.quick:
        arguments.repositories, arguments.reruns, arguments.profile = 40, 1, "benchmark"
    both = ("benchmark", "pessimistic")
    for profile in both if arguments.profile == "both" else (arguments.profile,):
        measure(profile, arguments)
    show(
        "Published figures of an earlier study (300 repositories, same limits; not measured here)",
        ("reader", "wall", "requests", "repositories complete"),
        PUBLISHED,
    )
    return 0


def measure(profile: str, arguments: argparse.Namespace) -> None:
    """Measure one latency profile."""
    now = whole_hour()
    wanted = arguments.repositories
    print(f"\n== profile {profile}: {LATENCIES[profile]}")
    print(f"   {os.cpu_count()} processors, load before {os.getloadavg()[0]:.1f}")
    with (
        simulator(
            "--profile", profile,
            "--clock", now.isoformat(),
            "--repositories-per-language", str(round(wanted * PER_LANGUAGE_SHARE)),
            "--render", str(round(wanted * RENDER_SHARE)),
            "--bulk", "0",
        ) as github,
        database() as base,
    ):  # fmt: skip
        runs: list[Run] = []
        units: list[float] = []
        with busy(os.cpu_count() or 1) if arguments.busy else contextlib.nullcontext():
            for number in range(arguments.reruns + 1):
                if number:
                    now = next_hour(now)
                    github.move_to(now)
                    github.refill()
                    units.append(import_seconds())
                runs.append(one(base, github, now))
        report(runs)
        walls = [run.process.wall for run in runs[1:]]
        print(f"  the unit (the imports alone), s min / median / max: {spread(units)}")
        print(f"  reruns in units, median: {median(walls) / median(units):.2f}")
        compare(base, github, now, runs[1:], is_full=arguments.full)


def one(base: Database, github: Simulator, now: datetime) -> Run:
    """One whole process."""
    github.stats()
    before = base.cpu_seconds(), cpu_of_process(github.pid)
    process = refresh(base, github, now)
    return Run(
        process=process,
        result=json.loads(process.output),
        seen=github.stats(),
        database_cpu=base.cpu_seconds() - before[0],
        simulator_cpu=cpu_of_process(github.pid) - before[1],
    )


def report(runs: list[Run]) -> None:
    """Print what the runs cost and where their seconds went."""
    show(
        "trender refresh, whole process (each rerun an hour later)",
        ("run", "wall s", "CPU s", "PostgreSQL CPU s", "peak MB", "repositories", "requests",
         "GraphQL points", "403/429", "most at once"),
        [
            (
                "first" if number == 0 else f"rerun {number}",
                run.process.wall,
                run.process.cpu,
                run.database_cpu,
                round(run.process.rss_mb),
                run.result["repos"],
                run.seen["requests"],
                run.seen["graphql_points"],
                run.refused,
                run.seen["max_in_flight"],
            )
            for number, run in enumerate(runs)
        ],
    )  # fmt: skip
    reruns = runs[1:]
    print(f"  reruns, wall s min / median / max: {spread([r.process.wall for r in reruns])}")
    print(f"  reruns, CPU s  min / median / max: {spread([r.process.cpu for r in reruns])}")
    print(f"  refused in all: {sum(run.refused for run in runs)}")
    for name, some in (("first run", runs[:1]), ("reruns", reruns)):
        waited = sum(wait["seconds"] for run in some for wait in run.waits)
        reasons = sorted({wait["reason"] for run in some for wait in run.waits})
        print(
            f"  {name}: waited {waited:.0f} s of its own accord"
            + (f" ({', '.join(reasons)})" if reasons else "")
            + f"; GraphQL computed {max(run.computed for run in some):.0f} s at most"
            f"; wall over what the limit forces: {max(run.over_forced for run in some):.2f}"
        )
    last = runs[-1].seen["by_resource"]
    print(
        "  requests of the last rerun: "
        + ", ".join(f"{name} {sum(counts.values())}" for name, counts in sorted(last.items()))
    )
    parts = dict.fromkeys(name for run in runs for name in run.result["timings"])
    rows = [
        (name, runs[0].result["timings"].get(name), _median(reruns, name))
        for name in parts
        if name != "job"
    ]
    rows.append(("Dagster around the steps", _around(runs[0]), median(map(_around, reruns))))
    rows.append(
        (
            "start, migration check, top 3, exit",
            runs[0].process.wall - runs[0].result["seconds"],
            median(run.process.wall - run.result["seconds"] for run in reruns),
        )
    )
    show("Where the seconds go (wall)", ("part", "first", "rerun (median)"), rows)


def compare(
    base: Database,
    github: Simulator,
    now: datetime,
    reruns: list[Run],
    *,
    is_full: bool,
) -> None:
    """Measure the reference readers in the same minute and print the ratios."""
    from trender_assets.warehouse.connect import connect

    with connect(base.url) as connection:
        names = [
            row[0]
            for row in connection.execute(
                "select distinct repo_full_name from raw.raw_github_repos order by 1"
            ).fetchall()
        ]
    count = len(names)
    some = names if is_full else names[: min(SUBSET, count)]
    ours = median(run.process.wall for run in reruns)
    rows: list[tuple[object, ...]] = [
        (
            "trender, whole process, files and marts too",
            count,
            f"{ours:.1f}",
            round(median(run.seen["requests"] for run in reruns)),
            sum(run.refused for run in reruns),
            "1.0",
        )
    ]
    for name, reader in (
        ("REST, one call after the other", references.sequential),
        (f"REST, {references.AT_ONCE} at once, waits as told", references.concurrent),
    ):
        github.refill()
        run = reader(github.url, TOKEN, some, now)
        wall, note = run.wall * count / len(some), f"{run.wall:.1f}"
        if not is_full and reader is references.concurrent:
            # Small enough to stay under the limit; with all of them the limit decides.
            wall = max(wall, references.least_seconds(count))
        rows.append(
            (
                f"{name} ({len(some)} read, {run.complete} complete, {note} s)",
                count,
                f"{wall:.1f}",
                round(run.requests * count / len(some)),
                run.refused,
                f"{wall / ours:.1f}",
            )
        )
    show(
        "Against readers that make 4 REST calls a repository and do nothing else"
        + ("" if is_full else " (scaled from a subset; 900 points a minute applied)"),
        ("reader", "repositories", "wall s", "requests", "refused", "× trender"),
        rows,
    )


def _median(runs: list[Run], name: str) -> float | None:
    values = [run.result["timings"][name] for run in runs if name in run.result["timings"]]
    return median(values) if values else None


def _around(run: Run) -> float:
    """Seconds of the job in which no step was running."""
    timings = run.result["timings"]
    outside = {"database", "imports", "instance", "job", "record"}
    return timings["job"] - sum(v for name, v in timings.items() if name not in outside)


if __name__ == "__main__":
    raise SystemExit(main())
