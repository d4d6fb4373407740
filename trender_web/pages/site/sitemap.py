"""What search engines and browsers ask for by name: sitemap, robots, icon, manifest.

Define here a file with a fixed address at the root. What a page says to search engines about
itself belongs to the page.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from trender_web.answer.answers import config_of, from_reading, kept, to_json
from trender_web.answer.formats import iso
from trender_web.answer.params import tracked_languages
from trender_web.answer.static_files import asset_url
from trender_web.answer.templating import fill
from trender_web.answer.text import repository_path
from trender_web.data.store import Reading

router = APIRouter(include_in_schema=False)
PAGES = ("/", "/render", "/meta", "/for-marketing", "/methodology", "/compare")
DAY = "public, max-age=86400"


@router.get("/sitemap.xml")
@from_reading
def sitemap(request: Request, reading: Reading) -> Response:
    """Every page, with the time of its data."""
    base = config_of(request).base_url
    as_of = iso(reading.version.as_of)
    found = [(base + page, as_of) for page in PAGES]
    languages = tracked_languages(reading)
    found += [(f"{base}/language/{row['slug']}", as_of) for row in languages]
    found += [
        (base + repository_path(row["repo_full_name"]), iso(row["as_of"]))
        for row in reading.rows("sitemap")
    ]
    body = fill("sitemap.xml", places=found)
    return kept(body, "application/xml; charset=utf-8")


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    """Everything may be read, embeds need not be found."""
    text = (
        "User-agent: *\nAllow: /\nDisallow: /embed/\n\n"
        f"Sitemap: {config_of(request).base_url}/sitemap.xml\n"
    )
    return kept(text, "text/plain", DAY)


@router.get("/favicon.ico")
def favicon() -> Response:
    """The icon, for who asks at the old address."""
    return RedirectResponse(asset_url("favicon.svg"), 308, {"Cache-Control": DAY})


@router.get("/manifest.webmanifest")
def manifest() -> Response:
    """What a browser needs to keep the dashboard as an application."""
    icons = [
        {"src": asset_url("icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": asset_url("icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": asset_url("favicon.svg"), "sizes": "any", "type": "image/svg+xml"},
    ]
    document = {
        "name": "Trender",
        "short_name": "Trender",
        "description": "What is rising on GitHub, why, and how sure we are.",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#f7f7f4",
        "theme_color": "#0b6e5f",
        "icons": icons,
    }
    return kept(to_json(document), "application/manifest+json", DAY)
