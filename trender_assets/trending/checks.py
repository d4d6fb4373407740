"""The few asset checks that SQL cannot make well.

Define a check here only when dbt's tests can't see what it looks at; data validation itself is
dbt tests. Each check reads the warehouse, compares, and says what to do.
"""

import dagster as dg

from trender_assets.resources import Warehouse
from trender_assets.trending.partitions import SOURCES


@dg.asset_check(
    asset="raw_github_repos",
    description="Every source was read in the newest run that tried it, and brought repositories.",
)
def every_source_was_fetched(warehouse: Warehouse) -> dg.AssetCheckResult:
    """Which sources' newest discovery did not answer (an error is not 'no data')."""
    with warehouse.connect() as connection:
        rows = connection.execute(
            """
            select distinct on (source, query_name) source, outcome, reason
            from raw.raw_discovery_queries order by source, query_name, id desc
            """
        ).fetchall()
    failed = {
        source: reason or "unknown" for source, outcome, reason in rows if outcome == "unknown"
    }
    never = sorted(set(SOURCES) - {row[0] for row in rows} - {"employees"})
    return dg.AssetCheckResult(
        passed=not failed and not never,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"failed": failed, "never_fetched": never},
    )


@dg.asset_check(
    asset="repo_file_findings",
    blocking=True,
    description="Every stored file set has findings of the current detector.",
)
def every_file_set_is_understood(warehouse: Warehouse) -> dg.AssetCheckResult:
    """How many stored file sets no detector has read: none may be left behind."""
    from trender_assets.trending.detection.findings import DETECTOR_VERSION

    with warehouse.connect() as connection:
        row = connection.execute(
            """
            select count(*) from raw.raw_repo_files as raw
            left join staging.repo_file_findings as found
                on raw.id = found.raw_file_id and found.detector_version = %s
            where found.raw_file_id is null
            """,
            [DETECTOR_VERSION],
        ).fetchone()
    left = int(row[0]) if row else 0
    return dg.AssetCheckResult(passed=left == 0, metadata={"left": left})


all_checks = [every_source_was_fetched, every_file_set_is_understood]
