"""The dbt project as assets: every model an asset, every dbt test an asset check.

Define here how dbt's nodes become Dagster's; what a model means is SQL in `trender_dbt/`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from trender_assets.dbt.runner import OTHER_STEPS, NodeResult, build, ensure_manifest
from trender_assets.resources import Warehouse
from trender_assets.runs.dead_runs import sign_in
from trender_assets.runs.progress import Progress, tell
from trender_assets.settings import current

PASSED = ("pass", "success", "warn")
FILE_SETTINGS = current().file


class Translator(DagsterDbtTranslator):
    """An asset's name is its table's name; its group is its layer, unless its meta names one."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """The bare table name, or the key that a source's meta names."""
        meta = dbt_resource_props.get("config", {}).get("meta", {}).get("dagster", {})
        if "asset_key" in meta:
            return dg.AssetKey(meta["asset_key"])
        return dg.AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The folder of the model: staging, core or marts; seeds feed staging."""
        named = super().get_group_name(dbt_resource_props)
        if named is not None:
            return named
        if dbt_resource_props.get("resource_type") == "seed":
            return "staging"
        path = dbt_resource_props.get("fqn", [])
        return path[-2] if len(path) > 2 else "marts"


MANIFEST = ensure_manifest(FILE_SETTINGS)
TRANSLATOR = Translator(
    settings=DagsterDbtTranslatorSettings(
        enable_asset_checks=True, enable_source_tests_as_checks=True
    )
)


@dbt_assets(
    manifest=MANIFEST,
    exclude=OTHER_STEPS,
    dagster_dbt_translator=TRANSLATOR,
    backfill_policy=dg.BackfillPolicy.single_run(),
    pool="dbt",
    name="analytics",
)
def analytics(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Build the staging, core and marts models, and test them, in one dbt invocation."""
    yield from built(context, warehouse)


def built(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    *,
    select: Sequence[str] = (),
    variables: Mapping[str, Any] | None = None,
    environment: dict[str, str] | None = None,
) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
    """Build what a step is asked for, and say what became of each model and test.

    Args:
        context: The step's.
        warehouse: Where to.
        select: dbt's selection of everything the step can build; empty means all that no
                other step builds.
        variables: dbt variables besides those of the settings.
        environment: Variables besides the warehouse's; what was prepared without is not used.

    Raises:
        dagster.Failure: When a model or a test did not pass.
    """
    from trender_assets.warehouse.connect import postgres_environment

    sign_in(context.instance, context.run.run_id)
    models = {key.path[-1]: key for key in context.selected_asset_keys}
    checks = {check.name: check for check in context.selected_asset_check_keys}
    full_refresh = context.run.tags.get("trender/full_refresh") == "true"
    passed, results, error = build(
        FILE_SETTINGS,
        postgres_environment(warehouse.url) | (environment or {}),
        select=tuple(models) if context.is_subset else select,
        full_refresh=full_refresh,
        variables=variables,
        on_event=_tell_of,
    )
    broken: list[NodeResult] = []
    for result in results:
        kind, _, rest = result.unique_id.partition(".")
        name = rest.split(".")[1]
        if result.status in ("error", "fail"):
            broken.append(result)
        if kind in ("model", "seed", "snapshot") and result.status == "success" and name in models:
            yield dg.MaterializeResult(
                asset_key=models[name],
                metadata={
                    "seconds": result.seconds,
                    **({"rows_changed": result.rows} if result.rows is not None else {}),
                },
            )
        elif kind == "test" and name in checks and result.status != "skipped":
            yield _check_result(checks[name], result)
    if not passed:
        names = ", ".join(sorted(item.unique_id.split(".")[2] for item in broken)) or error
        raise dg.Failure(
            f"dbt did not pass: {names}",
            metadata={
                item.unique_id.split(".")[2]: item.message or "failed" for item in broken[:50]
            },
            allow_retries=not broken,
        )


def _check_result(key: dg.AssetCheckKey, result: NodeResult) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=result.status in ("pass", "success"),
        severity=(
            dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR
        ),
        metadata={
            "seconds": result.seconds,
            **({"failing_rows": result.rows} if result.rows is not None else {}),
            **({"message": result.message} if result.message else {}),
        },
    )


def _tell_of(event: Any) -> None:
    """Turn dbt's 'model finished' event into progress; every other event is dropped."""
    if event.info.name == "LogModelResult":
        data = event.data
        tell(Progress("transform", data.node_info.node_name, data.status, data.index, data.total))
