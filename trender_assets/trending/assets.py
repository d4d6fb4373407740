"""Repositories, their metrics and files, the queries that found them: one reading, four tables.

Define here how a run covers many sources at once and reports each partition. How a source is
read is in `ingest`, how GitHub is asked in `github/`, how rows are written in `raw/`.
"""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from trender_assets.raw.streams import STAR_HISTORY, tables
from trender_assets.resources import GitHub, Warehouse
from trender_assets.runs.clock import run_as_of
from trender_assets.runs.dead_runs import sign_in
from trender_assets.trending.partitions import FILE_SETTINGS, SOURCES, source_partitions

if TYPE_CHECKING:
    from trender_assets.trending.source_facts import SourceFacts

SPECS = [
    *(
        dg.AssetSpec(
            table.name,
            group_name="raw",
            kinds={"github", "postgres"},
            description=table.description,
        )
        for table, _ in tables()
        if table is not STAR_HISTORY  # which is asked for by itself
    ),
    dg.AssetSpec(
        "raw_discovery_queries",
        group_name="raw",
        kinds={"github", "postgres"},
        description=(
            "How candidates were found. One row per run, source and query, with GitHub's total, "
            "what was listed and whether the listing was complete. Refreshed every hour."
        ),
    ),
]


@dg.multi_asset(
    name="repositories",
    specs=SPECS,
    partitions_def=source_partitions,
    can_subset=True,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="github",
)
async def repositories(
    context: dg.AssetExecutionContext, warehouse: Warehouse, github: GitHub
):  # no return type: Dagster reads one as the types of the outputs
    """Read every repository of the run's sources once, land each source as it comes."""
    from trender_assets.github.answers import GitHubError
    from trender_assets.trending.ingest import Ingestion

    sign_in(context.instance, context.run_id)
    wanted = frozenset(key.path[-1] for key in context.selected_asset_keys)
    started_at = datetime.now(UTC)
    keys = list(context.partition_keys)
    try:
        async with github.client(warehouse) as client:
            ingestion = Ingestion(
                client=client,
                warehouse_url=warehouse.url,
                run_id=context.run_id,
                as_of=run_as_of(context),
                settings=FILE_SETTINGS,
                tables=wanted,
            )
            results = await asyncio.gather(*(ingestion.source(SOURCES[key]) for key in keys))
            ingestion.record_usage("repositories", started_at, datetime.now(UTC))
    except GitHubError as error:
        raise dg.Failure(
            str(error),
            metadata={"failed_sources": dict.fromkeys(keys, str(error))},
            allow_retries=False,
        ) from None
    facts = dict(zip(keys, results, strict=True))
    failed = {key: fact.failure for key, fact in facts.items() if fact.failure is not None}
    landed = {key: fact for key, fact in facts.items() if fact.failure is None}
    if failed:
        _log_landed(context, landed)
        raise dg.Failure(
            ingestion.stopped_by or f"not fetched: {', '.join(sorted(failed))}",
            metadata={"failed_sources": failed, **failed},
            allow_retries=False,
        )
    for key in context.selected_asset_keys:
        for partition, fact in landed.items():
            context.add_asset_metadata(
                fact.metadata(key.path[-1]), asset_key=key, partition_key=partition
            )
        yield dg.MaterializeResult(asset_key=key)


def _log_landed(context: dg.AssetExecutionContext, landed: "dict[str, SourceFacts]") -> None:
    """Materialise the partitions that landed although the step fails for the others."""
    for key in context.selected_asset_keys:
        for partition, fact in landed.items():
            context.log_event(
                dg.AssetMaterialization(
                    key, partition=partition, metadata=fact.metadata(key.path[-1])
                )
            )
