"""The web flow: GitHub sends the browser back to a loopback port, with state and PKCE.

Define here the flow's steps (GitHub docs, "Web application flow"; RFC 8252, RFC 7636). Where the
token goes afterwards is `oauth`'s business.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from trender_assets.commands.failures import CONFIGURATION, UPSTREAM, CommandFailure
from trender_assets.commands.oauth_exchange import OAuthRefused, Token, failure, post, token_of
from trender_assets.commands.terminal import Terminal

LOOPBACK = "127.0.0.1"
LIFETIME_SECONDS = 600.0
PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Trender</title>'
    "<body><p>{text}</p><p>You can close this page.</p></body></html>"
)


@dataclass
class Callback:
    """What came back to the loopback port; empty until something valid did."""

    state: str
    code: str | None = field(default=None, repr=False)
    error: str | None = None


def web_flow(
    github: str,
    client_id: str,
    client_secret: str,
    terminal: Terminal,
    open_page: Callable[[str], bool],
    *,
    port: int = 0,
    lifetime: float = LIFETIME_SECONDS,
) -> Token:
    """Get a token by way of the user's browser.

    Args:
        github: GitHub's address for people.
        client_id: The OAuth app.
        client_secret: Its secret.
        terminal: Told the address to open.
        open_page: Opens a page in a browser, if there is one.
        port: The loopback port; 0 takes a free one.
        lifetime: Seconds to wait for the browser; GitHub's code lives as long.

    Raises:
        CommandFailure: When it was denied, timed out, or GitHub refuses.
    """
    callback = Callback(state=secrets.token_urlsafe(32))
    verifier = secrets.token_urlsafe(64)
    with _server(port, callback) as server:
        redirect = f"http://{LOOPBACK}:{server.server_port}/callback"
        query = urlencode(
            {
                "client_id": client_id,
                "redirect_uri": redirect,
                "state": callback.state,
                "code_challenge": challenge(verifier),
                "code_challenge_method": "S256",
            }
        )
        page = f"{github}/login/oauth/authorize?{query}"
        terminal.note(f"Open this address in a browser on this machine:\n  {page}")
        open_page(page)
        deadline = time.monotonic() + lifetime
        while callback.code is None and callback.error is None:
            server.timeout = deadline - time.monotonic()
            if server.timeout <= 0:
                raise CommandFailure(
                    f"No answer from the browser within {lifetime:.0f} s; run it again.", UPSTREAM
                )
            server.handle_request()
    if callback.error is not None:
        raise failure(OAuthRefused(callback.error, "", {}))
    try:
        return token_of(
            post(
                f"{github}/login/oauth/access_token",
                {
                    "client_id": client_id,
                    "client_secret": client_secret,
                    "code": callback.code or "",
                    "redirect_uri": redirect,
                    "code_verifier": verifier,
                },
            )
        )
    except OAuthRefused as refused:
        raise failure(refused) from None


def challenge(verifier: str) -> str:
    """The PKCE challenge of a verifier, method S256 (RFC 7636 §4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _server(port: int, callback: Callback) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10.0
        server_version = "trender"
        sys_version = ""

        def do_GET(self) -> None:
            status, text = receive(callback, self.path, self.headers.get("Host", ""))
            body = PAGE.format(text=text).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src 'none'")
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the address holds the code."""

    try:
        return HTTPServer((LOOPBACK, port), Handler)
    except OSError as error:
        raise CommandFailure(
            f"Port {port} of {LOOPBACK} can't be used: {error.strerror}. Choose another with "
            "--port, or leave --port out to take a free one.",
            CONFIGURATION,
        ) from None


def receive(callback: Callback, path: str, host: str) -> tuple[int, str]:
    """Take what a browser brings to the loopback port.

    Whoever does not know the state changes nothing: the flow goes on waiting for the real one.

    Returns:
        The HTTP status and what the page says; it never repeats anything it was sent.
    """
    parts = urlsplit(path)
    if host.rsplit(":", 1)[0] not in (LOOPBACK, "localhost"):
        return 400, "This address is only for this machine."
    if parts.path != "/callback":
        return 404, "There is nothing here."
    if callback.code is not None or callback.error is not None:
        return 409, "This was already used."
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    if not hmac.compare_digest(query.get("state", "").encode(), callback.state.encode()):
        return 400, "Refused: this answer does not belong to the request Trender made."
    if "error" in query:
        callback.error = query["error"]
        return 200, "GitHub did not grant access. The terminal says what to do."
    if not query.get("code"):
        return 400, "Refused: there is no code in this answer."
    callback.code = query["code"]
    return 200, "Trender has what it needs."
