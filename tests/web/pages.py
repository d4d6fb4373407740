"""The addresses that every crawling test visits."""

from __future__ import annotations

LEADER = "render-examples/flask-starter"
HTML = (
    "/", "/?view=table", "/?window=24h", "/?window=30d&view=table", "/?lang=go&render=1", "/?new=1",
    "/?q=queue", "/?rank=unboosted", "/?as_of=2026-11-20", "/?q=nothing-like-it",
    "/language/python", "/language/typescript", "/language/go", "/language/ruby",
    "/language/go?sort=stars&order=asc", f"/repo/{LEADER}", f"/repo/{LEADER}?tab=history",
    f"/repo/{LEADER}?tab=render", f"/repo/{LEADER}?tab=similar", f"/repo/{LEADER}?tab=embed",
    "/repo/hostile/h0", "/repo/hostile/h1?tab=render", "/repo/hostile/h3", "/repo/gone/away",
    "/repo/names/package.json", "/compare", f"/compare/{LEADER}/gone/away", "/methodology",
)  # fmt: skip
DATA = (
    "/trending.json", "/trending.csv", "/trending.json?lang=go&limit=3", "/language/go.json",
    "/language/go.csv", f"/repo/{LEADER}.json", f"/repo/{LEADER}.csv",
    f"/compare/{LEADER}/gone/away.json", f"/compare/{LEADER}/gone/away.csv", "/methodology.json",
    "/methodology.csv", "/analytics/trends?days=5",
)  # fmt: skip
STATUS = ("/health", "/ready", "/openapi.json")
ERRORS = {
    "/nothing": 404, "/repo/no/such": 404, "/language/cobol": 404, "/?window=1y": 422,
    "/trending.json?limit=0": 422, "/compare/one/two": 404, "/static/none.css": 404,
}  # fmt: skip
EVERYTHING = (*HTML, *DATA, *STATUS, *ERRORS)
DAY = "as_of=2026-11-20"
OTHER_PAGES = (
    "/render", "/render.json", "/render.csv", f"/render?{DAY}", f"/render.json?{DAY}",
    "/meta", "/meta.json", "/meta.csv", f"/meta?{DAY}", f"/meta.json?{DAY}",
    "/for-marketing", "/for-marketing.json", "/for-marketing.csv", f"/for-marketing?{DAY}",
    "/for-marketing/stories.csv", "/for-marketing/blueprints.csv",
    f"/repo/{LEADER}.json?{DAY}", f"/language/go.json?{DAY}", "/analytics/trends?days=400",
    f"/badge/{LEADER}.svg", f"/embed/{LEADER}", "/embed/trending", f"/chart/{LEADER}/gains.svg",
    f"/chart/{LEADER}/rank.svg", "/card/trending.png", "/card/language/go.png",
    f"/card/repo/{LEADER}.png", "/feed/trending.atom", "/feed/render.json", "/feed/weekly.atom",
    "/sitemap.xml",
)  # fmt: skip
