"""The marketing assets: the wing's dbt models, and the cards that are drawn from them.

Define here how they are read, made and stored; what the models say is SQL in `trender_dbt/`. No
picture is made here, and nothing asks GitHub.
"""

from collections.abc import Iterator

import dagster as dg
from dagster_dbt import dbt_assets

from trender_assets.dbt.assets import MANIFEST, TRANSLATOR, built
from trender_assets.resources import Warehouse

MODELS = "fqn:trender.marketing"


class StoryCriteria(dg.Config):
    """When a Render project is a success story, where it differs from what dbt_project.yml says."""

    minimum_stars: int | None = None
    growth_percent: float | None = None
    growth_days: int | None = None
    minimum_base: int | None = None


@dbt_assets(
    manifest=MANIFEST,
    select=MODELS,
    dagster_dbt_translator=TRANSLATOR,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="dbt",
    name="marketing",
)
def marketing(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: StoryCriteria
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Build the tables that SQL alone can make, and test them, in one dbt invocation."""
    from trender_assets.marketing.store import is_built

    with warehouse.connect() as connection:
        has_facts = is_built(connection, "fact_repo_snapshots")
    if not has_facts:
        context.log.info("there is no data yet")
        return
    yield from built(
        context,
        warehouse,
        select=(MODELS,),
        variables={f"story_{name}": value for name, value in config if value is not None},
        environment={"TRENDER_RUN_ID": context.run.run_id},
    )


@dg.asset(
    deps=["marketing_card_facts"],
    group_name="marketing",
    kinds={"python", "postgres"},
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def marketing_cards(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> dg.MaterializeResult:
    """Pictures for sharing: the week's five strongest community projects, the featured ones, pages.

    One row per week, kind and subject. Refreshed with the data; a picture whose drawing did not
    change is not made again.
    """
    from trender_assets.marketing.pictures import NOT_INSTALLED, add_pictures, card, renderer
    from trender_assets.marketing.store import card_facts, known_pictures, store_cards

    with warehouse.connect() as connection:
        cards = [card(facts) for facts in card_facts(connection)]
        if not cards:
            return dg.MaterializeResult(metadata={"rows": 0, "note": "there is no data yet"})
        render = renderer()
        made = add_pictures(cards, known_pictures(connection, cards), render)
        store_cards(connection, cards, context.run.run_id)
    return dg.MaterializeResult(
        metadata={
            "rows": len(cards),
            "pictures": sum(one["png"] is not None for one in cards),
            "pictures_made": made,
            "note": "" if render else f"no PNG: {NOT_INSTALLED}",
            "as_of": max(one["as_of"] for one in cards).isoformat(),
        }
    )
