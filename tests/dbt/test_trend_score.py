"""The trend score's SQL macro on a real PostgreSQL: its range, its nulls, its ties, its pools."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jinja2 import Environment
from psycopg.rows import dict_row

from tests.dbt.competitors import COLUMNS, POOLS, Row, ladder, repo
from trender_assets.warehouse.connect import connect

MACRO = Path(__file__).resolve().parents[2] / "trender_dbt" / "macros" / "trend_score.sql"
PARTS = ("pace", "growth", "activity")
Scorer = Callable[[list[Row]], dict[int, Row]]


def macro(call: str) -> str:
    return Environment().from_string(MACRO.read_text() + "{{ " + call + " }}").render()


@pytest.fixture(scope="module")
def connection(postgres_server: str) -> Iterator[psycopg.Connection]:
    with connect(postgres_server, autocommit=True) as opened:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        opened.execute(f"create temporary table competitors ({columns})")
        yield opened


@pytest.fixture(scope="module")
def score(connection: psycopg.Connection) -> Scorer:
    statement = macro("trend_score('competitors', snapshot='snapshot_date')")
    insert = "insert into competitors values (" + ", ".join(f"%({name})s" for name in COLUMNS) + ")"

    def run(rows: list[Row]) -> dict[int, Row]:
        with connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute("truncate competitors")
            cursor.executemany(insert, rows)
            found = cursor.execute(statement).fetchall()
        assert len({row["repo_id"] for row in found}) == len(found)
        return {row["repo_id"]: row for row in found}

    return run


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pools=POOLS)
def test_every_input_gives_a_score_from_0_to_100_that_its_parts_add_up_to(
    score: Scorer, pools: list[Row]
) -> None:
    """Total for all inputs. T03: no overflow, no division by zero on 0 stars."""
    rows = [repo(i, **values) for i, values in enumerate(pools)]
    found = score(rows)
    assert set(found) == {row["repo_id"] for row in rows if row["pool"] is not None}
    for row in rows:
        if row["pool"] is None:
            continue
        answer = found[row["repo_id"]]
        gains = [row[f"stars_gained_{days}d"] for days in (1, 7, 28)]
        if gains == [None, None, None]:
            assert answer["trend_score"] is None
            assert answer["trend_parts"]["pace"] is None
            continue
        assert 0 < answer["trend_score"] < 100
        known = [part for part in PARTS if answer["trend_parts"][part] is not None]
        total = sum(answer["trend_parts"][part]["points"] for part in known)
        assert math.isclose(answer["trend_score"], total, abs_tol=1e-9)
        weights = sum(answer["trend_parts"][part]["weight"] for part in known)
        assert math.isclose(weights, 1, abs_tol=1e-9)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(pools=POOLS, data=st.data())
def test_the_order_of_rows_and_the_other_pools_change_nothing(
    score: Scorer, pools: list[Row], data: st.DataObject
) -> None:
    rows = [repo(i, **values) for i, values in enumerate(pools)]
    together = score(data.draw(st.permutations(rows)))
    alone = score([row for row in rows if row["pool"] == "go"])
    assert {i: row for i, row in together.items() if row["pool"] == "go"} == alone


def test_the_pace_is_stars_per_day_blended_over_1_7_and_28_days(score: Scorer) -> None:
    found = score([repo(1, stars_gained_1d=10, stars_gained_7d=35, stars_gained_28d=28)])
    pace = found[1]["trend_parts"]["pace"]["value"]
    assert pace == pytest.approx(0.2 * 10 + 0.4 * 35 / 7 + 0.4 * 28 / 28)


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        (("stars_gained_1d",), (0.4 * 5 + 0.4 * 1) / 0.8),
        (("stars_gained_28d",), (0.2 * 10 + 0.4 * 5) / 0.6),
        (("stars_gained_1d", "stars_gained_28d"), 5),
        (("stars_gained_1d", "stars_gained_7d"), 1),
    ],
)
def test_an_unknown_gain_is_left_out_and_is_not_zero(
    score: Scorer, unknown: tuple[str, ...], expected: float
) -> None:
    """Unknown gains are null, never 0."""
    row = repo(1, stars_gained_1d=10, stars_gained_7d=35, stars_gained_28d=28)
    found = score([row | dict.fromkeys(unknown)])
    assert found[1]["trend_parts"]["pace"]["value"] == pytest.approx(expected)


def test_a_repository_without_any_known_gain_has_no_score_and_moves_nobody(score: Scorer) -> None:
    rows = ladder(3)
    nothing = dict.fromkeys(("stars_gained_1d", "stars_gained_7d", "stars_gained_28d"))
    inactive = dict.fromkeys(
        ("commits_last_7_days", "issues_closed_last_7_days", "active_contributors")
    )
    found = score([*rows, repo(99, **nothing, **inactive)])
    assert found[99]["trend_score"] is None
    assert found[99]["trend_parts"]["coverage"] is None
    before = score(rows)
    assert {i: found[i]["trend_score"] for i in (1, 2, 3)} == {
        i: before[i]["trend_score"] for i in (1, 2, 3)
    }


def test_unknown_activity_gives_its_weight_to_the_other_parts(score: Scorer) -> None:
    rows = ladder()
    rows[3] |= dict.fromkeys(
        ("commits_last_7_days", "issues_closed_last_7_days", "active_contributors")
    )
    parts = score(rows)[4]["trend_parts"]
    assert parts["activity"] is None
    assert parts["coverage"] == pytest.approx(0.9)
    assert parts["pace"]["weight"] == pytest.approx(0.8 / 0.9)
    assert parts["growth"]["weight"] == pytest.approx(0.1 / 0.9)


def test_one_unknown_count_leaves_the_activity_of_the_others(score: Scorer) -> None:
    rows = ladder()
    rows[6] |= {"issues_closed_last_7_days": None}
    activity = score(rows)[7]["trend_parts"]["activity"]
    assert activity["value"] == pytest.approx(6.5 / 7)
    assert activity["weight"] == pytest.approx(0.1)


def test_the_weights_sum_to_one(score: Scorer) -> None:
    found = score(ladder())
    for row in found.values():
        assert row["trend_parts"]["coverage"] == pytest.approx(1)
        assert sum(row["trend_parts"][part]["weight"] for part in PARTS) == pytest.approx(1)


def test_equal_repositories_score_equally_at_the_middle_of_their_places(score: Scorer) -> None:
    found = score([repo(i) for i in range(5)])
    assert {row["trend_score"] for row in found.values()} == {50.0}


def test_equal_paces_of_different_windows_tie_to_the_last_bit(score: Scorer) -> None:
    """The blend is decimal: 0.2 · 3 + 0.4 · 1 and 0.2 · 1 + 0.4 · 2 are the same pace."""
    found = score(
        [
            repo(1, stars_gained_1d=3, stars_gained_7d=7, stars_gained_28d=28),
            repo(2, stars_gained_1d=1, stars_gained_7d=14, stars_gained_28d=28),
            repo(3, stars_gained_1d=1, stars_gained_7d=7, stars_gained_28d=56),
        ]
    )
    assert {row["trend_parts"]["pace"]["percentile"] for row in found.values()} == {50.0}


def test_a_pool_of_one_stands_in_the_middle(score: Scorer) -> None:
    found = score([repo(1), repo(2, pool="python", stars=0, stars_gained_1d=0)])
    assert found[1]["trend_score"] == 50.0
    assert found[2]["trend_score"] == 50.0


def test_a_ladder_is_ordered_and_its_ends_are_half_a_place_from_the_limits(score: Scorer) -> None:
    found = score(ladder(5))
    assert [found[i]["trend_score"] for i in range(1, 6)] == pytest.approx([10, 30, 50, 70, 90])


@pytest.mark.parametrize(
    ("column", "part"),
    [
        ("stars_gained_1d", "pace"),
        ("stars_gained_7d", "pace"),
        ("stars_gained_28d", "pace"),
        ("commits_last_7_days", "activity"),
        ("issues_closed_last_7_days", "activity"),
        ("active_contributors", "activity"),
    ],
)
def test_more_is_never_less(score: Scorer, column: str, part: str) -> None:
    """Raising one column of one repository, step by step, never lowers its score."""
    scores, percentiles = [], []
    for value in (0, 1, 5, 20, 60, 300, 3000):
        rows = ladder()
        rows[3] |= {column: value}
        answer = score(rows)[4]
        scores.append(answer["trend_score"])
        percentiles.append(answer["trend_parts"][part]["percentile"])
    assert scores == sorted(scores)
    assert percentiles == sorted(percentiles)
    assert scores[0] < scores[-1]


def test_the_same_gain_weighs_more_in_a_smaller_repository(score: Scorer) -> None:
    found = score([repo(1, stars=100_000), repo(2, stars=2_000), repo(3, stars=500)])
    assert found[1]["trend_score"] < found[2]["trend_score"] < found[3]["trend_score"]


def test_a_tiny_repository_does_not_outgrow_a_real_rise(score: Scorer) -> None:
    """+5 stars on 5 is infinite growth; it is shrunk by the pool's typical size."""
    tiny = repo(1, stars=5, stars_gained_1d=1, stars_gained_7d=5, stars_gained_28d=5)
    rise = repo(2, stars=3000, stars_gained_1d=60, stars_gained_7d=400, stars_gained_28d=900)
    found = score([tiny, rise, *(repo(i, stars=2000 + i) for i in range(3, 9))])
    tiny_growth, rise_growth = (found[i]["trend_parts"]["growth"]["percentile"] for i in (1, 2))
    assert tiny_growth < rise_growth
    assert found[1]["trend_score"] < 50 < found[2]["trend_score"]


