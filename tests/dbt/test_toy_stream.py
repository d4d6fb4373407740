"""A stream that only the registry knows is found wherever streams matter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from psycopg.rows import dict_row

from tests.dbt.seen import Seen, utc
from tests.dbt.warehouse import Warehouse
from trender_assets.raw import streams
from trender_assets.raw.load import land
from trender_assets.raw.migrate import migrate
from trender_assets.raw.retention import prune_raw
from trender_assets.raw.rows import Attempt, SourceBatch, seal
from trender_assets.raw.streams import RawTable, Stream
from trender_assets.trending.source_facts import SourceFacts
from trender_assets.warehouse.connect import connect
from trender_web.data.statements import query

NOON = utc("2026-11-20T12:00:00Z")
TOYS = RawTable("raw_toys", "toys", "toy", "Toys.", {"colour": ":source_type"})


def test_a_toy_stream_needs_nothing_but_its_entry(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables, retention, freshness, progress and the pipeline page each had a list of their own, and
    a new stream was forgotten in all of them without any test noticing."""
    toy = Stream("toys", TOYS, "Toys of the registry", "activity_max_age_hours", ("playing",))
    monkeypatch.setattr(streams, "STREAMS", (*streams.STREAMS, toy))
    migrate(warehouse.url)
    warehouse.run(NOON, [Seen(1)])
    landed = []
    for hours in (0, 24):
        moment = NOON + timedelta(hours=hours)
        attempt = Attempt(
            "toys", 1, "o/r1", "found", moment, payload=seal({"bricks": hours}), reason=None
        )
        batch = SourceBatch("run-t", moment, "python", "trending", "Python", (attempt,))
        with connect(warehouse.url) as connection:
            landed.append(land(connection, batch))
    assert [item.added for item in landed] == [{"toys": 1}, {"toys": 1}]
    facts = SourceFacts(failure=None, landed=landed[0], incomplete={"toys": 2})
    assert (
        facts.metadata("raw_toys").items() >= {"found": 1, "rows_added": 1, "incomplete": 2}.items()
    )
    assert streams.stream_of_purpose("playing") == "toys"
    assert warehouse.rows("select toy, colour from raw.raw_toys order by id") == [
        {"toy": {"bricks": 0}, "colour": "trending"},
        {"toy": {"bricks": 24}, "colour": "trending"},
    ]

    late = NOON + timedelta(days=5)
    warehouse.run(late, [Seen(1)])
    results = warehouse.build(with_tests=True, check=False)
    # The toys, and the releases, files and star histories that nobody read in this world.
    assert results["streams_are_fresh"] == ("warn", "Got 4 results, configured to warn if != 0")
    with connect(warehouse.url) as connection:
        shown = (
            connection.cursor(row_factory=dict_row)
            .execute(query("meta_streams"), {"until": late})
            .fetchall()
        )
    assert next(row for row in shown if row["stream"] == "toys")["title"] == "Toys of the registry"

    with connect(warehouse.url) as connection:
        pruned = prune_raw(connection, late, keep_days=4).rows
    assert pruned["raw_toys"] == 1
    assert warehouse.value("select count(*) from raw.raw_toys") == 1
