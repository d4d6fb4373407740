"""The marketing assets: the wing's dbt models, and the cards that are drawn from them.

Define here how they are read, made and stored; what the models say is SQL in `trender_dbt/`. No
picture is made here, and nothing asks GitHub.
"""

from collections.abc import Iterator

import dagster as dg
from dagster_dbt import dbt_assets

from trender_assets.dbt.assets import MANIFEST, MARKETING, TRANSLATOR, built
from trender_assets.resources import Warehouse

SHOWCASE = ["analytics_render_showcase", "fact_repo_snapshots", "fact_star_days"]
COMMON = {
    "group_name": "marketing",
    "kinds": {"python", "postgres"},
    "backfill_policy": dg.BackfillPolicy.single_run(),
}
NOTHING = dg.MaterializeResult(metadata={"rows": 0, "note": "there is no data yet"})


class StoryCriteria(dg.Config):
    """When a Render project is a success story, where it differs from what dbt_project.yml says."""

    minimum_stars: int | None = None
    growth_percent: float | None = None
    growth_days: int | None = None
    minimum_base: int | None = None


@dbt_assets(
    manifest=MANIFEST,
    select=MARKETING,
    dagster_dbt_translator=TRANSLATOR,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="dbt",
    name="marketing",
)
def marketing(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: StoryCriteria
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Build the tables that SQL alone can make, and test them, in one dbt invocation."""
    from trender_assets.marketing.read import newest_as_of

    with warehouse.connect() as connection:
        is_empty = newest_as_of(connection) is None
    if is_empty:
        for key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=NOTHING.metadata)
        return
    yield from built(
        context,
        warehouse,
        select=(MARKETING,),
        variables={f"story_{name}": value for name, value in config if value is not None},
        environment={"TRENDER_RUN_ID": context.run.run_id},
    )


@dg.asset(deps=[*SHOWCASE, "repositories_current"], **COMMON)
def marketing_cards(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> dg.MaterializeResult:
    """Pictures for sharing: the week's five strongest community projects, the featured ones, pages.

    One row per week, kind and subject. Refreshed with the data; a picture whose drawing did not
    change is not made again.
    """
    from trender_assets.marketing.periods import week_of
    from trender_assets.marketing.pictures import NOT_INSTALLED, renderer
    from trender_assets.marketing.read import card_rows, curves, newest_as_of
    from trender_assets.marketing.selection import draw_all, with_pictures
    from trender_assets.marketing.store import known_pictures, store_cards

    with warehouse.connect() as connection:
        as_of = newest_as_of(connection)
        if as_of is None:
            return NOTHING
        rows = card_rows(connection)
        days = curves(connection, [row["repo_id"] for row in rows], as_of.date())
        cards = draw_all(rows, days, as_of)
        render = renderer()
        cards, made = with_pictures(cards, known_pictures(connection, cards), render)
        store_cards(connection, week_of(as_of), cards, context.run.run_id)
    return dg.MaterializeResult(
        metadata={
            "rows": len(cards),
            "pictures": sum(card.png is not None for card in cards),
            "pictures_made": made,
            "note": "" if render else f"no PNG: {NOT_INSTALLED}",
            "as_of": as_of.isoformat(),
        }
    )
