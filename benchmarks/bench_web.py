"""How fast the dashboard answers over a year of history, made anew and from its cache.

Run `python benchmarks/bench_web.py [--days 365] [--requests 200]`: a simulated GitHub, a fresh
PostgreSQL with the cost curve's history, the real models, and two dashboards over it: one whose
cache holds nothing, one as shipped. Targets: p95 of 50 ms made anew and 5 ms cached, 200 MB.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench_cost_curve import work, world
from history import seed_history, seed_star_histories
from machinery import next_hour, whole_hour
from tables import show

CHECKOUT = Path(__file__).resolve().parents[1]
SERVER = """
import sys, uvicorn
from trender_web.app import create_app
from trender_web.config import WebConfig
url, port, cache = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
config = WebConfig(database_url=url, host="127.0.0.1", port=port,
    base_url=f"http://127.0.0.1:{port}", github_url="https://github.com",
    cache_bytes=cache, uncached_per_minute=10**9)
uvicorn.run(create_app(config), host="127.0.0.1", port=port, log_level="warning")
"""
WARM_UP = 5


def main() -> int:
    """Print one table; the last line is the server's memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--requests", type=int, default=100)
    options = parser.parse_args()
    now = whole_hour()
    with world(1.0, now) as (github, base):
        work(base, github, "fetch", now)
        if options.days:
            seed_history(base, now, options.days)
        seed_star_histories(base, now)
        moment = next_hour(now)
        github.move_to(moment)
        work(base, github, "fetch", moment)
        work(base, github, "full", moment)
        rows: list[tuple[object, ...]] = []
        with dashboard(base.url, 0) as anew, dashboard(base.url, 24_000_000) as shipped:
            repository = first_repository(anew[0])
            for path in (
                "/", "/?view=table", "/trending.json", "/render", "/language/python",
                f"/repo/{repository}", f"/repo/{repository}?tab=history", "/meta",
                "/for-marketing", "/methodology", "/feed/trending.atom",
            ):  # fmt: skip
                slow, size = timed(anew[0], path, options.requests)
                quick, _ = timed(shipped[0], path, options.requests * 5)
                rows.append((path.replace(repository, "…"), *slow, *quick, round(size / 1000, 1)))
            memory = peak_mb(shipped[1])
        show(
            f"Milliseconds an answer, {options.days} days of history, one client",
            ("page", "anew median", "anew p95", "cached median", "cached p95", "kB as sent"),
            rows,
        )
        print(f"\n  the shipped dashboard's memory at its highest: {memory:.0f} MB")
    return 0


@contextlib.contextmanager
def dashboard(url: str, cache_bytes: int) -> Iterator[tuple[int, int]]:
    """A dashboard process; yields its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, url, str(port), str(cache_bytes)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(10)


def timed(port: int, path: str, count: int) -> tuple[tuple[float, float], int]:
    """Median and p95 in milliseconds over one connection, and the answer's size.

    Raises:
        SystemExit: When an answer is not 200 (redirects are followed once).
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    taken: list[float] = []
    size = 0
    for number in range(count + WARM_UP):
        started = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        size = len(answer.read())
        seconds = time.perf_counter() - started
        if answer.status in (301, 302, 307, 308):
            path = str(answer.headers["Location"])
            continue
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        if number >= WARM_UP:
            taken.append(seconds * 1000)
    connection.close()
    return (statistics.median(taken), statistics.quantiles(taken, n=20)[-1]), size


def first_repository(port: int) -> str:
    """The repository that is ranked first."""
    import json

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/trending.json?limit=1")
    document = json.loads(connection.getresponse().read())
    return str(document["data"][0]["repo_full_name"])


def peak_mb(pid: int) -> float:
    """A process's highest resident memory in MB."""
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1000


if __name__ == "__main__":
    sys.exit(main())
