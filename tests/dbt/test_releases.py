"""Releases: every one that was ever listed, and which of them their authors took back."""

from __future__ import annotations

from typing import Any

from tests.dbt.seen import Seen
from tests.dbt.warehouse import Warehouse
from trender_assets.warehouse.connect import connect

COLUMNS = "tag, release_name, published_at::date::text as day, is_prerelease, is_withdrawn"


def release(tag: str, day: str, *, name: str | None = None, pre: Any = False) -> dict[str, Any]:
    return {"tagName": tag, "name": name, "publishedAt": f"{day}T08:00:00Z", "isPrerelease": pre}


def listed(warehouse: Warehouse) -> list[dict[str, Any]]:
    return warehouse.rows(f"select {COLUMNS} from analytics.fact_releases order by published_at")


def test_a_release_stays_known_until_its_authors_take_it_back(warehouse: Warehouse) -> None:
    """A release that has grown older than the listing's 90 days is no release that was deleted,
    and one that is missing from a whole listing of its days is."""
    old, kept, taken_back = (
        release("v1", "2026-05-02", name="One"),
        release("v2", "2026-08-10"),
        release("v3-rc1", "2026-08-11", pre=True),
    )
    warehouse.run("2026-05-03", [Seen(1, releases=[old])])
    warehouse.run("2026-08-12", [Seen(1, releases=[taken_back, kept]), Seen(2, releases=[])])
    warehouse.build()
    assert [(row["tag"], row["is_withdrawn"]) for row in listed(warehouse)] == [
        ("v1", False), ("v2", False), ("v3-rc1", False),
    ]  # fmt: skip
    warehouse.run("2026-08-13", [Seen(1, releases=[{**kept, "name": "Two"}])])
    warehouse.build()
    rows = listed(warehouse)
    assert rows == [
        {"tag": "v1", "release_name": "One", "day": "2026-05-02", "is_prerelease": False,
         "is_withdrawn": False},
        {"tag": "v2", "release_name": "Two", "day": "2026-08-10", "is_prerelease": False,
         "is_withdrawn": False},
        {"tag": "v3-rc1", "release_name": None, "day": "2026-08-11", "is_prerelease": True,
         "is_withdrawn": True},
    ]  # fmt: skip
    warehouse.build("--full-refresh")
    assert listed(warehouse) == rows


def test_what_is_no_release_is_left_out(warehouse: Warehouse) -> None:
    """A payload that isn't what it should be costs itself alone."""
    odd = [{"tagName": None}, 7, {"tagName": "v0", "publishedAt": "soon"}, {"tagName": "v9"}]
    good = release("v1", "2026-05-02", pre="maybe")
    warehouse.run("2026-05-03", [Seen(1, releases=[*odd, good])])
    warehouse.build()
    assert [(row["tag"], row["is_prerelease"]) for row in listed(warehouse)] == [("v1", None)]


def test_a_new_column_comes_to_an_old_warehouse(warehouse: Warehouse) -> None:
    """A column that a newer Trender brought was silently left out of tables that were there
    before, until somebody rebuilt them."""
    warehouse.run("2026-05-03", [Seen(1, releases=[release("v1", "2026-05-02")])])
    warehouse.build()
    with connect(warehouse.url) as connection:
        connection.execute("alter table analytics.fact_releases drop column is_prerelease")
        connection.commit()
    warehouse.run("2026-05-04", [Seen(1, releases=[release("v2", "2026-05-03")])])
    warehouse.build()
    assert [row["is_prerelease"] for row in listed(warehouse)] == [False, False]
