"""What the traps and fault tables say of stars, scores, history and data quality, one by one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.dbt.seen import Seen, utc
from tests.dbt.trap_world import WEEK_AGO, fill
from tests.dbt.warehouse import Warehouse


@pytest.fixture(scope="module")
def world(module_warehouse: Warehouse) -> Warehouse:
    """The world of traps, built."""
    fill(module_warehouse)
    return module_warehouse


def _fact(world: Warehouse, repo_id: int, day: str = "2026-05-20") -> dict[str, Any]:
    (row,) = world.rows(
        "select * from analytics.fact_repo_snapshots where repo_id = %s and snapshot_date = %s",
        [repo_id, day],
    )
    return row


def _repo(world: Warehouse, repo_id: int) -> dict[str, Any]:
    (row,) = world.rows("select * from staging.stg_repos_validated where repo_id = %s", [repo_id])
    return row


def test_unknown_gain_uses_own_snapshots_else_null(world: Warehouse) -> None:
    """Never 0 for unknown; the reason says what was tried."""
    own, none = _fact(world, 10), _fact(world, 11)
    assert (own["stars_gained_7d"], own["stars_gained_7d_source"]) == (60, "own_snapshots")
    assert own["stars_gained_7d_reason"] == "stars: 502"
    assert none["stars_gained_7d"] is None and none["momentum_score"] is None
    assert "not asked yet" in none["momentum_reason"] and not none["is_ranked"]


def test_three_star_columns(world: Warehouse) -> None:
    """Gained, per day and percent are three columns, and the score uses the percent."""
    row = _fact(world, 51)
    assert row["stars_gained_7d"] == 28
    assert row["stars_per_day_7d"] == pytest.approx(4)
    assert row["star_velocity"] == row["star_velocity_pct_7d"] == pytest.approx(2.8)
    assert row["star_growth_pct_7d"] == pytest.approx(28 / 972 * 100)


def test_scores_are_total(world: Warehouse) -> None:
    """0, 1 and 2^53 stars give finite numbers."""
    assert _fact(world, 30)["star_velocity"] == 0
    assert _fact(world, 30)["star_growth_pct_7d"] is None
    assert _fact(world, 31)["star_velocity"] == 100
    assert _fact(world, 32)["stars"] == 2**53
    assert _fact(world, 32)["stars_gained_7d"] == 7 * (2**31 - 1)


def test_net_and_retained_stay_apart(world: Warehouse) -> None:
    """Unstars make the net gain negative; the retained gain is another number."""
    row = _fact(world, 40)
    assert row["stars_net_7d"] == -10
    assert row["stars_retained_7d"] == 14
    assert (row["stars_gained_7d"], row["stars_gained_7d_source"]) == (14, "github_history")


def test_invalid_weeks_are_not_used(world: Warehouse) -> None:
    """A week whose days don't add up is unknown, so the gain comes from elsewhere."""
    row = _fact(world, 50)
    assert row["stars_gained_7d_source"] == "own_snapshots"
    assert row["stars_gained_7d"] == 100
    assert "does not cover" in row["stars_gained_7d_reason"]
    days = world.rows(
        "select star_date, stars_gained from analytics.fact_star_days "
        "where repo_id = 51 order by star_date desc limit 1"
    )
    assert days == [{"star_date": date(2026, 5, 19), "stars_gained": 4}]


def test_closed_issues_count_by_closing(world: Warehouse) -> None:
    """ClosedAt decides, to the second, not updatedAt."""
    assert _fact(world, 70)["issues_closed_last_7_days"] == 2


def test_active_contributors_are_people_of_the_week(world: Warehouse) -> None:
    """Distinct by login, e-mail, name; no bots; nobody of an earlier week."""
    assert _fact(world, 80)["active_contributors"] == 3


