"""Slow clients, idle ones by the hundred, endless heads: bounds hold, others are served."""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from uvicorn.server import ServerState

from tests.conftest import CHECKOUT
from trender_web.serving.connections import BoundedProtocol

CROWD = 700
PATIENCE = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def site(world_url: str) -> Iterator[tuple[int, int]]:
    """(port, process) of the dashboard as `python -m trender_web` starts it."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "trender_web", "--port", str(port)],
        env={**os.environ, "DATABASE_URL": world_url},
        cwd=CHECKOUT,
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/health").status_code == 200:
                break
        except httpx.TransportError:
            time.sleep(0.1)
    yield port, process.pid
    process.terminate()
    assert process.wait(20) is not None


def fetch(port: int, path: str) -> httpx.Response:
    """As a client that comes new, with a bound that says 'not starved', not 'fast'."""
    return httpx.get(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE)


def served(port: int) -> None:
    for path in ("/health", "/", "/trending.json?limit=3", "/static/style.css"):
        assert fetch(port, path).status_code == 200, path


def ended(client: socket.socket, seconds: float) -> bool:
    """Whether the server ends this connection in time."""
    client.settimeout(seconds)
    try:
        while client.recv(65_536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def send_all(client: socket.socket, data: bytes) -> bytes:
    """What is answered to data that the server may refuse in the middle."""
    client.settimeout(PATIENCE)
    try:
        client.sendall(data)
    except ConnectionError:
        return b""
    answer = b""
    try:
        while part := client.recv(65_536):
            answer += part
    except (ConnectionError, TimeoutError):
        pass
    return answer


@contextmanager
def many_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, CROWD + 500)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_hundreds_of_silent_slow_and_kept_connections_starve_nobody(site: tuple[int, int]) -> None:
    """More than the server's limit of 500: a newcomer is answered, the number stays bounded."""
    port, pid = site
    whole = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"
    with many_files(), ExitStack() as stack:
        crowd = []
        for number in range(CROWD):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            if number % 3:
                client.sendall(whole if number % 3 == 1 else whole[: 5 + number % 20])
            crowd.append(client)
            if number % 100 == 99:
                served(port)
        served(port)
        assert len(list(Path(f"/proc/{pid}/fd").iterdir())) < 500
        assert ended(crowd[0], PATIENCE), "the longest idle one makes room"


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n", b"414"),
        (b"GET /?q=" + b"a" * 1_000_000, b"414"),
        (b"a" * 100_000, b"414"),
        (b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 1_000 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nhost: x\r\nx: " + b"y" * 1_000_000 + b"\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + b"\r\n".join(b"h%d: 1" % n for n in range(5_000)), b"431"),
    ],
    ids=["a 1 MB path", "a query without end", "no request", "1,000 headers", "a 1 MB header",
         "headers without end"],
)  # fmt: skip
def test_heads_beyond_measure_are_refused(
    site: tuple[int, int], head: bytes, status: bytes
) -> None:
    port, _ = site
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        answer = send_all(client, head)
    assert answer.startswith(b"HTTP/1.1 " + status) or answer == b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as client:
        client.sendall(head[:40_000])
        client.settimeout(PATIENCE)
        assert client.recv(100).startswith(b"HTTP/1.1 " + status)
    served(port)


def test_a_large_head_within_bounds_is_read(site: tuple[int, int]) -> None:
    port, _ = site
    headers = {f"x-{number}": "y" * 150 for number in range(150)}
    answer = httpx.get(f"http://127.0.0.1:{port}/health", headers=headers, timeout=PATIENCE)
    assert answer.status_code == 200


class Quick(BoundedProtocol):
    """The same with little patience."""

    head_seconds = 0.4
    answer_seconds = 0.6
    linger_seconds = 0.2
    max_connections = 5


BIG = b"x" * 30_000_000


