"""Storing what the marketing assets made: each period's rows replace the ones before them.

Define here the writes; making the same again from the same data changes nothing. What is stored
is made in `marketing/`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from trender_assets.marketing.monthly import Draft, MonthFacts
from trender_assets.marketing.periods import Period
from trender_assets.marketing.platforms import FRAME, Comparison
from trender_assets.marketing.selection import Card
from trender_assets.marketing.stories import Criteria, Story
from trender_assets.text import dumps
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


def store_stories(
    connection: psycopg.Connection,
    period: Period,
    stories: Sequence[Story],
    criteria: Criteria,
    run_id: str,
) -> None:
    """Add or renew the month's stories; those of other criteria go.

    A project that met the criteria once in a month stays, with the time of its evidence.
    """
    chosen = json.dumps(criteria.as_dict())

    def work(cursor: psycopg.Cursor) -> None:
        cursor.execute(
            "delete from analytics.success_stories where period_start = %s and criteria <> %s",
            [period.start, chosen],
        )
        for story in stories:
            one = story.candidate
            cursor.execute(
                """
                insert into analytics.success_stories (period_start, repo_id, repo_full_name,
                    repo_url, render_category, language, stars, base_stars, base_date, base_source,
                    growth_pct, growth_days, momentum_score, render_services, service_count,
                    owner_login, homepage_url, headline, sentences, criteria, as_of, run_id)
                values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
                    %s, %s, %s)
                on conflict (period_start, repo_id) do update set
                    repo_full_name = excluded.repo_full_name, repo_url = excluded.repo_url,
                    render_category = excluded.render_category, language = excluded.language,
                    stars = excluded.stars, base_stars = excluded.base_stars,
                    base_date = excluded.base_date, base_source = excluded.base_source,
                    growth_pct = excluded.growth_pct, growth_days = excluded.growth_days,
                    momentum_score = excluded.momentum_score,
                    render_services = excluded.render_services,
                    service_count = excluded.service_count, owner_login = excluded.owner_login,
                    homepage_url = excluded.homepage_url, headline = excluded.headline,
                    sentences = excluded.sentences, criteria = excluded.criteria,
                    as_of = excluded.as_of, run_id = excluded.run_id
                """,
                [
                    period.start, one.repo_id, one.repo_full_name, one.repo_url,
                    one.render_category, one.language, one.stars, story.base_stars, one.first_day,
                    story.base_source, story.growth_pct, criteria.growth_days, one.momentum_score,
                    list(one.render_services), one.service_count, one.owner_login,
                    one.homepage_url, story.headline, _json(story.sentences), chosen, one.as_of,
                    run_id,
                ],
            )  # fmt: skip

    in_transaction(connection, work)


def store_draft(
    connection: psycopg.Connection, facts: MonthFacts, draft: Draft, run_id: str
) -> None:
    """Replace the month's draft."""
    period = facts.period
    _upsert(
        connection,
        "monthly_drafts",
        ("period_start",),
        {
            "period_start": period.start, "period_end": facts.through,
            "is_complete": facts.as_of.date() > period.end or facts.through >= period.end,
            "title": draft.title, "markdown": draft.markdown, "word_count": draft.word_count,
            "sentences": _json(draft.sentences), "stats": dumps(draft.stats), "as_of": facts.as_of,
            "run_id": run_id,
        },
    )  # fmt: skip


def store_comparison(
    connection: psycopg.Connection, report: Comparison, as_of: datetime, run_id: str
) -> None:
    """Replace the day's platform comparison."""
    _upsert(
        connection,
        "platform_intelligence",
        ("report_date",),
        {
            "report_date": as_of.date(), "platform_data": dumps(report.data),
            "summary": report.summary, "sample_size": report.sample_size, "sample_frame": FRAME,
            "sentences": _json(report.sentences), "as_of": as_of, "run_id": run_id,
        },
    )  # fmt: skip


def _json(sentences: Sequence[Any]) -> Jsonb:
    return Jsonb([sentence.as_dict() for sentence in sentences], dumps=dumps)


def _upsert(
    connection: psycopg.Connection, table: str, key: Sequence[str], values: dict[str, Any]
) -> None:
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    changes = ", ".join(f"{name} = excluded.{name}" for name in values if name not in key)
    text: Any = (
        f"insert into analytics.{table} ({names}) values ({places}) "  # noqa: S608 - constants of this module
        f"on conflict ({', '.join(key)}) do update set {changes}"
    )
    in_transaction(connection, lambda cursor: cursor.execute(text, values))
