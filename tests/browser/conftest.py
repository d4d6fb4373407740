"""A real Chromium before the real server over a real world."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.world import AS_OF, world_database
from trender_web.app import create_app
from trender_web.config import WebConfig

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture(scope="session")
def site(postgres_server: str, migrated_template: str) -> Iterator[str]:
    """The address of a server over a world of twelve days."""
    with world_database(postgres_server, migrated_template, "browser_world", 12) as url:
        config = WebConfig(
            database_url=url, clock=lambda: AS_OF + timedelta(minutes=12),
            base_url="http://127.0.0.1", uncached_per_minute=1_000_000,
        )  # fmt: skip
        server = uvicorn.Server(
            uvicorn.Config(create_app(config), port=0, log_level="error", server_header=False)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


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


@pytest.fixture
def visit(chromium: Browser, site: str) -> Iterator[Callable[..., Visit]]:
    """Opens a fresh context: `visit(theme="dark", width=320, js=False)`."""
    contexts = []

    def begin(*, theme: str = "light", width: int = 1280, js: bool = True) -> Visit:
        context = chromium.new_context(
            color_scheme=theme, viewport={"width": width, "height": 900}, java_script_enabled=js,
        )  # fmt: skip
        contexts.append(context)
        return Visit(context.new_page(), site)

    yield begin
    for context in contexts:
        context.close()