async def toy(scope: Any, receive: Any, send: Any) -> None:
    """Answers: more than fits into any buffer, never, or at once."""
    if scope["type"] != "http":
        return
    if scope["path"] == "/never":
        await asyncio.sleep(0.3)
    body = BIG if scope["path"] == "/big" else b"ok"
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", str(len(body)).encode())]})  # fmt: skip
    for begin in range(0, len(body), 1_000_000):
        more = begin + 1_000_000 < len(body)
        part = body[begin : begin + 1_000_000]
        await send({"type": "http.response.body", "body": part, "more_body": more})


@pytest.fixture(scope="module")
def quick() -> Iterator[tuple[uvicorn.Server, int]]:
    server = uvicorn.Server(
        uvicorn.Config(toy, port=0, log_level="error", http=Quick, ws="none", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield server, server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("path", ["/", "/never"])
def test_whoever_asks_properly_is_answered_again_and_again(
    quick: tuple[uvicorn.Server, int], path: str
) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{quick[1]}") as client:
        for _ in range(4):
            assert client.get(path).text == "ok"
            time.sleep(0.2)


@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"])
def test_a_head_that_drips_is_cut_off(quick: tuple[uvicorn.Server, int], before: bytes) -> None:
    """Each byte in time, the whole never: on a new connection and on a kept one."""
    with socket.create_connection(("127.0.0.1", quick[1]), PATIENCE) as client:
        if before:
            client.sendall(before)
            assert client.recv(4096).endswith(b"ok")
        cut = False
        for byte in b"GET /slow HTTP/1.1\r\nx-slow: abcdefghijklmnopqrstuvwxyz" * 2:
            try:
                client.sendall(bytes([byte]))
                client.settimeout(0.05)
                cut = client.recv(10) == b""
            except TimeoutError:
                continue
            except ConnectionError:
                cut = True
            if cut:
                break
        assert cut


def test_silence_is_cut_off(quick: tuple[uvicorn.Server, int]) -> None:
    with socket.create_connection(("127.0.0.1", quick[1]), PATIENCE) as client:
        assert ended(client, PATIENCE)


def test_an_answer_that_nobody_reads_is_given_up(quick: tuple[uvicorn.Server, int]) -> None:
    """Its task ends too: it holds no memory and no place among those being answered."""
    server, port = quick
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /big HTTP/1.1\r\nhost: x\r\n\r\n")
        deadline = time.monotonic() + PATIENCE
        while not server.server_state.tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        while server.server_state.tasks and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not server.server_state.tasks
        assert httpx.get(f"http://127.0.0.1:{port}/").text == "ok"


def test_one_that_is_being_answered_is_never_the_one_that_makes_room(
    quick: tuple[uvicorn.Server, int],
) -> None:
    server, port = quick
    with ExitStack() as stack:
        busy = stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
        busy.sendall(b"GET /never HTTP/1.1\r\nhost: x\r\n\r\n")
        time.sleep(0.05)
        for _ in range(8):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
        busy.settimeout(PATIENCE)
        assert busy.recv(4096).startswith(b"HTTP/1.1 200")
        assert len(server.server_state.connections) <= Quick.max_connections + 1


class Wire(asyncio.Transport):
    """A client that was accepted and says nothing."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.is_ended = False

    def abort(self) -> None:
        self.is_ended = True


def test_a_burst_within_one_reading_of_the_clock_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """uvloop tells one time all through a turn: the newcomer must not look like the eldest."""
    config = uvicorn.Config(toy, http=Quick, ws="none", lifespan="off")
    config.load()
    state, loop = ServerState(), asyncio.new_event_loop()
    monkeypatch.setattr(loop, "time", lambda: 5.0)
    wires = [Wire() for _ in range(40)]
    for wire in wires:
        one = Quick(config=config, server_state=state, app_state={}, _loop=loop)
        one.connection_made(wire)
        assert not wire.is_ended, "whoever is new gets its chance"
        assert len(state.connections) <= Quick.max_connections
    assert sum(wire.is_ended for wire in wires) == 40 - Quick.max_connections
    loop.close()
