"""The pages of Render, the pipeline and marketing, and the embeds, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Visit, configured, visits
from tests.web.repositories import AS_OF
from tests.web.serving import serving
from tests.web.sharing.conftest import make_marketing, record_runs
from tests.web.world import record_run, world_database

pytestmark = pytest.mark.browser
PAGES = (
    "/render", "/render?q=queue", "/render?as_of=2026-11-20", "/meta", "/meta?as_of=2026-11-20",
    "/for-marketing", "/for-marketing?as_of=2026-11-24",
)  # fmt: skip
NEXT_RUN = "run-2026112410"
EMBEDS = (
    "/embed/render-examples/flask-starter", "/embed/no/such", "/embed/trending?render=1&limit=5",
)  # fmt: skip


@pytest.fixture(scope="module")
def sharing_url(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """A world whose marketing assets were made."""
    with world_database(postgres_server, migrated_template, "browser_sharing", 12) as url:
        with psycopg.connect(url) as connection:
            record_runs(connection)
        make_marketing(url)
        yield url


@pytest.fixture(scope="module")
def sharing_site(sharing_url: str) -> Iterator[str]:
    """The address of a server over that world."""
    with serving(configured(sharing_url, dagster_url="http://127.0.0.1:3000")) as address:
        yield address


@pytest.fixture
def look(chromium: Browser, sharing_site: str) -> Iterator[Callable[..., Visit]]:
    """Opens a fresh context over the marketed world."""
    with visits(chromium, sharing_site) as begin:
        yield begin


@pytest.mark.parametrize("path", [*PAGES, *EMBEDS])
@pytest.mark.parametrize(
    ("theme", "width"), [("light", 1280), ("dark", 320), ("dark", 1280), ("light", 320)]
)
def test_axe_console_and_width(look: Callable, path: str, theme: str, width: int) -> None:
    """Axe 0, no console message, no foreign request, no sideways scroll."""
    seen = look(theme=theme, width=width)
    page = seen.open(path)
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true })")
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    found = seen.axe()
    if path.startswith("/embed/"):
        # A frame is part of another page, which has the landmarks and the heading's level.
        found = [text for text in found if not text.startswith("region")]
    assert found == []
    seen.check_quiet()


def test_cards_are_seen(look: Callable) -> None:
    """Every card's drawing is really shown, at its proportions, with words for who can't see it."""
    page = look().open("/for-marketing")
    page.evaluate("() => document.querySelectorAll('img').forEach(e => { e.loading = 'eager' })")
    page.wait_for_timeout(800)
    images = page.evaluate(
        "() => [...document.querySelectorAll('.shots img')].map(e => [e.naturalWidth, e.naturalHeight, e.alt])"
    )
    assert len(images) > 5
    assert all(wide == 1200 and high == 630 and len(alt) > 20 for wide, high, alt in images)


def test_nothing_moves_while_loading(look: Callable) -> None:
    """Pictures have their place before they come."""
    for path in ("/for-marketing", "/meta", "/render"):
        page = look().open(path)
        moved = page.evaluate(
            """() => new Promise(done => { let sum = 0;
            new PerformanceObserver(list => list.getEntries().forEach(e => { sum += e.value }))
                .observe({type: 'layout-shift', buffered: true});
            setTimeout(() => done(sum), 600) })"""
        )
        assert moved <= 0.01, path


@pytest.mark.parametrize("path", PAGES)
def test_without_scripts_the_same_is_said(look: Callable, path: str) -> None:
    """JS-off parity: the same words; only the copy buttons need a script."""
    texts = []
    for js in (True, False):
        page = look(js=js).open(path)
        page.locator("main").evaluate(
            "e => e.querySelectorAll('.copy > button').forEach(b => b.remove())"
        )
        main = page.locator("main").inner_text()
        texts.append(
            re.sub(r"\d+ (h|min|days).*?ago|just now|\d{4}-\d\d-\d\d \d\d:\d\d UTC", "TIME", main)
        )
    assert texts[0] == texts[1]


def test_keyboard_reaches_everything(look: Callable) -> None:
    """Skip link, jump links, evidence and tables by keys alone."""
    seen = look()
    page = seen.open("/for-marketing")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.className") == "skip"
    page.locator(".jump a", has_text="Platforms").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#platforms")
    summary = page.locator("summary", has_text="Evidence").first
    summary.focus()
    page.keyboard.press("Enter")
    assert summary.evaluate("e => e.parentElement.open")
    unreachable = page.evaluate(
        "() => [...document.querySelectorAll('main .scroll, main pre')]"
        ".filter(e => e.scrollWidth > e.clientWidth && e.tabIndex < 0"
        " && !e.closest('.scroll[tabindex]')).length"
    )
    assert unreachable == 0
    seen.check_quiet()


def test_an_embed_works_in_a_frame(look: Callable, sharing_site: str) -> None:
    """Shown inside another page; the dashboard itself is not."""
    seen = look()
    page = seen.page
    frames = "".join(
        f'<iframe src="{sharing_site}{path}"></iframe>'
        for path in ("/embed/render-examples/flask-starter", "/render")
    )
    page.route("**/parent", lambda route: route.fulfill(body=frames, content_type="text/html"))
    page.goto(f"{sharing_site}/parent")
    page.wait_for_timeout(800)
    assert "flask-starter" in page.frames[1].locator("h1").inner_text()
    assert "Built with Render" not in page.frames[2].locator("body").inner_text()


def test_the_filter_works_without_scripts(look: Callable) -> None:
    page = look(js=False).open("/render")
    page.locator("main input[name=q]").fill("queue")
    page.get_by_role("button", name="Apply").click()
    assert page.url.endswith("/render?q=queue")
    assert "with “queue”" in page.locator("main").inner_text()


@pytest.fixture
def next_run(sharing_url: str) -> Iterator[Callable[[], None]]:
    """The run of 10:00 has landed its first row; calling it finishes and records the run."""
    began = AS_OF + timedelta(hours=1)
    with psycopg.connect(sharing_url, autocommit=True) as connection:
        connection.execute(
            "insert into raw.fetch_log (run_id, stream, source, repo_full_name, outcome, as_of,"
            " fetched_at, loaded_at) values (%s, 'repos', 'go', 'a/b', 'unknown', %s, %s, %s)",
            [NEXT_RUN, began, began, began + timedelta(minutes=1)],
        )
        yield lambda: record_run(connection, began)
        connection.execute("delete from raw.fetch_log where run_id = %s", [NEXT_RUN])
        connection.execute(
            "delete from analytics.fact_workflow_executions where run_id = %s", [NEXT_RUN]
        )


def test_a_running_pipeline_is_watched(
    chromium: Browser, sharing_url: str, next_run: Callable[[], None]
) -> None:
    """While a run is under way the page asks for news, and shows what it published."""
    now = AS_OF + timedelta(hours=1, minutes=2)
    with (
        serving(configured(sharing_url, now)) as site,
        visits(chromium, site) as look,
    ):
        seen = look()
        seen.page.clock.set_fixed_time(now)  # the page judges lateness by the visitor's clock
        page = seen.open("/meta")
        chip = page.locator("#freshness")
        assert chip.get_attribute("data-state") == "running"
        assert NEXT_RUN not in page.content()
        with page.expect_navigation(timeout=9000):
            next_run()
        assert f"{site}/meta.json" in seen.requests
        assert chip.get_attribute("data-state") == "fresh"
        assert NEXT_RUN in page.content()
        assert page.locator("h1").inner_text() == "The pipeline"
        seen.check_quiet()


@pytest.fixture
def trigger(request: pytest.FixtureRequest, sharing_url: str) -> Iterator[str]:
    """Who began every run on record."""
    table = "analytics.fact_workflow_executions"
    with psycopg.connect(sharing_url, autocommit=True) as connection:
        connection.execute(f"create table public.kept as select run_id, trigger from {table}")  # type: ignore[arg-type]
        connection.execute(f"update {table} set trigger = %s", [request.param])  # type: ignore[arg-type]
        yield request.param
        connection.execute(
            f"update {table} as run set trigger = kept.trigger from public.kept "  # type: ignore[arg-type]
            "where kept.run_id = run.run_id"
        )
        connection.execute("drop table public.kept")


@pytest.mark.parametrize(
    ("trigger", "soon", "later"),
    [
        ("schedule", "next run in 57 min", "next run overdue by 15 min"),
        ("cli", "no scheduled run yet", "no scheduled run yet"),
    ],
    indirect=["trigger"],
)
def test_a_page_left_open_tells_its_age(
    chromium: Browser, sharing_url: str, trigger: str, soon: str, later: str
) -> None:
    """It grows old before one's eyes, and promises a run only when one is scheduled."""
    now = AS_OF + timedelta(minutes=2, seconds=30)
    with serving(configured(sharing_url, now)) as site, visits(chromium, site) as look:
        seen = look()
        seen.page.clock.install(time=now)
        chip = seen.open("/methodology").locator("#freshness .chiptext")
        assert chip.inner_text() == f"Updated 2 min ago · {soon}"
        seen.page.clock.fast_forward("01:13:00")
        assert chip.inner_text() == f"Updated 1 h 15 min ago · {later}"
