"""The pages, one folder each: what is asked, what is shown, its JSON and CSV twins.

Define here only which pages exist and in which order their routes are tried. A page's folder
holds its routes, the shape of its data, its SQL and its templates.
"""

from __future__ import annotations

from fastapi import APIRouter


def routers() -> tuple[APIRouter, ...]:
    """Every page's routes; a literal path comes before a pattern that would swallow it."""
    from trender_web.pages.compare import view as compare
    from trender_web.pages.language import view as language
    from trender_web.pages.marketing import view as marketing
    from trender_web.pages.methodology import view as methodology
    from trender_web.pages.pipeline import view as meta
    from trender_web.pages.repository import charts
    from trender_web.pages.repository import view as repository
    from trender_web.pages.sharing import badges, cards, embeds, feeds
    from trender_web.pages.showcase import view as showcase
    from trender_web.pages.site import health, sitemap
    from trender_web.pages.trending import analytics
    from trender_web.pages.trending import view as trending

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
        showcase.router,
        badges.router,
        cards.router,
        embeds.router,
        feeds.router,
        sitemap.router,
    )
