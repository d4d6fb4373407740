"""Versions of repositories (SCD 2): seamless, without overlap, whatever changed and came when."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.dbt.seen import Seen, utc
from tests.dbt.warehouse import Warehouse
from trender_assets.warehouse.connect import connect

START = utc("2026-05-01 00:00")
BUILDS = 3
HOURS = 72
GONE = {"gone": "not_found", "blocked": "blocked_dmca"}
IDS = itertools.count(1000)


class Event(NamedTuple):
    """What one hour's run learned of a repository, and which build is the first to know.

    `what` is gone, blocked, unknown, refused, or the name and description that were seen.
    """

    hour: int
    what: str | tuple[str, str]
    build: int


History = list[Event]
seen = st.tuples(st.sampled_from("ab"), st.sampled_from("xy"))
events = st.builds(
    Event,
    hour=st.integers(0, HOURS - 1),
    what=seen | seen | st.sampled_from(["gone", "blocked", "unknown", "refused"]),
    build=st.integers(0, BUILDS - 1),
)
histories = st.lists(events, min_size=2, max_size=8, unique_by=lambda event: event.hour)
worlds = st.lists(histories, min_size=25, max_size=25)


def _land(warehouse: Warehouse, world: dict[int, History], build: int) -> None:
    """Land what a build is the first to know, the latest hour first."""
    runs: dict[int, dict[str, Any]] = defaultdict(lambda: defaultdict(list))
    for repo_id, history in world.items():
        repository = Seen(repo_id, f"owner/a{repo_id}")
        for hour, what, first_build in history:
            if first_build != build:
                continue
            if what in GONE:
                runs[hour]["gone"].append((repository, GONE[str(what)]))
            elif what == "unknown":
                runs[hour]["unknown"].append((repository, "502"))
            elif what == "refused":
                runs[hour]["seen"].append(repository.but(name="owner/wrong", stars=-1))
            else:
                name, description = what
                runs[hour]["seen"].append(
                    repository.but(
                        name=f"owner/{name}{repo_id}", extra={"description": description}
                    )
                )
    for hour in sorted(runs, reverse=True):
        warehouse.run(START + timedelta(hours=hour), **runs[hour])


def _versions(repo_id: int, history: History, build: int) -> list[tuple[Any, ...]]:
    """What the history is as versions, by a plain walk through the hours."""
    versions: list[tuple[Any, ...]] = []
    state: tuple[str, str, str] | None = None
    for hour, what, first_build in sorted(history):
        if first_build > build or what in ("unknown", "refused"):
            continue
        if what not in GONE:
            found = (f"owner/{what[0]}{repo_id}", what[1], "available")
        elif state is not None:
            found = (*state[:2], str(what))
        else:
            continue
        if found != state:
            versions.append((hour, *found))
        state = found
    ends = (version[0] for version in versions[1:])
    return [(*version, end, end is None) for version, end in itertools.zip_longest(versions, ends)]


def _built(warehouse: Warehouse, repo_id: int) -> list[tuple[Any, ...]]:
    def hour(moment: Any) -> int | None:
        return None if moment is None else int((moment - START).total_seconds() // 3600)

    rows = warehouse.rows(
        "select * from analytics.dim_repositories where repo_id = %s order by valid_from",
        [repo_id],
    )
    return [
        (hour(row["valid_from"]), row["repo_full_name"], row["description"], row["availability"],
         hour(row["valid_to"]), row["is_current"])
        for row in rows
    ]  # fmt: skip


SAME_DAY = [
    Event(1, ("a", "x"), 0),
    Event(3, ("b", "x"), 1),
    Event(5, ("b", "y"), 1),
    Event(9, ("a", "x"), 1),
]
OUT_OF_ORDER = [
    Event(50, ("b", "y"), 0),
    Event(10, ("a", "x"), 1),
    Event(30, ("a", "y"), 2),
    Event(20, "gone", 2),
]
RENAME_AND_BACK = [
    Event(0, ("a", "x"), 0),
    Event(30, ("b", "x"), 1),
    Event(31, "unknown", 1),
    Event(60, ("a", "x"), 2),
]


def _check(warehouse: Warehouse, world: dict[int, History]) -> None:
    for build in range(BUILDS):
        _land(warehouse, world, build)
        warehouse.build()
        for repo_id, history in world.items():
            assert _built(warehouse, repo_id) == _versions(repo_id, history, build), history


def test_changes_of_a_day_late_arrivals_and_renames(module_warehouse: Warehouse) -> None:
    """Two changes of one day, hours that arrive after later ones, a name that returns."""
    world = {next(IDS): history for history in (SAME_DAY, OUT_OF_ORDER, RENAME_AND_BACK)}
    _check(module_warehouse, world)
    assert [len(_built(module_warehouse, repo_id)) for repo_id in world] == [4, 4, 3]


@settings(
    max_examples=3,
    deadline=None,
    # A build takes seconds: 25 histories an example, and no search for a smaller one.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(world=worlds)
def test_any_history_in_any_order_becomes_its_versions(
    module_warehouse: Warehouse, world: list[History]
) -> None:
    """After every build the versions are those of what is known by then, and seamless."""
    _check(module_warehouse, {next(IDS): history for history in world})


def test_only_what_changed_is_written(warehouse: Warehouse) -> None:
    """An hour in which a repository says nothing new does not write its versions again."""
    places = "select repo_id, ctid::text from analytics.dim_repositories order by repo_id, ctid"
    warehouse.run(START, [Seen(1), Seen(2, "owner/old")])
    warehouse.build()
    before = warehouse.rows(places)
    warehouse.run(START + timedelta(hours=1), [Seen(1), Seen(2, "owner/new")])
    warehouse.build()
    after = warehouse.rows(places)
    assert [row["repo_id"] for row in after] == [1, 2, 2]
    assert after[0] == before[0]
    assert before[1] not in after


def _insert_copy(warehouse: Warehouse, valid_from: int, valid_to: int | None) -> None:
    """A further version of the first name of repository 1, as a faulty writer would leave it."""
    with connect(warehouse.url) as connection:
        connection.execute(
            """
            insert into analytics.dim_repositories
            select (jsonb_populate_record(version, jsonb_build_object(
                'repo_key', version.repo_key + 1,
                'valid_from', %s::timestamptz,
                'valid_to', %s::timestamptz,
                'is_current', false
            ))).*
            from analytics.dim_repositories as version
            where version.repo_id = 1 and version.valid_to is not null
            """,
            [
                START + timedelta(hours=valid_from),
                None if valid_to is None else START + timedelta(hours=valid_to),
            ],
        )
        connection.rollback()


def _guards(warehouse: Warehouse) -> set[tuple[str, str]]:
    """Every index and constraint of what dbt builds, without the names it invents."""
    rows = warehouse.rows(
        "select tablename, indexdef as definition from pg_indexes "
        "where schemaname in ('staging', 'analytics') union all "
        "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint "
        "where connamespace in ('staging'::regnamespace, 'analytics'::regnamespace) "
        "and contype = 'x'"
    )
    invented = re.compile(r'"?\b[0-9a-f]{32}\b"?|(?<=_excl)\d+')
    return {(row["tablename"], invented.sub("", row["definition"])) for row in rows}


def test_postgresql_refuses_overlapping_versions(warehouse: Warehouse) -> None:
    """An exclusion constraint, from the first build on and after a full refresh too."""
    for hour, name in enumerate(("owner/old", "owner/new")):
        warehouse.run(START + timedelta(hours=10 * hour), [Seen(1, name)])
    warehouse.build()
    for valid_from, valid_to in ((9, 11), (2, 3), (9, None), (12, None)):
        with pytest.raises(psycopg.errors.ExclusionViolation):
            _insert_copy(warehouse, valid_from, valid_to)
    _insert_copy(warehouse, -5, 0)  # ends where the first begins
    guards = _guards(warehouse)
    assert sum(definition.startswith("EXCLUDE") for _, definition in guards) == 1
    warehouse.build()
    assert _guards(warehouse) == guards
    warehouse.build("--full-refresh")
    assert _guards(warehouse) == guards
    with pytest.raises(psycopg.errors.ExclusionViolation):
        _insert_copy(warehouse, 9, 11)
