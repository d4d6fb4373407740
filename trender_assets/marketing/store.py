"""What the cards read and write: their facts, the pictures already made, the cards.

Define here the reads and writes; making the same again from the same data changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from trender_assets.warehouse.retry import in_transaction

Row = dict[str, Any]
NEWEST_ONLY = ("repository", "page")
COLUMNS = (
    "period_start", "card_kind", "subject", "period_end", "repo_id", "repo_full_name", "position",
    "title", "alt_text", "svg", "svg_sha256", "png", "png_reason", "width", "height", "query",
    "link", "as_of",
)  # fmt: skip
COPY: LiteralString = f"copy analytics.marketing_cards ({', '.join(COLUMNS)}, run_id) from stdin"


def is_built(connection: psycopg.Connection, table: str) -> bool:
    """Whether a table of the analytics schema was ever built."""
    row = connection.execute("select to_regclass('analytics.' || %s)", [table]).fetchone()
    return row is not None and row[0] is not None


def card_facts(connection: psycopg.Connection) -> list[Row]:
    """What the week's cards show; none before the models were built."""
    if not is_built(connection, "marketing_card_facts"):
        return []
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("select * from analytics.marketing_card_facts").fetchall()


def known_pictures(connection: psycopg.Connection, cards: Sequence[Row]) -> dict[str, bytes]:
    """PNGs of these drawings that were already made, by the hash of the drawing."""
    rows = connection.execute(
        "select distinct on (svg_sha256) svg_sha256, png from analytics.marketing_cards "
        "where png is not null and svg_sha256 = any(%s) order by svg_sha256",
        [[card["svg_sha256"] for card in cards]],
    ).fetchall()
    return {row[0]: bytes(row[1]) for row in rows}


def store_cards(connection: psycopg.Connection, cards: Sequence[Row], run_id: str) -> None:
    """Replace the week's cards; of repositories and pages only the newest are kept."""

    def work(cursor: psycopg.Cursor) -> None:
        cursor.execute(
            "delete from analytics.marketing_cards where period_start = %s or card_kind = any(%s)",
            [cards[0]["period_start"], list(NEWEST_ONLY)],
        )
        with cursor.copy(COPY) as copy:
            for card in cards:
                copy.write_row([*(card[name] for name in COLUMNS), run_id])

    in_transaction(connection, work)
