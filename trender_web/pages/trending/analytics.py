"""`/analytics/trends`: what whole languages do over time.

Define here the API's questions about more than one repository. Lists of repositories belong to
`pages.trending`.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from trender_web.answer.answers import from_reading, json_answer
from trender_web.answer.openapi import JSON_ANSWER
from trender_web.answer.params import (
    AsOf,
    Days,
    Languages,
    known_languages,
    once,
    tracked_languages,
)
from trender_web.data.store import Reading
from trender_web.pages.trending.past_day import checked
from trender_web.pages.trending.trends import read_trends

router = APIRouter(tags=["analytics"], dependencies=[once])


@router.get("/analytics/trends", responses=JSON_ANSWER)
@from_reading
def trends(
    request: Request, reading: Reading, lang: Languages = None, days: Days = 7, as_of: AsOf = None
) -> Response:
    """Per language and day: ranked repositories, stars gained, activity, momentum."""
    rows = []
    if not reading.version.is_empty:
        pools = list(known_languages(lang, tracked_languages(reading))) or None
        last = checked(reading, as_of) or (reading.row("days") or {}).get("last_day")
        rows = read_trends(reading, pools, days, last)
    return json_answer(request, reading, rows, source="analytics.fact_repo_snapshots")
