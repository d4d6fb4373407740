"""A small GitHub for OAuth: answers the scripted answers in turn and remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

DEVICE = {
    "device_code": "d" * 40,
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://github.example/login/device",
    "expires_in": 900,
    "interval": 0,
}
TOKEN = "gho_CANARY0123456789abcdefghijABCDEF0123"


def granted(scope: str = "") -> dict[str, str]:
    return {"access_token": TOKEN, "scope": scope, "token_type": "bearer"}


def refused(error: str, **more: object) -> dict[str, object]:
    return {"error": error, "error_description": f"about {error}", **more}


@dataclass
class OAuthServer:
    address: str = ""
    device: dict[str, object] = field(default_factory=lambda: dict(DEVICE))
    answers: list[object] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextlib.contextmanager
def oauth_server() -> Iterator[OAuthServer]:
    state = OAuthServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            form = parse_qs(self.rfile.read(length).decode())
            state.asked.append((self.path, {key: value[0] for key, value in form.items()}))
            if self.path == "/login/device/code":
                answer: object = state.device
            else:
                answer = state.answers.pop(0)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
