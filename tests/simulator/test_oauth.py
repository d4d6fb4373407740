"""OAuth: device flow and web flow with PKCE."""

from __future__ import annotations

import base64
import hashlib
import time
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from .conftest import Simulator

JSON = {"Accept": "application/json"}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


def poll(simulator: Simulator, code: str, client: str) -> dict:
    form = {"client_id": client, "device_code": code, "grant_type": DEVICE}
    url = f"{simulator.url}/login/oauth/access_token"
    return httpx.post(url, data=form, headers=JSON).json()


def begin(simulator: Simulator, client: str) -> dict:
    url = f"{simulator.url}/login/device/code"
    return httpx.post(url, data={"client_id": client}, headers=JSON).json()


def test_device_flow_pending_slow_down_token(simulator: Simulator) -> None:
    start = begin(simulator, "quick-slow")
    assert start["interval"] == 1 and start["verification_uri"].endswith("/login/device")
    assert poll(simulator, start["device_code"], "quick-slow")["error"] == "authorization_pending"
    slow = poll(simulator, start["device_code"], "quick-slow")
    assert (slow["error"], slow["interval"]) == ("slow_down", 2)
    time.sleep(2)
    done = poll(simulator, start["device_code"], "quick-slow")
    assert done["access_token"].startswith("gho_") and done["scope"] == ""
    headers = {"Authorization": f"Bearer {done['access_token']}"}
    assert httpx.get(f"{simulator.url}/rate_limit", headers=headers).status_code == 200
    assert poll(simulator, start["device_code"], "quick-slow")["error"] == "incorrect_device_code"


@pytest.mark.parametrize(
    ("client", "error"), [("quick-deny", "access_denied"), ("quick-expire", "expired_token")]
)
def test_device_flow_refused(simulator: Simulator, client: str, error: str) -> None:
    start = begin(simulator, client)
    poll(simulator, start["device_code"], client)
    time.sleep(1)
    assert poll(simulator, start["device_code"], client)["error"] == error


def authorize(simulator: Simulator, **more: str) -> dict[str, list[str]]:
    target = "http://127.0.0.1:9999/callback"
    params = {"client_id": "web", "redirect_uri": target, "state": "s1", **more}
    answer = httpx.get(f"{simulator.url}/login/oauth/authorize", params=params)
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(target)
    return parse_qs(urlsplit(answer.headers["location"]).query)


def exchange(simulator: Simulator, code: str, **more: str) -> httpx.Response:
    form = {"client_id": "web", "client_secret": "not-secret", "code": code, **more}
    return httpx.post(f"{simulator.url}/login/oauth/access_token", data=form)


def test_web_flow_with_pkce(simulator: Simulator) -> None:
    verifier = "v" * 50
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    query = authorize(simulator, code_challenge=challenge, code_challenge_method="S256")
    assert query["state"] == ["s1"]
    wrong = exchange(simulator, query["code"][0], code_verifier="other")
    assert parse_qs(wrong.text)["error"] == ["bad_verification_code"]
    right = exchange(simulator, query["code"][0], code_verifier=verifier)
    assert right.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert parse_qs(right.text)["access_token"][0].startswith("gho_")
    again = exchange(simulator, query["code"][0], code_verifier=verifier)
    assert parse_qs(again.text)["error"] == ["bad_verification_code"]


def test_web_flow_refused(simulator: Simulator) -> None:
    query = authorize(simulator, sim="deny")
    assert query["error"] == ["access_denied"] and "code" not in query
    code = authorize(simulator)["code"][0]
    bad = exchange(simulator, code, client_secret="")
    assert parse_qs(bad.text)["error"] == ["incorrect_client_credentials"]
    bad = exchange(simulator, code, redirect_uri="http://evil.example/")
    assert parse_qs(bad.text)["error"] == ["redirect_uri_mismatch"]
