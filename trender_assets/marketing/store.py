"""Storing what the marketing assets made: each period's rows replace the ones before them.

Define here the writes; making the same again from the same data changes nothing. What is stored
is made in `marketing/`.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from trender_assets.marketing.periods import Period
from trender_assets.marketing.selection import Card
from trender_assets.warehouse.retry import in_transaction

NEWEST_ONLY = ("repository", "page")


def known_pictures(connection: psycopg.Connection, cards: Sequence[Card]) -> dict[str, bytes]:
    """PNGs of these drawings that were already made, by the hash of the drawing."""
    rows = connection.execute(
        "select distinct on (svg_sha256) svg_sha256, png from analytics.marketing_cards "
        "where png is not null and svg_sha256 = any(%s) order by svg_sha256",
        [[card.svg_sha256 for card in cards]],
    ).fetchall()
    return {row[0]: bytes(row[1]) for row in rows}


def store_cards(
    connection: psycopg.Connection, period: Period, cards: Sequence[Card], run_id: str
) -> None:
    """Replace the period's cards; of repositories and pages only the newest are kept."""
    rows = [
        (
            period.start, card.kind, card.subject, period.end, card.repo_id, card.repo_full_name,
            card.position, card.title, card.alt_text, card.svg, card.svg_sha256, card.png,
            card.png_reason, card.width, card.height, card.query, card.link, card.as_of, run_id,
        )
        for card in cards
    ]  # fmt: skip

    def work(cursor: psycopg.Cursor) -> None:
        cursor.execute(
            "delete from analytics.marketing_cards where period_start = %s or card_kind = any(%s)",
            [period.start, list(NEWEST_ONLY)],
        )
        with cursor.copy(
            "copy analytics.marketing_cards (period_start, card_kind, subject, period_end, repo_id,"
            " repo_full_name, position, title, alt_text, svg, svg_sha256, png, png_reason, width,"
            " height, query, link, as_of, run_id) from stdin"
        ) as copy:
            for row in rows:
                copy.write_row(row)

    in_transaction(connection, work)
