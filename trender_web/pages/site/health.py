"""Is the process alive, and has it something to show: `/health` and `/ready`.

Define here what monitors ask. What a page does without a database belongs to `serving`.
"""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from trender_web.answer.answers import config_of, store_of, to_json
from trender_web.answer.errors import Problem
from trender_web.answer.formats import iso
from trender_web.config import VERSION
from trender_web.data.freshness import STOPPED_AFTER
from trender_web.data.store import Reading, StoreUnavailable

router = APIRouter(tags=["status"])


@router.get("/health")
def health() -> Response:
    """Alive: the process answers. Says nothing of the database."""
    return _plain({"status": "ok", "version": VERSION})


@router.get("/ready")
def ready(request: Request) -> Response:
    """Ready: the database answers, every part is readable, the data is younger than 3 intervals."""
    config = config_of(request)
    try:
        version = store_of(request).read(_touch)
    except StoreUnavailable as error:
        raise Problem(503, "Not ready", str(error), retry_after=10) from None
    if version.as_of is None:
        raise Problem(503, "Not ready", "There is no data yet.", retry_after=60)
    age = config.clock() - version.as_of
    limit = timedelta(minutes=config.interval_minutes * STOPPED_AFTER)
    facts = {
        "as_of": iso(version.as_of),
        "data_version": version.token,
        "age_seconds": int(age.total_seconds()),
        "limit_seconds": int(limit.total_seconds()),
    }
    if age > limit:
        raise Problem(503, "Not ready", "The data is too old.", retry_after=60, extra=facts)
    return _plain({"status": "ready", **facts})


def _touch(reading: Reading):
    reading.row("ready")
    return reading.version


def _plain(document: dict[str, object]) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(to_json(document), headers=headers, media_type="application/json")
