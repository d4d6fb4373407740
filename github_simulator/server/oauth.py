"""GitHub's OAuth for apps: the device flow and the web flow with PKCE.

Define a step of a flow here. Tokens made here are as good as any other at the API.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

CODE_LIFETIME = 600
DEVICE_LIFETIME = 900
INTERVAL = 5


@dataclass
class Device:
    """A device code on its way.

    Attributes:
        script: What happens: ``approve`` after `polls`, ``deny`` or ``expire``.
    """

    created: float
    interval: int
    script: str
    polls: int
    last_poll: float = 0.0
    seen: int = 0


@dataclass
class Grant:
    """A code of the web flow, good once."""

    created: float
    client_id: str
    redirect_uri: str
    challenge: str | None
    is_used: bool = False


class OAuth:
    """All flows of one server.

    The client id steers the device flow: one that holds ``deny`` or ``expire`` ends that way,
    ``slow`` answers slow_down once, ``quick`` asks for polls every second.
    """

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}
        self._grants: dict[str, Grant] = {}

    def routes(self) -> list[Route]:
        """The Starlette routes."""
        return [
            Route("/login/device/code", self.device_code, methods=["POST"]),
            Route("/login/oauth/access_token", self.access_token, methods=["POST"]),
            Route("/login/oauth/authorize", self.authorize, methods=["GET"]),
            Route("/login/device", self.device_page, methods=["GET"]),
        ]

    async def device_page(self, request: Request) -> Response:
        """Where a person would enter the user code."""
        return HTMLResponse("<p>The simulator approves device codes by itself.</p>")

    async def device_code(self, request: Request) -> Response:
        """Begin a device flow."""
        form = await _form(request)
        client = form.get("client_id", "")
        if not client:
            return _answer(request, {"error": "incorrect_client_credentials"})
        script = next((s for s in ("deny", "expire", "slow") if s in client), "approve")
        code = secrets.token_hex(20)
        interval = 1 if "quick" in client else INTERVAL
        self._devices[code] = Device(time.time(), interval, script, polls=2)
        base = f"{request.url.scheme}://{request.url.netloc}"
        return _answer(
            request,
            {
                "device_code": code,
                "user_code": f"{secrets.token_hex(2).upper()}-{secrets.token_hex(2).upper()}",
                "verification_uri": f"{base}/login/device",
                "expires_in": DEVICE_LIFETIME,
                "interval": interval,
            },
        )

    async def authorize(self, request: Request) -> Response:
        """Approve and redirect with code and state; ``?sim=deny`` refuses."""
        query = dict(request.query_params)
        target = query.get("redirect_uri", "")
        if not query.get("client_id") or not target:
            return HTMLResponse("<p>Not Found</p>", 404)
        answer: dict[str, str] = {}
        if query.get("sim") == "deny":
            answer = {
                "error": "access_denied",
                "error_description": "The user has denied your application access.",
            }
        elif query.get("code_challenge") and query.get("code_challenge_method") != "S256":
            answer = {"error": "invalid_request"}
        else:
            code = answer["code"] = secrets.token_hex(10)
            self._grants[code] = Grant(
                time.time(), query["client_id"], target, query.get("code_challenge")
            )
        if "state" in query:
            answer["state"] = query["state"]
        joint = "&" if "?" in target else "?"
        return Response(None, 302, {"Location": f"{target}{joint}{urlencode(answer)}"})

    async def access_token(self, request: Request) -> Response:
        """Exchange a device code or a web flow's code for a token."""
        form = await _form(request)
        if form.get("grant_type") == "urn:ietf:params:oauth:grant-type:device_code":
            return _answer(request, self._poll(form))
        return _answer(request, self._exchange(form))

    def _poll(self, form: dict[str, str]) -> dict[str, Any]:
        device = self._devices.get(form.get("device_code", ""))
        now = time.time()
        if device is None:
            return _error("incorrect_device_code", "The device_code provided is not valid.")
        if now - device.created > DEVICE_LIFETIME:
            return _error("expired_token", "The `device_code` has expired.")
        too_soon = device.last_poll and now - device.last_poll < device.interval - 0.2
        device.last_poll = now
        device.seen += 1
        if too_soon or (device.script == "slow" and device.seen == 2):
            device.interval += 5 if device.interval >= INTERVAL else 1
            return _error("slow_down", "Too many requests.", interval=device.interval)
        if device.seen < device.polls:
            return _error("authorization_pending", "The authorization request is still pending.")
        if device.script == "deny":
            return _error("access_denied", "The authorization request was denied.")
        if device.script == "expire":
            return _error("expired_token", "The `device_code` has expired.")
        del self._devices[form["device_code"]]
        return _token_answer()

    def _exchange(self, form: dict[str, str]) -> dict[str, Any]:
        grant = self._grants.get(form.get("code", ""))
        wrong = _error("bad_verification_code", "The code passed is incorrect or expired.")
        if grant is None or grant.is_used or time.time() - grant.created > CODE_LIFETIME:
            return wrong
        if not form.get("client_secret") or form.get("client_id") != grant.client_id:
            return _error(
                "incorrect_client_credentials",
                "The client_id and/or client_secret passed are incorrect.",
            )
        if form.get("redirect_uri", grant.redirect_uri) != grant.redirect_uri:
            return _error("redirect_uri_mismatch", "The redirect_uri MUST match.")
        if (
            grant.challenge is not None
            and _challenge(form.get("code_verifier", "")) != grant.challenge
        ):
            return wrong
        grant.is_used = True
        return _token_answer()


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _token_answer() -> dict[str, Any]:
    token = "gho_" + secrets.token_hex(18)
    return {"access_token": token, "token_type": "bearer", "scope": ""}


def _error(code: str, text: str, **more: Any) -> dict[str, Any]:
    return {"error": code, "error_description": text, **more}


async def _form(request: Request) -> dict[str, str]:
    """Fields of a JSON or form body, or of the query string."""
    raw = await request.body()
    if "json" in request.headers.get("content-type", ""):
        body = await request.json()
        return {str(k): str(v) for k, v in body.items()} if isinstance(body, dict) else {}
    fields = {k: v[0] for k, v in parse_qs(raw.decode("utf-8", "replace")).items()}
    return {**dict(request.query_params), **fields}


def _answer(request: Request, body: dict[str, Any]) -> Response:
    """Form-encoded unless the client accepts JSON; errors are 200 too."""
    if "json" in request.headers.get("accept", ""):
        return JSONResponse(body)
    return Response(urlencode(body), media_type="application/x-www-form-urlencoded")
