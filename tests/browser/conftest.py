"""A real Chromium before the real server over a real world."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.repositories import AS_OF
from tests.web.serving import serving
from tests.web.world import world_database
from trender_web.config import WebConfig

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def configured(
    url: str, now: datetime = AS_OF + timedelta(minutes=12), dagster_url: str | None = None
) -> WebConfig:
    """A dashboard over a database, at a moment that does not move."""
    return WebConfig(
        database_url=url, clock=lambda: now, base_url="http://127.0.0.1",
        uncached_per_minute=1_000_000, dagster_url=dagster_url,
    )  # fmt: skip


@pytest.fixture(scope="session")
def site(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """The address of a server over a world of twelve days."""
    with (
        world_database(postgres_server, migrated_template, "browser_world", 12) as url,
        serving(configured(url)) as address,
    ):
        yield address


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; ended with its module, for Playwright's loop would block async tests."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """A page whose console, errors and requests are watched."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.noise: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.noise.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.noise.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.noise.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: str) -> Page:
        self.page.goto(self.site + path)
        return self.page

    def axe(self) -> list[str]:
        """What axe finds: WCAG 2.2 AA and best practice."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{item['id']}: {node['html'][:160]} {node['failureSummary'][:240]}"
            for item in found["violations"]
            for node in item["nodes"][:3]
        ]

    def check_quiet(self) -> None:
        assert self.noise == []
        assert [url for url in self.requests if not url.startswith(self.site)] == []


@contextmanager
def visits(chromium: Browser, site: str) -> Iterator[Callable[..., Visit]]:
    """Opens a fresh context: `visit(theme="dark", width=320, js=False)`."""
    contexts = []

    def begin(*, theme: str = "light", width: int = 1280, js: bool = True) -> Visit:
        context = chromium.new_context(
            color_scheme=theme, viewport={"width": width, "height": 900}, java_script_enabled=js,
        )  # fmt: skip
        contexts.append(context)
        return Visit(context.new_page(), site)

    try:
        yield begin
    finally:
        for context in contexts:
            context.close()


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Callable[..., Visit]]:
    """Opens a fresh context over the world."""
    with visits(chromium, site) as begin:
        yield begin