def test_render_boost_is_labelled(world: Warehouse) -> None:
    """Both ranks are kept; the boost alone turns them round."""
    render, plain = _fact(world, 100), _fact(world, 101)
    assert (render["render_boost"], plain["render_boost"]) == (1.2, 1)
    assert render["momentum_score"] == pytest.approx(render["momentum_unboosted"] * 1.2)
    assert render["rank_overall"] < plain["rank_overall"]
    assert render["rank_overall_unboosted"] > plain["rank_overall_unboosted"]


def test_age_factor(world: Warehouse) -> None:
    """0.9 for what was created more than 180 days before the observation."""
    assert _fact(world, 51)["age_factor"] == 0.9
    assert _fact(world, 130)["age_factor"] == 1


def test_ties_are_broken_by_stars_then_id(world: Warehouse) -> None:
    """Equal scores have different ranks, the same in every rebuild."""
    first, second = _fact(world, 130), _fact(world, 131)
    assert first["momentum_score"] == second["momentum_score"] > 0
    assert second["rank_in_language"] == first["rank_in_language"] + 1


def test_quality_is_of_our_data(world: Warehouse) -> None:
    """A quiet repository without stars is perfect data; an unread one is not."""
    assert _repo(world, 240)["data_quality_score"] == pytest.approx(1)
    assert _repo(world, 241)["data_quality_score"] < 0.9
    assert _repo(world, 241)["dq_validity"] == 1


def test_a_name_is_not_a_key(world: Warehouse) -> None:
    """A rename keeps its history; the old name's new owner starts from nothing."""
    names = world.rows(
        "select repo_full_name, is_current from analytics.dim_repositories "
        "where repo_id = 250 order by valid_from"
    )
    assert [(row["repo_full_name"], row["is_current"]) for row in names] == [
        ("old/name", False),
        ("new/name", True),
    ]
    assert _fact(world, 250)["stars_net_7d"] == 10
    assert _fact(world, 251)["stars_net_7d"] is None


def test_facts_point_to_the_version_of_their_time(world: Warehouse) -> None:
    """One row a day per repository, joined to the version that was valid."""
    rows = world.rows(
        "select d.repo_full_name from analytics.fact_repo_snapshots f "
        "join analytics.dim_repositories d using (repo_key) where f.repo_id = 250 "
        "order by snapshot_date"
    )
    assert [row["repo_full_name"] for row in rows] == ["old/name", "new/name"]


def test_what_one_stream_missed_stays_visible(world: Warehouse) -> None:
    """Go was not asked today; its repositories are still shown, as of then, stale."""
    rows = world.rows(
        "select repo_id, as_of, is_stale, rank_in_language "
        "from analytics.analytics_trending_repos_current where pool = 'go'"
    )
    assert rows == [{"repo_id": 291, "as_of": WEEK_AGO, "is_stale": True, "rank_in_language": 1}]
    assert (
        world.value(
            "select bool_or(is_stale) from analytics.analytics_trending_repos_current "
            "where pool = 'python'"
        )
        is False
    )


def test_languages_lose_nobody(world: Warehouse) -> None:
    """No language, C#, an emoji and 200 letters all have their row and address."""
    rows = world.rows("select language_name, language_slug from analytics.dim_languages")
    slugs = {row["language_name"]: row["language_slug"] for row in rows}
    assert slugs["Unknown"] == "unknown"
    assert slugs["C#"] == "csharp" and slugs["C++"] == "cpp"
    assert slugs["Jupyter Notebook"] == "jupyter-notebook"
    assert slugs["🦀"].startswith("language-")
    assert len(set(slugs.values())) == len(slugs)
    assert (
        world.value(
            "select count(*) from analytics.fact_repo_snapshots f "
            "left join analytics.dim_languages l using (language_key) where l.language_key is null"
        )
        == 0
    )


def test_nothing_is_lost_silently(world: Warehouse) -> None:
    """Found answers = accepted + quarantined, and enrichment holds what Render found."""
    assert world.value(
        "select (select count(*) from staging.int_observations) = "
        "(select count(*) from analytics.fact_repo_snapshots_hourly) + "
        "(select count(*) from staging.stg_repos_quarantined where origin = 'fetch_log')"
    )
    assert world.value("select count(*) from staging.stg_render_enrichment") == 8


