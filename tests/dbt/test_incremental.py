"""Incremental runs and a full refresh give the same rows, whatever came when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.dbt.seen import Absent, Seen, Unknown, findings, flat_gains, utc
from tests.dbt.warehouse import Warehouse

START = utc("2026-05-01 00:00")
BLUEPRINT = {"render.yaml": "services: []", "README.md": "hello"}


def _day(warehouse: Warehouse, number: int) -> None:
    """A day of a small world: growth, a rename, a fork, unknowns, a gap, something gone."""
    as_of = START + timedelta(days=number, hours=number % 3)
    steady = Seen(1, "ann/steady", stars=1000 + 10 * number, commits=5, issues=2, contributors=2)
    steady = steady.but(gains=flat_gains(as_of, 10))
    tags = {"a": 1, "b": 2 if number != 7 else 4, "c": 8}
    steady = steady.but(
        releases=[
            {"tagName": tag, "publishedAt": "2026-05-01T00:00:00Z", "isPrerelease": False}
            for tag, day in tags.items()
            if number >= day != 4
        ]
    )
    renamed = Seen(2, "bob/old" if number < 5 else "bob/new", stars=500 - number, commits=1)
    renamed = renamed.but(gains=Unknown("502") if number % 2 else flat_gains(as_of, 3))
    young = Seen(3, "cat/young", stars=5 * number + 1, created="2026-04-29T10:00:00Z", commits=9)
    young = young.but(gains=flat_gains(as_of, 5), commits=Unknown() if number == 4 else 9)
    fork = Seen(4, "dan/fork", stars=7, extra={"isFork": True})
    broken = Seen(6, "eve/broken", stars=-1 if number < 3 else 8)
    goes = Seen(5, "fay/goes", stars=70 + number)
    shop = Seen(7, "gus/shop", language="TypeScript", stars=40 + number, discovered_by=("topic",))
    shop = shop.but(
        files=BLUEPRINT if number != 6 else Unknown("timeout"),
        findings=findings("valid", {"web": 1 + number // 4, "cron": 1}, databases=1, button=True)
        if number > 2
        else findings("absent"),
    )
    if number > 2:
        shop = shop.but(files={**BLUEPRINT, "render.yaml": f"services: [{number // 4}]"})
    present = [steady, renamed, young, fork, broken]
    if number in (3, 4):
        present.remove(renamed)
    gone = [(goes, "not_found")] if number in (5, 6) else [(goes, "blocked_dmca")] * (number == 7)
    if not gone:
        present.append(goes)
    warehouse.run(as_of, present, gone=gone)
    warehouse.run(as_of, [shop, steady], source="topic-render")
    if number == 2:
        warehouse.run(as_of + timedelta(minutes=20), [steady.but(stars=1021)], source="go")


def _late(warehouse: Warehouse) -> None:
    """Runs of the past that land after everything else."""
    old = START + timedelta(days=1, hours=5)
    warehouse.run(old, [Seen(1, "ann/steady", stars=1017, commits=99), Seen(9, "late/one")])
    warehouse.run(
        START + timedelta(days=4, hours=3),
        [Seen(2, "bob/interim", stars=490, files=Absent("empty"))],
        source="renderinc",
    )


@pytest.fixture(scope="module")
def replayed(module_warehouse: Warehouse) -> Warehouse:
    for number in range(10):
        _day(module_warehouse, number)
        if number not in (2, 6):
            module_warehouse.build()
    _late(module_warehouse)
    module_warehouse.build()
    return module_warehouse


def test_incremental_equals_full_refresh(replayed: Warehouse) -> None:
    """Gaps, renames, unknowns and late runs included."""
    incremental = replayed.snapshot()
    replayed.build("--full-refresh")
    for table, rows in replayed.snapshot().items():
        assert rows == incremental[table], table
        assert rows, table


def test_running_again_changes_nothing(replayed: Warehouse) -> None:
    """The same input, built again, gives the same rows."""
    before = replayed.snapshot()
    replayed.build()
    assert replayed.snapshot() == before
