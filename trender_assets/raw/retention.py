"""Keeping raw evidence and stored pictures for as long as was promised, and no longer.

Define here what may be deleted, and what a deletion of evidence means: facts stay, but a rebuild
would give only the days whose evidence is still there, so it is refused unless asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg import sql

from trender_assets.raw.load import LOAD_LOCK
from trender_assets.raw.streams import tables
from trender_assets.warehouse.errors import EvidenceIsGone
from trender_assets.warehouse.retry import in_transaction

CACHE_DAYS = 60
PICTURE_GONE = "kept for a while only; it is made again when asked for"


@dataclass(frozen=True)
class Pruned:
    """How many rows were deleted, by table."""

    rows: dict[str, int]


def prune_raw(connection: psycopg.Connection, as_of: datetime, keep_days: int) -> Pruned:
    """Delete log rows older than `keep_days` and raw rows that no log row needs any more.

    A raw row stays while a kept log row points to it, and while it is the newest of its
    repository, since the next answer is compared with it.

    Args:
        connection: A connection without an open transaction.
        as_of: What the age is counted from (UTC).
        keep_days: Days of evidence to keep.
    """
    cutoff = as_of - timedelta(days=keep_days)
    return in_transaction(connection, lambda cursor: _prune(cursor, as_of, cutoff))


def _prune(cursor: psycopg.Cursor, as_of: datetime, cutoff: datetime) -> Pruned:
    cursor.execute("select pg_advisory_xact_lock(%s)", [LOAD_LOCK])
    rows: dict[str, int] = {}
    cursor.execute("delete from raw.fetch_log where as_of < %s", [cutoff])
    rows["fetch_log"] = cursor.rowcount
    for table, streams in tables():
        same_metric = (
            sql.SQL("and newer.metric_type = old.metric_type") if table.by_metric else sql.SQL("")
        )
        cursor.execute(
            sql.SQL(
                """
                delete from raw.{table} as old
                where old.fetch_timestamp < %(cutoff)s
                    and not exists (
                        select 1 from raw.fetch_log as log
                        where log.raw_id = old.id and log.stream = any(%(streams)s)
                    )
                    and exists (
                        select 1 from raw.{table} as newer
                        where newer.repo_id = old.repo_id and newer.id > old.id {same_metric}
                    )
                """
            ).format(table=sql.Identifier(table.name), same_metric=same_metric),
            {"cutoff": cutoff, "streams": list(streams)},
        )
        rows[table.name] = cursor.rowcount
    for ledger, column in (
        ("raw_discovery_queries", "as_of"),
        ("raw_quarantine", "as_of"),
        ("api_usage", "as_of"),
    ):
        cursor.execute(
            sql.SQL("delete from raw.{} where {} < %s").format(
                sql.Identifier(ledger), sql.Identifier(column)
            ),
            [cutoff],
        )
        rows[ledger] = cursor.rowcount
    cursor.execute(
        "delete from raw.http_cache where fetched_at < %s", [as_of - timedelta(days=CACHE_DAYS)]
    )
    rows["http_cache"] = cursor.rowcount
    return Pruned({table: count for table, count in rows.items() if count})


def require_evidence(connection: psycopg.Connection) -> None:
    """Refuse a rebuild that would lose days of facts.

    Raises:
        EvidenceIsGone: When facts are older than the oldest observation in raw.
    """
    if connection.execute("select to_regclass('analytics.fact_repo_snapshots')").fetchone() == (
        None,
    ):
        return
    found = connection.execute(
        """
        select count(distinct snapshot_date), min(snapshot_date), max(snapshot_date)
        from analytics.fact_repo_snapshots
        where snapshot_date < coalesce((
            select (min(as_of) at time zone 'UTC')::date from raw.fetch_log
            where stream = 'repos' and outcome = 'found'
        ), 'infinity')
        """
    ).fetchone()
    if found is None or not found[0]:
        return
    days, first, last = found
    raise EvidenceIsGone(
        f"A rebuild would lose {days} {'day' if days == 1 else 'days'} of facts ({first} to "
        f"{last}): their evidence is not in raw any more (raw_retention_days). Bring it back from "
        "a backup first, or say --lose-old-days to rebuild without them."
    )


def prune_pictures(connection: psycopg.Connection, as_of: datetime, keep_days: int) -> Pruned:
    """Delete the PNGs of the cards of weeks that ended more than `keep_days` ago.

    The drawings stay, a few kilobytes each, and the dashboard makes a PNG of one when somebody
    asks. The newest week of each kind keeps its PNGs whatever its age, and so does a card whose
    address stands in a stored draft.

    Args:
        connection: A connection without an open transaction.
        as_of: What the age is counted from (UTC).
        keep_days: Days to keep PNGs after their week.
    """
    cutoff = (as_of - timedelta(days=keep_days)).date()

    def work(cursor: psycopg.Cursor) -> Pruned:
        cursor.execute(
            """
            update analytics.marketing_cards as card
            set png = null, png_reason = %(reason)s
            where png is not null and period_end < %(cutoff)s
                and exists (
                    select 1 from analytics.marketing_cards as newer
                    where newer.card_kind = card.card_kind
                        and newer.period_start > card.period_start
                )
                and not exists (
                    select 1 from analytics.monthly_drafts as draft
                    where position(
                        concat_ws(
                            '/', '/card', card.card_kind, card.period_start, card.subject || '.'
                        ) in draft.markdown || draft.sentences::text
                    ) > 0
                )
            """,
            {"reason": PICTURE_GONE, "cutoff": cutoff},
        )
        return Pruned({"marketing_cards": cursor.rowcount} if cursor.rowcount else {})

    return in_transaction(connection, work)
