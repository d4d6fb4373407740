"""The web process without a network: every page still works, and nothing tries to go out."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import CHECKOUT
from tests.web.conftest import NOW
from tests.web.pages import LEADER
from trender_web.answer import static_files
from trender_web.pages import routers

# Python loads it at its start, in the renderer's process too: who tries to reach what.
WATCH = """
import os, sys

def watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], (str, bytes)):
        return  # a socket in the file system
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        with open(os.environ["ATTEMPTS"], "a") as log:
            print(event, arguments[1:] if event != "socket.getaddrinfo" else arguments, file=log)

sys.addaudithook(watch)
"""
SERVE = """
import sys
from datetime import datetime
import uvicorn
from trender_web.app import create_app
from trender_web.config import WebConfig
url, uds, now = sys.argv[1:]
config = WebConfig(database_url=url, base_url="https://trender.example",
                   clock=lambda: datetime.fromisoformat(now))
uvicorn.run(create_app(config), uds=uds, log_level="error", access_log=False)
"""
CONTROL = (
    "import socket; socket.create_connection(('127.0.0.1', int(__import__('sys').argv[1])), 2)"
)
OWNER, NAME = LEADER.split("/")
VALUES = {
    "owner": OWNER, "name": NAME, "lang": "go", "page": "trending", "kind": "weekly_community",
    "other_owner": "someone", "other_name": "blueprint", "path:path": f"{LEADER}/someone/blueprint",
    "month": "2026-11", "feed": "trending",
}  # fmt: skip
NAMES = (
    "url", "next", "image", "src", "href", "redirect", "redirect_uri", "return_to", "callback",
    "target", "host", "data", "spec", "logo", "feed_url", "proxy",
)  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"


def without_a_network() -> list[str]:
    """The command that runs another one in an empty network namespace, where that is allowed."""
    for options in (["--net"], ["--map-root-user", "--net"]):
        command = [shutil.which("unshare") or "unshare", *options]
        try:
            if subprocess.run([*command, "true"], capture_output=True, timeout=10).returncode == 0:
                return command
        except OSError:
            break
    pytest.skip("this machine allows no network namespace")


class Canary:
    """A server of ours that nobody should ever reach."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.visitors = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.visitors += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def canary() -> Iterator[Canary]:
    found = Canary()
    yield found
    found.close()


class Isolated:
    """A running web process, how to speak to it, and what it tried to reach."""

    def __init__(self, socket_path: Path, attempts: Path) -> None:
        self.attempts = attempts
        self.client = httpx.Client(
            transport=httpx.HTTPTransport(uds=str(socket_path)), base_url="http://attacker.test",
            timeout=30,
        )  # fmt: skip


@pytest.fixture(scope="module", params=["no network", "an open network"])
def isolated(
    request: pytest.FixtureRequest, marketed_url: str, tmp_path_factory: pytest.TempPathFactory,
    canary: Canary,
) -> Iterator[Isolated]:  # fmt: skip
    """The web process on a socket in the file system, watched; the control proves the watch."""
    folder = tmp_path_factory.mktemp("isolated")
    (folder / "sitecustomize.py").write_text(WATCH)
    prefix = without_a_network() if request.param == "no network" else []
    attempts = folder / "attempts"
    environment = {
        "PYTHONPATH": f"{folder}:{CHECKOUT}", "ATTEMPTS": str(attempts), "PATH": "/usr/bin:/bin",
    }  # fmt: skip
    control = subprocess.run(
        [*prefix, sys.executable, "-c", CONTROL, str(canary.port)],
        env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert f"('127.0.0.1', {canary.port})" in attempts.read_text(), control.stderr
    assert (control.returncode == 0) == (not prefix), control.stderr
    attempts.unlink()
    canary.visitors = 0
    uds = folder / "web.sock"
    process = subprocess.Popen(
        [*prefix, sys.executable, "-c", SERVE, marketed_url, str(uds), NOW.isoformat()],
        env=environment, stderr=subprocess.PIPE,
    )  # fmt: skip
    found = Isolated(uds, attempts)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if found.client.get("/health").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.1)
    yield found
    found.client.close()
    process.terminate()
    _, errors = process.communicate(timeout=30)
    assert b"Traceback" not in errors, errors[-2000:]


