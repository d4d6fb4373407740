"""Retention deletes what was promised to be deletable, and nothing that is still needed (T35)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.warehouse.test_load import attempt
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.load import land, set_aside
from trender_assets.warehouse.retention import prune_raw
from trender_assets.warehouse.rows import QuarantineRow, SourceBatch

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_old_evidence_goes_what_is_needed_stays(warehouse_url: str) -> None:
    def at(days_ago: int, *attempts) -> SourceBatch:
        return SourceBatch(
            run_id=f"run-{days_ago}",
            as_of=NOW - timedelta(days=days_ago),
            source="python",
            source_type="trending",
            source_language="Python",
            attempts=attempts,
        )

    with connect(warehouse_url) as connection:
        land(connection, at(500, attempt(1), attempt(7, repo_id=2)))
        land(connection, at(450, attempt(2)))
        land(connection, at(10, attempt(2)))
        land(connection, at(5, attempt(3)))
        connection.execute(
            "update raw.raw_github_repos set fetch_timestamp = %s where run_id in ('run-500', 'run-450')",
            [NOW - timedelta(days=450)],
        )
        connection.commit()
        pruned = prune_raw(connection, NOW, keep_days=400)
        stars = connection.execute(
            "select repo_id, api_response ->> 'stargazerCount' from raw_github_repos order by id"
        ).fetchall()
        logged = connection.execute("select count(*) from fetch_log").fetchone()
        again = prune_raw(connection, NOW, keep_days=400)
    # 1 star is old and superseded; 2 stars is old but a kept log row points to it; repository 2's
    # only row is old but the newest it has.
    assert stars == [(2, "7"), (1, "2"), (1, "3")]
    assert logged == (2,)
    assert pruned.rows == {"fetch_log": 3, "raw_github_repos": 1}
    assert again.rows == {}


def test_bytes_that_could_not_be_read_go_with_their_time(warehouse_url: str) -> None:
    """A12: the evidence of unreadable answers is kept as long as any other, and no longer."""
    with connect(warehouse_url) as connection:
        for days_ago in (401, 399):
            when = NOW - timedelta(days=days_ago)
            row = QuarantineRow("stars", 1, "o/r", "malformed", b"<html>", when, payload_size=6)
            set_aside(connection, [row], run_id=f"run-{days_ago}", as_of=when)
        pruned = prune_raw(connection, NOW, keep_days=400)
        kept = connection.execute("select run_id, payload from raw_quarantine").fetchall()
    assert kept == [("run-399", b"<html>")]
    assert pruned.rows == {"raw_quarantine": 1}