def test_a_busy_monorepo_without_stars_does_not_win(score: Scorer) -> None:
    """Unbounded commit counts swamped the draft's momentum; here activity is one tenth."""
    rows = ladder()
    rows[0] |= {
        "commits_last_7_days": 9000,
        "issues_closed_last_7_days": 4000,
        "active_contributors": 500,
    }
    found = score(rows)
    assert found[1]["trend_score"] < found[3]["trend_score"]


def test_lost_stars_rank_below_no_change(score: Scorer) -> None:
    """Un-stars give negative gains, which are values like others."""
    lost = repo(1, stars_gained_1d=-3, stars_gained_7d=-9, stars_gained_28d=-20)
    still = repo(2, stars_gained_1d=0, stars_gained_7d=0, stars_gained_28d=0)
    found = score([lost, still, repo(3)])
    assert found[1]["trend_score"] < found[2]["trend_score"] < found[3]["trend_score"]


def test_another_day_of_the_same_pool_changes_nothing(score: Scorer) -> None:
    today = ladder()
    tomorrow = [
        row
        | {"snapshot_date": "2026-01-06", "repo_id": row["repo_id"] + 100, "stars_gained_7d": 40}
        for row in today
    ]
    found = score([*today, *tomorrow])
    alone = score(today)
    assert {i: row for i, row in found.items() if i < 100} == alone


def test_acceleration_is_shown_but_not_scored(score: Scorer) -> None:
    rising = score([repo(1, stars_gained_7d=70, stars_gained_28d=28), repo(2)])
    assert rising[1]["trend_parts"]["acceleration"] == pytest.approx(math.log(11 / 2))
    unknown = score([repo(1, stars_gained_28d=None)])
    assert unknown[1]["trend_parts"]["acceleration"] is None


def test_it_can_be_called_on_hours(connection: psycopg.Connection) -> None:
    connection.execute(
        "create or replace temporary view hourly as select *, "
        "timestamptz '2026-01-05 10:00+00' as snapshot_hour from competitors"
    )
    connection.execute("truncate competitors")
    connection.execute(
        "insert into competitors values (1, 'go', null, 10, 1, 1, 1, null, null, null)"
    )
    statement = macro("trend_score('hourly', snapshot='snapshot_hour')")
    found = connection.execute(f"select trend_score from ({statement}) as trend").fetchall()
    assert found == [(50.0,)]
