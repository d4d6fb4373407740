"""A count of stars that fell since the star history was read: the two are never combined."""

from __future__ import annotations

import inspect
import re
from datetime import timedelta
from typing import Any

import pytest

from tests.dbt.seen import Seen, flat_gains, utc
from tests.dbt.warehouse import Warehouse
from trender_assets.dbt.runner import PROJECT_DIR
from trender_assets.trending.known import repositories_due_for_stars
from trender_assets.warehouse.connect import connect

READ = utc("2026-05-20 12:00")
FELL = READ + timedelta(hours=1)
READ_AGAIN = READ + timedelta(hours=2)
HIDDEN, BOUGHT, NOISE, SMALL, IMPOSSIBLE = 10, 20, 30, 40, 50


@pytest.fixture(scope="module")
def world(module_warehouse: Warehouse) -> Warehouse:
    """Five repositories whose history was read at noon, seen again an hour and two hours later."""
    gains = flat_gains(READ, 30)
    week_ago = READ - timedelta(days=7, hours=2)
    module_warehouse.run(week_ago, [Seen(HIDDEN, stars=700), Seen(BOUGHT, stars=790)])
    module_warehouse.run(
        READ,
        [
            Seen(HIDDEN, stars=924, gains=gains),
            Seen(BOUGHT, stars=1000, gains=gains),
            Seen(NOISE, stars=2000, gains=gains),
            Seen(SMALL, stars=7, gains=flat_gains(READ, 1, days=7), created="2026-05-01T00:00:00Z"),
            Seen(IMPOSSIBLE, stars=3, gains=gains),
        ],
    )
    module_warehouse.build()
    module_warehouse.run(
        FELL,
        [
            Seen(HIDDEN, stars=0), Seen(BOUGHT, stars=700), Seen(NOISE, stars=1985),
            Seen(SMALL, stars=5), Seen(IMPOSSIBLE, stars=3),
        ],
    )  # fmt: skip
    module_warehouse.build(with_tests=True)
    module_warehouse.run(
        READ_AGAIN,
        [Seen(HIDDEN, stars=0, gains={}), Seen(BOUGHT, stars=700, gains=flat_gains(READ, 10))],
    )
    module_warehouse.build()
    return module_warehouse


def _hour(world: Warehouse, repo_id: int, hour: Any) -> dict[str, Any]:
    (row,) = world.rows(
        "select * from analytics.fact_repo_snapshots_hourly "
        "where repo_id = %s and snapshot_hour = %s",
        [repo_id, hour],
    )
    return row


@pytest.mark.parametrize(
    ("repo_id", "reason", "net"),
    [
        (HIDDEN, "stars disagree: 0 now, 924 when the star history was read", -700),
        (BOUGHT, "stars disagree: 700 now, 1000 when the star history was read", -90),
    ],
)
def test_a_fall_is_unranked_with_its_reason(
    world: Warehouse, repo_id: int, reason: str, net: int
) -> None:
    """924 stars that became 0 within an hour took rank 1 with a velocity of 400 % and more."""
    row = _hour(world, repo_id, FELL)
    assert (row["stars_gained_1d"], row["stars_gained_7d"], row["stars_gained_28d"]) == (None,) * 3
    assert row["stars_gained_7d_source"] is None and row["trend_score"] is None
    assert row["stars_gained_7d_reason"] == row["momentum_reason"] == reason
    assert not row["is_ranked"]
    assert row["stars_net_7d"] == net
    known = world.value(
        "select star_history_reason from staging.int_observations "
        "where repo_id = %s and as_of = %s", [repo_id, FELL]
    )  # fmt: skip
    assert known == reason


def test_it_ranks_again_when_its_history_was_read_again(world: Warehouse) -> None:
    """Once both readings are of one moment they count, whatever they say."""
    hidden, bought = _hour(world, HIDDEN, READ_AGAIN), _hour(world, BOUGHT, READ_AGAIN)
    assert (hidden["stars_gained_7d"], bought["stars_gained_7d"]) == (0, 70)
    assert hidden["is_ranked"] and bought["is_ranked"]


def test_people_who_take_a_star_back_are_no_fall(world: Warehouse) -> None:
    """Ten of them, or one in a hundred, leave the rank; the gain is never above the stars."""
    noise, small = _hour(world, NOISE, FELL), _hour(world, SMALL, FELL)
    assert noise["stars_gained_7d"] == 210 and noise["is_ranked"]
    assert (small["stars"], small["stars_gained_7d"], small["is_ranked"]) == (5, 5, True)
    assert small["star_velocity"] == 100


def test_a_history_of_more_stars_than_there_are_is_not_believed(world: Warehouse) -> None:
    """Read in the same moment, too: GitHub's history may be behind its own count."""
    row = _hour(world, IMPOSSIBLE, READ)
    assert not row["is_ranked"]
    assert row["momentum_reason"].startswith("stars disagree: 3 now, 840 gained in 28 days")


def test_the_history_of_what_fell_is_due_at_once(world: Warehouse) -> None:
    """It would else have stayed unranked, or wrongly first, until the next day of Los Angeles."""
    with connect(world.url) as connection:
        due = {
            moment: [
                repo_id
                for repo_id, _ in repositories_due_for_stars(connection, "python", moment, 12)
            ]
            for moment in (READ, FELL, READ_AGAIN)
        }
    assert due == {READ: [], FELL: [HIDDEN, BOUGHT], READ_AGAIN: []}


def test_both_sides_take_the_same_fall_for_noise() -> None:
    """Only a comment said so: had one threshold moved, a repository whose stars fell in between
    would stay unranked for a day, because nobody reads its history again."""
    macro = (PROJECT_DIR / "macros" / "gains.sql").read_text(encoding="utf-8")
    rule = re.search(r"macro is_fall\(before, now\).*?-#}\s*(.*?)\s*{%- endmacro", macro, re.DOTALL)
    assert rule is not None
    measure = rule[1].replace("{{ before }}", "stars_before").replace("{{ now }}", "stars_now")
    assert f" {measure}\n" in inspect.getsource(repositories_due_for_stars)