def test_categories(world: Warehouse) -> None:
    """Each category by its evidence; the topic alone proves nothing."""
    rows = world.rows("select repo_id, render_category from staging.stg_render_enrichment")
    assert {row["repo_id"]: row["render_category"] for row in rows} == {
        100: "blueprint",
        383: "official",
        384: "employee",
        385: "employee",
        386: "community",
        387: "community",
        388: "uncategorised",
        389: "blueprint",
    }


def test_only_nextjs_competes_in_typescript(world: Warehouse) -> None:
    """Yes is ranked; no and unknown say why they are not."""
    assert _fact(world, 380)["rank_in_language"] == 1
    assert _fact(world, 381)["unranked_reason"].endswith("(no)")
    assert _fact(world, 382)["unranked_reason"].endswith("(unknown)")
    assert _fact(world, 370)["unranked_reason"] == "archived"


def test_render_usage_has_a_key(world: Warehouse) -> None:
    """One row per type and day, databases and unknown types among them."""
    rows = world.rows(
        "select service_type, service_count from analytics.fact_render_usage "
        "where repo_id = 389 order by service_type"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("cron", 2),
        ("database", 2),
        ("unknown:x", 1),
        ("web", 1),
    ]


def test_adoption_counts_the_whole_frame(world: Warehouse) -> None:
    """Render's share is of all that compete, not of the fifty shown."""
    row = world.rows(
        "select distinct render_adoption_count, ranked_count "
        "from analytics.analytics_language_rankings where pool = 'python'"
    )
    counted = world.rows(
        "select count(*) filter (where uses_render) as render_adoption_count, "
        "count(*) as ranked_count from analytics.fact_repo_snapshots "
        "where pool = 'python' and is_ranked and snapshot_date = '2026-05-20'"
    )
    assert row == counted


def test_impossible_values_are_refused_with_reasons(world: Warehouse) -> None:
    """Refused, with what was wrong; nothing of them in staging or facts."""
    rows = world.rows("select repo_id, reasons from staging.stg_repos_quarantined")
    reasons = {row["repo_id"]: "; ".join(row["reasons"]) for row in rows}
    assert set(reasons) == {*range(110, 116), *range(120, 127), 999}
    assert all("stars" in reasons[repo_id] for repo_id in range(110, 116))
    assert "future" in reasons[122] and "unreadable" in reasons[121]
    assert "databaseId" in reasons[124] and "url" in reasons[125]
    assert (
        world.value(
            "select count(*) from staging.stg_repos_validated where repo_id = any(%s)",
            [list(reasons)],
        )
        == 0
    )


def test_odd_but_possible_values_are_flagged(world: Warehouse) -> None:
    """An offset of +14:00 is a moment; a negative count is unknown and costs validity."""
    assert _repo(world, 127)["created_at"] == utc("2024-02-29 09:59:59")
    assert _repo(world, 128)["forks"] is None and _repo(world, 128)["dq_validity"] < 1


def test_daylight_saving_days(warehouse: Warehouse) -> None:
    """The seven days are Los Angeles' calendar days over both changes of the clock."""
    for repo_id, moment in ((1, utc("2026-03-09 08:30")), (2, utc("2026-11-02 07:30"))):
        today = (moment - timedelta(hours=8)).date()
        gains = {today - timedelta(days=n): 10**n for n in range(9)}
        warehouse.run(moment, [Seen(repo_id, stars=10**9, gains=gains)])
    warehouse.build()
    rows = warehouse.rows(
        "select repo_id, stars_gained_7d, stars_gained_1d, star_window_end "
        "from analytics.fact_repo_snapshots order by repo_id"
    )
    assert [row["stars_gained_7d"] for row in rows] == [11111110, 11111110]
    assert [row["star_window_end"] for row in rows] == [date(2026, 3, 8), date(2026, 10, 31)]
