"""The dashboard behind a real server, for what a client without a socket does not see."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from trender_web.app import create_app
from trender_web.config import WebConfig


@contextmanager
def serving(config: WebConfig) -> Iterator[str]:
    """The address of a server of this process; it ends with the block."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(config), port=0, log_level="error", server_header=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
