"""The pages, one module each: what is asked, what is shown, its JSON and CSV twins.

Define here only which pages exist and in which order their routes are tried. A page's module
holds its routes and the shape of its data.
"""

from __future__ import annotations

from fastapi import APIRouter


def routers() -> tuple[APIRouter, ...]:
    """Every page's routes; a literal path comes before a pattern that would swallow it."""
    from trender_web import badges, cards, embeds, feeds, sitemap
    from trender_web.pages import (
        analytics,
        charts,
        compare,
        health,
        language,
        marketing,
        meta,
        methodology,
        render,
        repository,
        trending,
    )

    return (
        health.router,
        trending.router,
        analytics.router,
        language.router,
        repository.router,
        compare.router,
        methodology.router,
        charts.router,
        marketing.router,
        meta.router,
        render.router,
        badges.router,
        cards.router,
        embeds.router,
        feeds.router,
        sitemap.router,
    )
