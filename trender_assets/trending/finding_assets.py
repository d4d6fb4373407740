"""repo_file_findings: what the files of repositories say, a pure function of the raw files.

Define here how detection is applied to stored files; what a file means belongs to `detection/`.
A new DETECTOR_VERSION makes every stored file be read again, so the findings can always be
rebuilt from raw.
"""

import json

import dagster as dg

from trender_assets.resources import Warehouse
from trender_assets.runs.dead_runs import sign_in
from trender_assets.runs.progress import Progress, tell


@dg.asset(
    deps=["raw_repo_files"],
    group_name="staging",
    kinds={"python", "postgres"},
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def repo_file_findings(
    context: dg.AssetExecutionContext, warehouse: Warehouse
) -> dg.MaterializeResult:
    """What a repository's files say: its Blueprint, whether it uses Next.js ≥ 16, where it deploys.

    One row per raw_repo_files row. Refreshed every hour for files that changed, wholly when the
    detector changed.
    """
    from trender_assets.trending.detection.findings import DETECTOR_VERSION, detect
    from trender_assets.trending.stored_findings import replace_findings, undetected_files

    sign_in(context.instance, context.run_id)
    counts: dict[str, int] = {}
    with warehouse.connect() as connection:
        done = 0
        for batch in undetected_files(connection, DETECTOR_VERSION):
            rows = []
            for row in batch:
                found = detect(row.files, row.repo_full_name)
                status = str(found.blueprint.get("status"))
                counts[status] = counts.get(status, 0) + 1
                rows.append(
                    (
                        row.raw_file_id,
                        row.repo_id,
                        DETECTOR_VERSION,
                        json.dumps(found.blueprint),
                        json.dumps(found.nextjs),
                        json.dumps(found.deployment),
                        row.fetch_timestamp,
                    )
                )
            replace_findings(connection, rows)
            done += len(rows)
            tell(Progress("files", "repo_file_findings", f"{done} file sets understood", done))
    context.log.info("understood %s changed file sets", done)
    return dg.MaterializeResult(
        metadata={"file_sets": done, "detector_version": DETECTOR_VERSION, "blueprints": counts}
    )