@pytest.fixture(scope="module")
def addresses(isolated: Isolated) -> list[str]:
    """One address of every route there is."""
    page = isolated.client.get("/for-marketing").text
    card = re.search(r"/card/weekly_community/([\d-]+)/(\d+)\.svg", page)
    assert card
    values = {**VALUES, "period": card[1], "repo_id": card[2]}
    found = []
    for router in (static_files.router, *routers()):
        for route in router.routes:
            path = str(route.path)  # type: ignore[attr-defined]
            known = dict(values)
            if path.startswith("/static/"):
                known["name"] = "style.css"
            if path.startswith("/chart/"):
                known["kind"] = "stars"
            filled = re.sub(r"\{([^}]+)\}", lambda match, known=known: known[match[1]], path)
            found.append(filled)
    assert len(found) > 45
    return found


def hostile_requests(canary: Canary) -> list[tuple[dict[str, str], dict[str, str]]]:
    """(parameters, headers) that ask for another place in every way we know."""
    places = (
        f"http://127.0.0.1:{canary.port}/x", "//attacker.test/", "https://attacker.test/a.png",
        "file:///etc/passwd", "http://169.254.169.254/latest/meta-data/", "gopher://attacker.test:70/_",
    )  # fmt: skip
    spoofed = {
        "host": "attacker.test", "x-forwarded-host": "attacker.test", "x-forwarded-proto": "http",
        "forwarded": "host=attacker.test;proto=http", "x-original-url": "http://attacker.test/",
        "x-rewrite-url": "//attacker.test/", "x-forwarded-server": "attacker.test",
        "referer": f"http://127.0.0.1:{canary.port}/", "origin": "https://attacker.test",
    }  # fmt: skip
    first, *others = places
    return [
        ({}, spoofed),
        (dict.fromkeys(NAMES, first), spoofed),
        ({name: others[index % len(others)] for index, name in enumerate(NAMES)}, {}),
    ]


def test_every_route_works_and_asks_nobody(
    isolated: Isolated, addresses: list[str], canary: Canary
) -> None:
    """No such parameter exists, a Host header is not believed, and not one attempt goes out."""
    for address in addresses:
        plain = isolated.client.get(address, headers={"host": "trender.example"})
        if address == "/favicon.ico":
            assert plain.headers["location"].startswith("/static/favicon.")
            address = plain.headers["location"]
            plain = isolated.client.get(address)
        assert plain.status_code == 200, address
        if address.endswith(".png"):
            assert plain.content.startswith(PNG), address
        for parameters, headers in hostile_requests(canary):
            answer = isolated.client.get(address, params=parameters, headers=headers)
            if answer.status_code == 308:
                assert answer.headers["location"] == address, (address, answer.headers["location"])
                continue
            assert answer.status_code == 200, (address, parameters)
            said = answer.text + repr(answer.headers)
            assert "attacker.test" not in said and str(canary.port) not in said, address
            assert "root:x:0" not in said and "169.254" not in said, address
    assert not isolated.attempts.exists(), isolated.attempts.read_text()
    assert canary.visitors == 0


def test_links_of_ours_have_the_configured_host(isolated: Isolated) -> None:
    """Canonical addresses, cards, feeds and the sitemap never repeat the Host header."""
    for path in ("/", "/meta", "/for-marketing", f"/repo/{LEADER}", "/feed/trending.atom",
                 "/feed/trending.json", "/sitemap.xml", "/robots.txt"):  # fmt: skip
        text = isolated.client.get(path, headers={"x-forwarded-host": "attacker.test"}).text
        assert "https://trender.example" in text, path
        assert "attacker.test" not in text, path


def test_errors_and_odd_paths_ask_nobody_either(isolated: Isolated, canary: Canary) -> None:
    place = f"http://127.0.0.1:{canary.port}/x"
    for path in (
        f"/repo/{place}", f"/card/{place}.png",
        f"/compare/{place}", f"/chart/{place}/stars.svg", "/feed/attacker.atom", "/%2F/attacker.test/",
        f"/static/{place}", "/\\attacker.test", "/.attacker.test",
    ):  # fmt: skip
        answer = isolated.client.get(path, params={"next": place})
        assert 400 <= answer.status_code < 500, path
        assert "location" not in answer.headers
    widget = isolated.client.get(f"/embed/127.0.0.1:{canary.port}/x")
    assert f"//127.0.0.1:{canary.port}" not in widget.text
    proxied = isolated.client.request("CONNECT", "/x")
    assert 400 <= proxied.status_code < 500
    assert not isolated.attempts.exists() and canary.visitors == 0
