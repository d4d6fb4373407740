"""`/for-marketing`: cards, stories, drafts and comparisons, each with what proves it.

Define here the page and its downloads. Every sentence and picture was made by the pipeline's
marketing assets and is only delivered here.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from trender_web.answer.answers import (
    Twin,
    config_of,
    csv_answer,
    empty_page,
    from_reading,
    html_answer,
    json_answer,
    kept,
)
from trender_web.answer.errors import Problem
from trender_web.answer.openapi import CSV_ANSWER, JSON_ANSWER, body_of
from trender_web.answer.params import AsOf, FormAsOf, once
from trender_web.answer.text import is_repository
from trender_web.config import WebConfig
from trender_web.data.store import Reading, Row
from trender_web.drawing.meters import interval, meter
from trender_web.pages.pipeline.data import claims
from trender_web.pages.trending.past_day import checked, dated, to_canonical

router = APIRouter(tags=["marketing"], dependencies=[once])
SOURCE = "analytics.marketing_cards, success_stories, monthly_drafts, platform_intelligence"
PLATFORMS = {"render": "Render", "vercel": "Vercel", "railway": "Railway", "fly": "Fly"}
COLUMNS = (
    "kind", "period_start", "repo_full_name", "text", "query", "values", "as_of", "link",
)  # fmt: skip
BLUEPRINT_COLUMNS = (
    "report_date", "repo_full_name", "render_category", "blueprint_status", "blueprint_quality",
    "documentation_score", "render_complexity_score", "service_count", "database_count",
    "has_blueprint_button", "stars", "stars_gained_7d", "needs_attention", "attention_reasons",
    "deploys", "deploys_reason", "as_of", "repo_id",
)  # fmt: skip
STORY_COLUMNS = (
    "period_start", "repo_full_name", "repo_url", "owner_login", "homepage_url", "render_category",
    "language", "stars", "base_stars", "base_date", "base_source", "growth_pct", "growth_days",
    "momentum_score", "render_services", "service_count", "headline", "as_of", "repo_id",
)  # fmt: skip
SPOTLIGHT = 10
MARKDOWN = body_of("text/markdown")
Month = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}$", description="The month, YYYY-MM.")]


@router.get("/for-marketing", include_in_schema=False)
@from_reading
def page(request: Request, reading: Reading, as_of: FormAsOf = None) -> Response:
    """What may be shared."""
    if reading.version.is_empty:
        return empty_page(request, reading, "For marketing", "/for-marketing")
    day = checked(reading, as_of)
    address = dated("/for-marketing", day)
    to_canonical(request, address)
    facts = _facts(reading, day)
    stories = facts["stories"]
    newest = max((story["period_start"] for story in stories), default=None)
    return html_answer(
        request,
        reading,
        "marketing.html",
        title=f"For marketing on {day}" if day else "For marketing",
        description="Cards, stories and numbers to share, each with the query, the date and the "
        "link that support it.",
        canonical=address,
        section="/for-marketing",
        twins=[
            Twin(dated("/for-marketing.csv", day), "text/csv", "Every sentence (CSV)"),
            Twin(dated("/for-marketing.json", day), "application/json", "JSON"),
            Twin(dated("/for-marketing/stories.csv", day), "text/csv", "Success stories (CSV)"),
            Twin(dated("/for-marketing/blueprints.csv", day), "text/csv", "Blueprints (CSV)"),
        ],
        card="/card/render.png",
        day=day,
        days=reading.row("days") or {},
        weekly=[card for card in facts["cards"] if card["card_kind"] == "weekly_community"],
        featured=[card for card in facts["cards"] if card["card_kind"] == "featured"],
        stories=[_with_markdown(story, config_of(request)) for story in stories
                 if story["period_start"] == newest],
        earlier=[story for story in stories if story["period_start"] != newest],
        drafts=facts["drafts"],
        platforms=_platforms(facts["platforms"]),
        report=facts["platforms"],
        spotlight=[_with_bar(row) for row in facts["blueprints"][:SPOTLIGHT]],
        blueprint_count=len(facts["blueprints"]),
        attention=[row for row in facts["blueprints"] if row["needs_attention"]],
        claims=facts["claims"],
        embed=f'<iframe src="{config_of(request).base_url}/embed/trending?render=1&limit=5" '
        'title="Rising Render projects" width="420" height="260" loading="lazy"></iframe>',
    )  # fmt: skip


def _facts(reading: Reading, day: date | None) -> Row:
    """Everything the page says; empty parts when an asset was never made, or not by that day."""
    return {
        "cards": reading.rows("marketing_cards", day=day),
        "stories": reading.rows("marketing_stories", day=day),
        "drafts": reading.rows("marketing_drafts", day=day),
        "platforms": reading.row("marketing_platforms", day=day),
        "blueprints": reading.rows("marketing_blueprints", day=day),
        "claims": claims(
            reading.rows("meta_runs", day=day), reading.row("meta_quality", day=day) or {}
        ),
    }


def _platforms(report: Row | None) -> list[Row]:
    if report is None:
        return []
    data = report["platform_data"]
    most = max((data[key]["high"] or 0 for key in PLATFORMS if key in data), default=0)
    return [
        {
            "name": name,
            **data[key],
            "bar": interval(data[key]["share"], data[key]["low"], data[key]["high"], most),
            "languages": sorted(data[key]["by_language"].items()),
        }
        for key, name in PLATFORMS.items()
        if key in data
    ]


def _with_bar(row: Row) -> Row:
    return {**row, "bar": meter(row["blueprint_quality"], 1.0)}


def _with_markdown(story: Row, config: WebConfig) -> Row:
    """The story with a text to copy: its sentences, and under them what proves each."""
    base_url = config.base_url
    said = " ".join(sentence["text"] for sentence in story["sentences"])
    proofs = "\n".join(
        f"- {sentence['as_of']}, {base_url}{sentence['link']}: `{sentence['query']}`"
        for sentence in story["sentences"]
    )
    owner = story["owner_login"]
    is_owner = bool(owner) and is_repository(owner, "any")
    return {
        **story,
        "markdown": f"**{story['headline']}**\n\n{said}\n\nEvidence:\n{proofs}\n",
        "owner_url": f"{config.github_url}/{owner}" if is_owner else None,
    }


@router.get("/for-marketing.json", responses=JSON_ANSWER)
@from_reading
def as_json(request: Request, reading: Reading, as_of: AsOf = None) -> Response:
    """Cards, stories, drafts, platform comparison, Blueprint metrics and measured claims."""
    facts = _facts(reading, checked(reading, as_of))
    facts["claims"] = [claim.__dict__ for claim in facts["claims"]]
    return json_answer(request, reading, facts, source=SOURCE)


@router.get("/for-marketing.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(request: Request, reading: Reading, as_of: AsOf = None) -> Response:
    """Every sentence with its query, values, time and link as CSV."""
    facts = _facts(reading, checked(reading, as_of))
    rows = [
        {**sentence, "kind": kind, "period_start": row[day],
         "repo_full_name": row.get("repo_full_name")}
        for kind, day, found in (
            ("success_story", "period_start", facts["stories"]),
            ("monthly_draft", "period_start", facts["drafts"]),
            ("platforms", "report_date", [facts["platforms"]] if facts["platforms"] else []),
        )
        for row in found
        for sentence in row["sentences"]
    ]  # fmt: skip
    return csv_answer(reading, rows, COLUMNS, name="marketing-sentences")


@router.get("/for-marketing/stories.csv", responses=CSV_ANSWER)
@from_reading
def stories_csv(request: Request, reading: Reading, as_of: AsOf = None) -> Response:
    """Success stories as CSV; of people only the public login of each repository's owner."""
    day = checked(reading, as_of)
    rows = reading.rows("marketing_stories", day=day)
    return csv_answer(reading, rows, STORY_COLUMNS, name="success-stories")


