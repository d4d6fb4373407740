"""The marketing assets: cards, success stories, monthly drafts, platforms, Blueprint quality.

Define here how they are read, made and stored; what they say belongs to `marketing/`. No picture
or sentence is made here, and nothing asks GitHub.
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
    """When a Render project is a success story: all must hold."""

    minimum_stars: int = 500
    growth_percent: float = 50.0
    growth_days: int = 90
    minimum_base: int = 50


@dbt_assets(
    manifest=MANIFEST,
    select=MARKETING,
    dagster_dbt_translator=TRANSLATOR,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="dbt",
    name="marketing",
)
def marketing(
    context: dg.AssetExecutionContext, warehouse: Warehouse
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


@dg.asset(deps=[*SHOWCASE, "stg_render_enrichment"], **COMMON)
def success_stories(
    context: dg.AssetExecutionContext, warehouse: Warehouse, config: StoryCriteria
) -> dg.MaterializeResult:
    """Render projects that grew by the configured criteria, each sentence with its evidence.

    One row per month and repository. Refreshed with the data; a project that met the criteria
    once in a month stays.
    """
    from trender_assets.marketing.periods import month_of
    from trender_assets.marketing.read import newest_as_of, story_candidates
    from trender_assets.marketing.store import store_stories
    from trender_assets.marketing.stories import Criteria, tell

    criteria = Criteria(**config.model_dump())
    with warehouse.connect() as connection:
        as_of = newest_as_of(connection)
        if as_of is None:
            return NOTHING
        candidates = story_candidates(connection, criteria, as_of)
        stories = [story for one in candidates if (story := tell(one, criteria))]
        store_stories(connection, month_of(as_of.date()), stories, criteria, context.run.run_id)
    return dg.MaterializeResult(
        metadata={
            "rows": len(stories),
            "candidates": len(candidates),
            "criteria": criteria.as_dict(),
            "as_of": as_of.isoformat(),
        }
    )


@dg.asset(deps=["fact_repo_snapshots", "fact_star_days", "fact_render_usage"], **COMMON)
def monthly_drafts(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
    """A blog draft in Markdown for this month to date and for the month before it.

    One row per month. Refreshed with the data; a month that is over stops changing when its
    last late gains have arrived.
    """
    from trender_assets.marketing.monthly import write
    from trender_assets.marketing.periods import month_before, month_of
    from trender_assets.marketing.read import month_facts, newest_as_of
    from trender_assets.marketing.store import store_draft

    words: dict[str, int] = {}
    with warehouse.connect() as connection:
        as_of = newest_as_of(connection)
        if as_of is None:
            return NOTHING
        this = month_of(as_of.date())
        for period in (month_before(this), this):
            facts = month_facts(connection, period, as_of)
            if facts is not None:
                draft = write(facts)
                store_draft(connection, facts, draft, context.run.run_id)
                words[period.start.isoformat()] = draft.word_count
    return dg.MaterializeResult(
        metadata={"rows": len(words), "words": words, "as_of": as_of.isoformat()}
    )


@dg.asset(deps=["repositories_current", "repo_file_findings"], **COMMON)
def platform_intelligence(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> dg.MaterializeResult:
    """Which deployment platforms the followed repositories' files name, on one frame for all.

    One row per day: Render, Vercel, Railway and Fly with the sample's size, the unknown ones and
    95 per cent intervals. Refreshed with the data.
    """
    from trender_assets.marketing.platforms import compare
    from trender_assets.marketing.read import newest_as_of, platform_frame
    from trender_assets.marketing.store import store_comparison

    with warehouse.connect() as connection:
        as_of = newest_as_of(connection)
        if as_of is None:
            return NOTHING
        report = compare(platform_frame(connection), as_of)
        store_comparison(connection, report, as_of, context.run.run_id)
    return dg.MaterializeResult(
        metadata={"sample_size": report.sample_size, "summary": report.summary}
    )
