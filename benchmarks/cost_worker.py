"""One part of the hourly run as a process of its own, so that its memory and time are its own.

Run by `bench_cost_curve`: `python benchmarks/cost_worker.py fetch|dbt|full AS_OF`. Define here how
a part is called without Dagster around it; what the parts do is the pipeline's business.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import datetime

from machinery import own_peak_mb

from trender_assets.raw.streams import tables
from trender_assets.settings import Settings
from trender_assets.warehouse.connect import connect, normalised, postgres_environment

TABLES = frozenset({*(table.name for table, _ in tables()), "raw_discovery_queries"})


def main() -> int:
    """Do the part and print what it took as JSON."""
    part, as_of = sys.argv[1], datetime.fromisoformat(sys.argv[2])
    settings = Settings()
    assert settings.database_url is not None
    url = normalised(settings.database_url)
    figures = fetch(settings, url, as_of) if part == "fetch" else dbt(settings, url, part == "full")
    print(json.dumps({**figures, "rss_mb": own_peak_mb()}))
    return 0


def fetch(settings: Settings, url: str, as_of: datetime) -> dict[str, float]:
    """Discover, read and land every source, then read the files that changed."""
    from trender_assets.github.client import GitHubClient
    from trender_assets.trending.ingest import Ingestion
    from trender_assets.trending.sources import all_sources

    async def read() -> tuple[int, float]:
        async with GitHubClient(
            tokens=settings.github_tokens,
            api_base_url=settings.github_api_base_url,
        ) as client:
            ingestion = Ingestion(
                client=client,
                warehouse_url=url,
                run_id=f"benchmark-{as_of.isoformat()}",
                as_of=as_of,
                settings=settings.file,
                tables=TABLES,
            )
            sources = all_sources(settings.file)
            facts = await asyncio.gather(*(ingestion.source(source) for source in sources))
            failed = {s.key: f.failure for s, f in zip(sources, facts, strict=True) if f.failure}
            if failed:
                raise SystemExit(f"not fetched: {failed}")
            waited = client.report.waited_seconds
            return client.report.total_requests, waited

    begun = time.perf_counter()
    requests, waited = asyncio.run(read())
    fetched = time.perf_counter() - begun
    begun = time.perf_counter()
    detect_all(url)
    return {
        "fetch": fetched,
        "waited": waited,
        "requests": requests,
        "files": time.perf_counter() - begun,
    }


def detect_all(url: str) -> None:
    """What the asset repo_file_findings does."""
    from trender_assets.trending.detection.findings import DETECTOR_VERSION, detect
    from trender_assets.trending.stored_findings import replace_findings, undetected_files

    with connect(url) as connection:
        for batch in undetected_files(connection, DETECTOR_VERSION):
            rows = []
            for row in batch:
                found = detect(row.files, row.repo_full_name)
                parts = (found.blueprint, found.nextjs, found.deployment)
                rows.append(
                    (
                        row.raw_file_id,
                        row.repo_id,
                        DETECTOR_VERSION,
                        *(json.dumps(part) for part in parts),
                        row.fetch_timestamp,
                    )
                )
            replace_findings(connection, rows)


def dbt(settings: Settings, url: str, is_full: bool) -> dict[str, object]:
    """Build and test every model."""
    from dbt.cli.main import dbtRunner  # noqa: F401 - its import is not what is measured

    from trender_assets.dbt.runner import build

    begun = time.perf_counter()
    passed, results, error = build(settings.file, postgres_environment(url), full_refresh=is_full)
    took = time.perf_counter() - begun
    if not passed:
        broken = [f"{r.unique_id}: {r.message}" for r in results if r.status in ("error", "fail")]
        print(f"dbt did not pass: {broken or error}", file=sys.stderr)
    slowest = sorted(results, key=lambda item: -item.seconds)[:6]
    return {
        "dbt": took,
        "passed": passed,
        "models": sum(r.seconds for r in results if r.unique_id.startswith("model.")),
        "tests": sum(r.seconds for r in results if r.unique_id.startswith("test.")),
        "slowest": {r.unique_id.split(".")[2][:40]: round(r.seconds, 2) for r in slowest},
    }


if __name__ == "__main__":
    raise SystemExit(main())