@router.get("/for-marketing/blueprints.csv", responses=CSV_ANSWER)
@from_reading
def blueprints_csv(request: Request, reading: Reading, as_of: AsOf = None) -> Response:
    """Quality of every followed Blueprint as CSV; deploys are not measurable."""
    day = checked(reading, as_of)
    rows = reading.rows("marketing_blueprints", day=day)
    return csv_answer(reading, rows, BLUEPRINT_COLUMNS, name="blueprints")


@router.get("/for-marketing/draft/{month}.md", responses=MARKDOWN)
@from_reading
def draft(request: Request, reading: Reading, month: Month) -> Response:
    """A month's blog draft in Markdown, its links complete."""
    drafts = reading.rows("marketing_drafts", day=None)
    for row in drafts:
        if f"{row['period_start']:%Y-%m}" == month:
            base = config_of(request).base_url
            text = re.sub(r"^(\[\^\d+\]: \S+ )(/)", rf"\g<1>{base}\g<2>", row["markdown"],
                          flags=re.MULTILINE)  # fmt: skip
            place = f'inline; filename="trender-{month}.md"'
            return kept(text, "text/markdown", Content_Disposition=place)
    known = ", ".join(f"{row['period_start']:%Y-%m}" for row in drafts) or "none yet"
    raise Problem(404, "No such draft", f"Drafts there are: {known}.")
