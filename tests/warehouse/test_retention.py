"""Retention deletes what was promised to be deletable, and nothing that is still needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from tests.warehouse.test_load import attempt
from trender_assets import automation
from trender_assets.raw.load import land, set_aside
from trender_assets.raw.retention import PICTURE_GONE, prune_pictures, prune_raw
from trender_assets.raw.rows import QuarantineRow, SourceBatch
from trender_assets.resources import Warehouse
from trender_assets.warehouse.connect import connect

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


def add_card(connection: psycopg.Connection, kind: str, monday: date, subject: str) -> None:
    connection.execute(
        """
        insert into analytics.marketing_cards (period_start, period_end, card_kind, subject, title,
            alt_text, svg, svg_sha256, png, width, height, query, link, as_of, run_id)
        values (%(monday)s, %(monday)s::date + 6, %(kind)s, %(subject)s, 't', 'a', '<svg/>', 'x',
            %(png)s, 1200, 630, 'select 1', '/', now(), 'run')
        """,
        {"monday": monday, "kind": kind, "subject": subject, "png": b"PNG" * 1000},
    )


def add_draft(connection: psycopg.Connection, markdown: str) -> None:
    connection.execute(
        "insert into analytics.monthly_drafts (period_start, period_end, is_complete, title, "
        "markdown, word_count, sentences, stats, as_of, run_id) values "
        "('2026-08-01', '2026-08-31', true, 't', %s, 1, '[]', '{}', now(), 'run')",
        [markdown],
    )


def pictured(connection: psycopg.Connection) -> set[tuple[str, str, str]]:
    rows = connection.execute(
        "select card_kind, period_start::text, subject from analytics.marketing_cards "
        "where png is not null"
    ).fetchall()
    return set(rows)


def fill(connection: psycopg.Connection) -> None:
    """Weeks that ended 75, 68 and 5 days before NOW, a featured one that was never drawn again."""
    for monday in (date(2026, 8, 31), date(2026, 9, 7), date(2026, 11, 9)):
        for subject in ("1", "12"):
            add_card(connection, "weekly_community", monday, subject)
    add_card(connection, "featured", date(2026, 8, 31), "1")
    add_card(connection, "page", date(2026, 8, 31), "trending")
    add_draft(connection, "![a](https://x.example/card/weekly_community/2026-09-07/12.png)")
    connection.commit()


def test_old_pictures_go_current_ones_and_those_of_a_draft_stay(warehouse_url: str) -> None:
    with connect(warehouse_url) as connection:
        fill(connection)
        pruned = prune_pictures(connection, NOW, keep_days=60)
        assert pictured(connection) == {
            ("weekly_community", "2026-09-07", "12"),
            ("weekly_community", "2026-11-09", "1"),
            ("weekly_community", "2026-11-09", "12"),
            ("featured", "2026-08-31", "1"),
            ("page", "2026-08-31", "trending"),
        }
        gone = connection.execute(
            "select distinct svg, png_reason from analytics.marketing_cards where png is null"
        ).fetchall()
        again = prune_pictures(connection, NOW, keep_days=60)
    assert pruned.rows == {"marketing_cards": 3}
    assert gone == [("<svg/>", PICTURE_GONE)]
    assert again.rows == {}


def test_a_picture_younger_than_promised_stays(warehouse_url: str) -> None:
    with connect(warehouse_url) as connection:
        fill(connection)
        assert prune_pictures(connection, NOW, keep_days=75).rows == {}
        assert prune_pictures(connection, NOW, keep_days=74).rows == {"marketing_cards": 2}


def test_the_monthly_job_prunes_pictures_too(
    warehouse_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", warehouse_url)
    with connect(warehouse_url) as connection:
        fill(connection)
        add_card(connection, "weekly_community", date(2020, 1, 6), "1")
        connection.commit()
        result = automation.prune_raw.execute_in_process(resources={"warehouse": Warehouse()})
        assert result.success
        assert ("weekly_community", "2020-01-06", "1") not in pictured(connection)
        assert ("weekly_community", "2026-11-09", "1") in pictured(connection)


def test_bytes_that_could_not_be_read_go_with_their_time(warehouse_url: str) -> None:
    """The evidence of unreadable answers is kept as long as any other, and no longer."""
    with connect(warehouse_url) as connection:
        for days_ago in (401, 399):
            when = NOW - timedelta(days=days_ago)
            row = QuarantineRow("stars", 1, "o/r", "malformed", b"<html>", when, payload_size=6)
            set_aside(connection, [row], run_id=f"run-{days_ago}", as_of=when)
        pruned = prune_raw(connection, NOW, keep_days=400)
        kept = connection.execute("select run_id, payload from raw_quarantine").fetchall()
    assert kept == [("run-399", b"<html>")]
    assert pruned.rows == {"raw_quarantine": 1}
