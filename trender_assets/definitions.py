"""The one place where everything meets: assets, checks, jobs, schedule, sensors, resources.

Policy that holds for many assets (executor, freshness, automation) is applied here, from above.
Nothing is defined here: an asset, a check or a sensor belongs to its own module.
"""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from trender_assets import automation
from trender_assets.dbt import assets as analytics
from trender_assets.marketing import assets as marketing
from trender_assets.resources import GitHub, Warehouse
from trender_assets.runs import record
from trender_assets.trending import assets as repositories
from trender_assets.trending import checks
from trender_assets.trending import finding_assets as findings
from trender_assets.trending import star_assets as star_history

FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=3), warn_window=timedelta(minutes=90)
)
FOLLOWS_ITS_SOURCES = "kind:dbt or key:repo_file_findings or group:marketing"
# Not eager() as it is: it waits until nothing above is missing, and a source that was never
# fetched, or a table that no asset makes (fetch_log), would hold everything up for good.
AS_SOON_AS_SOURCES_CHANGE = dg.AutomationCondition.eager().without(
    ~dg.AutomationCondition.any_deps_missing()
)

defs = (
    dg.Definitions(
        assets=dg.load_assets_from_modules(
            [repositories, star_history, findings, analytics, marketing, record]
        ),
        asset_checks=checks.all_checks,
        jobs=automation.jobs,
        schedules=automation.schedules,
        sensors=automation.sensors,
        resources={"warehouse": Warehouse(), "github": GitHub()},
        executor=dg.in_process_executor,
    )
    .map_resolved_asset_specs(
        func=lambda spec: spec.replace_attributes(automation_condition=AS_SOON_AS_SOURCES_CHANGE),
        selection=FOLLOWS_ITS_SOURCES,
    )
    .map_asset_specs(func=lambda spec: dg.apply_freshness_policy(spec, FRESHNESS))
)
