"""How fast GitHub may be asked, kept from run to run.

Define here only how it is stored; what it means belongs to `github.budget`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from trender_assets.github.pacing import LearnedPace
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.retry import in_transaction


def load_pace(url: str, api_base_url: str) -> LearnedPace:
    """What earlier refusals of this server taught; the documented pace when there were none."""
    with connect(url) as connection:
        row = connection.execute(
            "select concurrency, rate from raw.learned_pace where api_base_url = %s",
            [api_base_url],
        ).fetchone()
    return LearnedPace(*row) if row else LearnedPace()


def save_pace(url: str, api_base_url: str, pace: LearnedPace) -> None:
    """Keep a pace for the next run; the documented one needs no row."""
    is_documented = pace == LearnedPace()
    with connect(url) as connection:
        in_transaction(
            connection,
            lambda cursor: cursor.execute(
                "delete from raw.learned_pace where api_base_url = %s"
                if is_documented
                else "insert into raw.learned_pace values (%s, %s, %s, %s) "
                "on conflict (api_base_url) do update set concurrency = excluded.concurrency, "
                "rate = excluded.rate, learned_at = excluded.learned_at",
                [api_base_url]
                if is_documented
                else [api_base_url, pace.concurrency, pace.rate, datetime.now(UTC)],
            ),
        )
