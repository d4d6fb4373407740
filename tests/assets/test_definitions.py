"""The code location as Dagster sees it: loads, is described, one owner for every table."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import dagster as dg
import psycopg
import pytest

from trender_assets.automation import MAX_RUNTIME_SECONDS
from trender_assets.definitions import defs
from trender_assets.raw.streams import tables

CHECKOUT = Path(__file__).resolve().parents[2]
RAW = {*(table.name for table, _ in tables()), "raw_discovery_queries"}


@pytest.fixture(scope="module")
def specs() -> list[dg.AssetSpec]:
    return [spec for spec in defs.resolve_all_asset_specs() if _is_made_here(spec)]


def _is_made_here(spec: dg.AssetSpec) -> bool:
    return spec.key in defs.resolve_asset_graph().materializable_asset_keys


def test_every_asset_is_described(specs: list[dg.AssetSpec]) -> None:
    """A description that says something, a group that is a layer, kinds, one plain name."""
    assert {spec.key.path[-1] for spec in specs} >= RAW
    for spec in specs:
        assert len(spec.key.path) == 1, spec.key
        assert re.fullmatch(r"[a-z][a-z0-9_]*", spec.key.path[-1])
        assert spec.description, spec.key
        assert len(spec.description.split()) >= 4, spec.key
        assert spec.group_name in {
            "raw", "staging", "core", "marts", "runs", "marketing", "seeds",
        }, spec.key  # fmt: skip
        assert spec.kinds, spec.key


def test_raw_assets_share_the_partitions() -> None:
    """Twelve sources in the order of the contract; everything downstream is unpartitioned."""
    graph = defs.resolve_asset_graph()
    for name in RAW:
        partitions = graph.get(dg.AssetKey(name)).partitions_def
        assert isinstance(partitions, dg.StaticPartitionsDefinition)
        keys = partitions.get_partition_keys()
        assert keys[:3] == ["python", "typescript", "go"]
        assert keys[-1] == "employees"
        assert len(keys) == len(set(keys))
    for key in graph.materializable_asset_keys:
        assert key.path[-1] in RAW or graph.get(key).partitions_def is None


def test_assets_are_the_tables(migrated_template: str, postgres_server: str) -> None:
    """Every raw asset is a table of that name; no name is owned twice."""
    url = postgres_server.replace("/trender?", f"/{migrated_template}?")
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'raw'"
        ).fetchall()
    tables = {row[0] for row in rows}
    assert tables >= RAW
    names = [key.path[-1] for key in defs.resolve_asset_graph().materializable_asset_keys]
    assert len(names) == len(set(names))
    models = {path.stem for path in (CHECKOUT / "trender_dbt" / "models").rglob("*.sql")}
    assert models <= set(names)


def test_lineage_reaches_from_raw_to_the_views() -> None:
    """Every view depends on the raw repositories, by way of staging and the facts."""
    graph = defs.resolve_asset_graph()
    raw = dg.AssetKey("raw_github_repos")
    for view in (
        "analytics_trending_repos_current",
        "analytics_render_showcase",
        "analytics_language_rankings",
    ):
        above = dg.AssetSelection.assets(view).upstream().resolve(graph)
        assert {raw, dg.AssetKey("repo_file_findings")} <= above
        assert dg.AssetKey("fact_repo_snapshots") in above


def test_marketing_has_a_job_of_its_own() -> None:
    """The hour builds no marketing table; all of them stand on what it measured."""
    graph = defs.resolve_asset_graph()
    wing = dg.AssetSelection.groups("marketing").resolve(graph)
    assert {dg.AssetKey(name) for name in ("marketing_cards", "monthly_drafts")} <= wing
    assert defs.resolve_job_def("marketing_refresh").asset_layer.selected_asset_keys == wing
    assert not wing & defs.resolve_job_def("hourly_refresh").asset_layer.selected_asset_keys
    for key in wing:
        above = dg.AssetSelection.assets(key).upstream().resolve(graph)
        assert dg.AssetKey("raw_github_repos") in above


def test_checks_exist_on_every_layer() -> None:
    """Raw, staging and analytics have checks; what protects readers blocks."""
    graph = defs.resolve_asset_graph()
    checked = {key.asset_key.path[-1] for key in graph.asset_check_keys}
    assert {"raw_github_repos", "repo_file_findings", "stg_repos_validated",
            "dim_repositories", "fact_repo_snapshots"} <= checked  # fmt: skip
    names = {key.name for key in graph.asset_check_keys}
    assert any("most_repositories_have_good_data" in name for name in names)
    assert {"streams_are_fresh", "sources_are_fresh", "payloads_keep_their_shape",
            "every_accepted_observation_reaches_the_facts", "versions_are_seamless",
            "ranks_are_dense_and_unique", "every_source_was_fetched"} <= names  # fmt: skip


def test_the_job_may_not_run_for_ever() -> None:
    """A hanging step is ended by Dagster's run monitoring."""
    job = defs.resolve_job_def("hourly_refresh")
    assert job.tags["dagster/max_runtime"] == str(MAX_RUNTIME_SECONDS)
    text = (CHECKOUT / "dagster.yaml").read_text()
    assert re.search(r"run_monitoring:\s+enabled: true", text)
    assert "max_runtime_seconds: 1800" in text


def test_everything_that_runs_by_itself_is_on() -> None:
    """The schedule and the sensors are running as soon as the daemon is."""
    schedule = defs.resolve_schedule_def("hourly")
    assert schedule.cron_schedule == "0 * * * *"
    assert schedule.execution_timezone == "UTC"
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
    sensors = {sensor.name: sensor for sensor in defs.sensors or ()}
    assert set(sensors) >= {
        "rebuild", "record_success", "record_failure", "record_canceled", "alert_on_failure",
        "end_dead_runs",
    }  # fmt: skip
    for sensor in sensors.values():
        assert sensor.default_status == dg.DefaultSensorStatus.RUNNING, sensor.name


@pytest.mark.slow
def test_dagsters_own_validation_passes(tmp_path: Path, database_url: str) -> None:
    """`dagster definitions validate` loads the code location from the repository's root."""
    import os

    outcome = subprocess.run(
        [
            str(Path(sys.executable).parent / "dagster"), "definitions", "validate",
            "-m", "trender_assets.definitions",
        ],
        cwd=CHECKOUT,
        env={**os.environ, "DATABASE_URL": database_url, "TRENDER_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    assert "Validation successful" in outcome.stdout + outcome.stderr
