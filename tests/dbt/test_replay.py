"""Real daily star counts, replayed through the models, against a computation of its own.

The recorded rankings (top 100 per language and day) are landed day by day: twelve days of 2025
with nine days missing in between, then ten days of 2026. pandas computes gains, momentum, ranks
and versions from the CSV alone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.dbt.seen import Seen
from tests.dbt.warehouse import Warehouse
from trender_assets.text import clean_text

POOLS = {"Python": "python", "TypeScript": "typescript", "Go": "go"}
GAP_DAYS = ("2025-10-10", "2025-10-30")
MAIN_DAYS = ("2026-01-01", "2026-01-10")
BUILD_EVERY = 4
EVERY_LANGUAGE_COMPETES = {
    "languages": [{"slug": slug, "name": name} for name, slug in POOLS.items()]
}


def _load(folder: Path) -> pd.DataFrame:
    frames = []
    for name, (first, last) in (
        ("ranking_gap_2025-10-05_2025-11-05.csv.gz", GAP_DAYS),
        ("ranking_main_2026-01-01_2026-04-10.csv.gz", MAIN_DAYS),
    ):
        frame = pd.read_csv(folder / name, keep_default_na=False)
        frames.append(frame[frame.snapshot_date.between(first, last) & frame.item.isin(POOLS)])
    days = pd.concat(frames, ignore_index=True)
    days["repo_id"] = days.repo_url.map(
        {url: n + 1 for n, url in enumerate(days.repo_url.unique())}
    )
    days["pool"] = days.item.map(POOLS)
    days["day"] = pd.to_datetime(days.snapshot_date)
    return days


def _seen(row: Any) -> Seen:
    return Seen(
        int(row.repo_id),
        row.repo_url.removeprefix("https://github.com/"),
        stars=int(row.stars),
        language=row.language or None,
        extra={
            "description": row.description or None,
            "forkCount": int(row.forks),
            "openIssues": {"totalCount": int(row.issues)},
            "pushedAt": row.last_commit,
        },
    )


@pytest.fixture(scope="module")
def days(shared_data: Path) -> pd.DataFrame:
    return _load(shared_data / "ranking")


@pytest.fixture(scope="module")
def replayed(module_warehouse: Warehouse, days: pd.DataFrame) -> Warehouse:
    for number, (day, rows) in enumerate(days.groupby("snapshot_date")):
        as_of = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
        for pool, members in rows.groupby("pool"):
            module_warehouse.run(
                as_of, [_seen(row) for row in members.itertuples()], source=str(pool)
            )
        if number % BUILD_EVERY == 0:
            module_warehouse.build(variables=EVERY_LANGUAGE_COMPETES)
    module_warehouse.build(variables=EVERY_LANGUAGE_COMPETES, with_tests=True)
    return module_warehouse


@pytest.fixture(scope="module")
def expected(days: pd.DataFrame) -> pd.DataFrame:
    """Gains, momentum and ranks by pandas; activity is known to be zero, all are old."""
    stars = days.set_index(["repo_id", "day"]).stars.to_dict()

    def gain(row: Any) -> float | None:
        for ago in (7, 8):
            then = stars.get((row.repo_id, row.day - pd.Timedelta(days=ago)))
            if then is not None:
                return row.stars - then
        return None

    result = days[["repo_id", "day", "pool", "stars"]].copy()
    result["gain"] = [gain(row) for row in days.itertuples()]
    result["momentum"] = result.gain / result.stars.clip(lower=1) * 100 * 0.4 * 0.9
    ordered = result.dropna(subset="momentum").sort_values(
        ["momentum", "stars", "repo_id"], ascending=[False, False, True]
    )
    result["rank_overall"] = ordered.groupby("day").cumcount() + 1
    result["rank_in_language"] = ordered.groupby(["day", "pool"]).cumcount() + 1
    return result.sort_values(["repo_id", "day"]).reset_index(drop=True)


@pytest.fixture(scope="module")
def built(replayed: Warehouse) -> pd.DataFrame:
    rows = replayed.rows(
        "select repo_id, snapshot_date as day, pool, stars, stars_gained_7d as gain, "
        "momentum_score as momentum, rank_overall, rank_in_language, stars_gained_7d_source "
        "from analytics.fact_repo_snapshots order by repo_id, snapshot_date"
    )
    return pd.DataFrame(rows)


def test_every_day_is_there_and_no_other(built: pd.DataFrame, days: pd.DataFrame) -> None:
    """One row per repository and observed day; a missing day stays missing."""
    assert len(built) == len(days.drop_duplicates(["repo_id", "day"]))
    assert built.day.nunique() == days.day.nunique()


def test_gains_are_right_across_the_gap(built: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Net gains of 7 to 8 days, NULL where the gap leaves nothing to compare."""
    ours = built.gain.astype("Float64")
    truth = expected.gain.astype("Float64")
    assert ours.isna().equals(truth.isna())
    assert ours.fillna(0).equals(truth.fillna(0))
    assert truth.notna().sum() > 600 and truth.isna().sum() > 2000
    assert (truth.dropna() < 0).any()


def test_momentum_and_ranks_are_right(built: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Every momentum, and every rank with its tie-break, of every day."""
    scores = pd.DataFrame(
        {"ours": built.momentum.astype(float), "truth": expected.momentum.astype(float)}
    ).dropna(how="all")
    assert (scores.ours - scores.truth).abs().max() < 1e-9
    for rank in ("rank_overall", "rank_in_language"):
        assert built[rank].astype("Int64").equals(expected[rank].astype("Int64")), rank


def test_versions_are_right(replayed: Warehouse, days: pd.DataFrame) -> None:
    """A version for each change of the description or the language, no other."""
    wanted = []
    for repo_id, rows in days.sort_values("day").groupby("repo_id"):
        previous = None
        for row in rows.itertuples():
            text = clean_text(row.description).strip(" ") or None
            state = (row.repo_url, text, row.language or "Unknown")
            if state != previous:
                wanted.append((repo_id, row.snapshot_date, *state))
            previous = state
    rows = replayed.rows(
        "select repo_id, to_char(valid_from at time zone 'UTC', 'YYYY-MM-DD') as since, repo_url, "
        "description, language from analytics.dim_repositories order by repo_id, valid_from"
    )
    assert [tuple(row.values()) for row in rows] == wanted
    assert len(wanted) > days.repo_id.nunique()
