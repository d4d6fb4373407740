"""raw_star_history: daily stars from GitHub's own history, once a day per repository.

Define here how a run covers the sources' repositories; reading and checking a history belongs
to `reading.stars`.
"""

import asyncio
from datetime import UTC, datetime

import dagster as dg

from trender_assets.raw.streams import STAR_HISTORY
from trender_assets.resources import GitHub, Warehouse
from trender_assets.runs.clock import run_as_of
from trender_assets.runs.dead_runs import sign_in
from trender_assets.trending.partitions import FILE_SETTINGS, SOURCES, source_partitions


@dg.asset(
    deps=["raw_github_repos"],
    partitions_def=source_partitions,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="raw",
    kinds={"github", "postgres"},
    pool="github",
    description=STAR_HISTORY.description,
)
async def raw_star_history(
    context: dg.AssetExecutionContext, warehouse: Warehouse, github: GitHub
) -> dg.MaterializeResult:
    """Read the histories that are due, each repository once, and land them."""
    from trender_assets.github.answers import GitHubError
    from trender_assets.trending.ingest_stars import StarIngestion

    sign_in(context.instance, context.run_id)
    started_at = datetime.now(UTC)
    keys = list(context.partition_keys)
    try:
        async with github.client(warehouse) as client:
            ingestion = StarIngestion(
                client=client,
                warehouse_url=warehouse.url,
                run_id=context.run_id,
                as_of=run_as_of(context),
                every_hours=FILE_SETTINGS.star_history_every_hours,
            )
            facts = await ingestion.sources([SOURCES[key] for key in keys])
            await asyncio.to_thread(
                ingestion.record_usage, "raw_star_history", started_at, datetime.now(UTC)
            )
    except GitHubError as error:
        raise dg.Failure(
            str(error),
            metadata={"failed_sources": dict.fromkeys(keys, str(error))},
            allow_retries=False,
        ) from None
    failed = {key: fact.failure for key, fact in facts.items() if fact.failure is not None}
    if failed:
        for key, fact in facts.items():
            if fact.failure is None:
                context.log_event(
                    dg.AssetMaterialization(
                        context.asset_key, partition=key, metadata=fact.metadata()
                    )
                )
        raise dg.Failure(
            f"no star history for: {', '.join(sorted(failed))}",
            metadata={"failed_sources": failed, **failed},
            allow_retries=False,
        )
    for key, fact in facts.items():
        context.add_asset_metadata(fact.metadata(), partition_key=key)
    return dg.MaterializeResult()
