"""OAuth's two flows against a server: each refusal, four of the draft README's five troubles.

The five: the browser does not open, the port is in use, "bad verification code", the token must
be made anew (in `test_oauth_command`), "access denied".
"""

from __future__ import annotations

import socket
import threading
import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest

from trender_assets.commands.failures import CommandFailure
from trender_assets.commands.oauth_exchange import device_flow
from trender_assets.commands.oauth_web import Callback, challenge, receive, web_flow
from trender_assets.commands.terminal import Terminal

from .oauth_server import DEVICE, TOKEN, OAuthServer, granted, refused

pytestmark = pytest.mark.usefixtures("clean_process")
SECRET = "the-secret-of-the-app"


def _nothing(address: str) -> bool:
    return False


class Browser:
    """Opens the authorize page like a browser: GitHub sends it straight back."""

    def __init__(self, **answer: str) -> None:
        self.answer = answer
        self.page = ""
        self.statuses: list[int] = []
        self.bodies: list[str] = []

    def __call__(self, page: str) -> bool:
        self.page = page
        query = {key: value[0] for key, value in parse_qs(urlsplit(page).query).items()}
        threading.Thread(target=self._visit, args=(query,), daemon=True).start()
        return True

    def _visit(self, query: dict[str, str]) -> None:
        self.get(query["redirect_uri"], {"state": query["state"], **self.answer})

    def get(self, address: str, parameters: dict[str, str], **headers: str) -> int:
        from urllib.parse import urlencode

        request = urllib.request.Request(f"{address}?{urlencode(parameters)}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                status, body = answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read().decode()
        self.statuses.append(status)
        self.bodies.append(body)
        return status


def test_the_device_flow_waits_slows_down_and_asks_for_no_scope(
    github: OAuthServer, capsys: pytest.CaptureFixture[str]
) -> None:
    github.device["interval"] = 5
    github.answers = [
        refused("authorization_pending"),
        refused("slow_down", interval=10),
        refused("slow_down"),
        granted(),
    ]
    waits: list[float] = []
    token = device_flow(github.address, "client", Terminal(), _nothing, sleep=waits.append)
    assert token.value == TOKEN
    assert token.scopes == ()
    assert waits == [5, 5, 10, 15]
    assert github.asked[0] == ("/login/device/code", {"client_id": "client"})
    assert github.asked[1][1]["grant_type"] == "urn:ietf:params:oauth:grant-type:device_code"
    shown = capsys.readouterr()
    assert str(DEVICE["verification_uri"]) in shown.err and "WDJB-MJHT" in shown.err
    assert TOKEN not in shown.out + shown.err
    assert TOKEN not in repr(token)


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        ("access_denied", 4, "sign out of GitHub"),
        ("expired_token", 4, "expired"),
        ("incorrect_device_code", 4, "again"),
        ("incorrect_client_credentials", 3, "GITHUB_CLIENT_ID"),
        ("device_flow_disabled", 3, "Enable Device Flow"),
        ("unsupported_grant_type", 4, "TRENDER_GITHUB_OAUTH_URL"),
        ("something_new", 4, "something_new"),
    ],
)
def test_each_refusal_says_what_to_do(
    github: OAuthServer, error: str, code: int, text: str
) -> None:
    """Trouble "Access denied" among them."""
    github.answers = [refused(error)]
    with pytest.raises(CommandFailure) as caught:
        device_flow(github.address, "client", Terminal(), _nothing, sleep=lambda _: None)
    assert caught.value.exit_code == code
    assert text in str(caught.value)


def test_the_device_flow_ends_when_the_code_does(github: OAuthServer) -> None:
    github.device["expires_in"] = 10
    github.answers = [refused("authorization_pending")] * 10
    times = iter(range(0, 100, 4))
    with pytest.raises(CommandFailure, match="expired"):
        device_flow(
            github.address,
            "client",
            Terminal(),
            _nothing,
            sleep=lambda _: None,
            clock=lambda: float(next(times)),
        )


@pytest.mark.parametrize("body", [b"<html>502</html>", b"", b"[1]"])
def test_answers_that_are_no_answer(github: OAuthServer, body: bytes) -> None:
    github.answers = [body]
    with pytest.raises(CommandFailure) as caught:
        device_flow(github.address, "client", Terminal(), _nothing, sleep=lambda _: None)
    assert caught.value.exit_code == 4


def test_the_web_flow_uses_state_pkce_and_a_loopback_port(
    github: OAuthServer, capsys: pytest.CaptureFixture[str]
) -> None:
    github.answers = [granted()]
    browser = Browser(code="the-code")
    token = web_flow(github.address, "client", SECRET, Terminal(), browser, lifetime=20)
    assert token.value == TOKEN
    asked = {key: value[0] for key, value in parse_qs(urlsplit(browser.page).query).items()}
    assert "scope" not in asked
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert urlsplit(asked["redirect_uri"]).hostname == "127.0.0.1"
    path, form = github.asked[0]
    assert path == "/login/oauth/access_token"
    assert form["code"] == "the-code"
    assert form["redirect_uri"] == asked["redirect_uri"]
    assert challenge(form["code_verifier"]) == asked["code_challenge"]
    shown = capsys.readouterr()
    assert SECRET not in shown.out + shown.err
    assert "the-code" not in shown.out + shown.err + "".join(browser.bodies)


def test_pkce_as_in_rfc_7636_appendix_b() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == (
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_trouble_1_the_browser_does_not_open(
    github: OAuthServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole address is printed, to be opened by hand."""
    with pytest.raises(CommandFailure, match="No answer from the browser"):
        web_flow(github.address, "client", SECRET, Terminal(), _nothing, lifetime=0.2)
    assert f"{github.address}/login/oauth/authorize?client_id=client" in capsys.readouterr().err


def test_trouble_2_the_port_is_in_use(github: OAuthServer) -> None:
    """Nobody is killed: another port is taken, and the message says how."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(CommandFailure, match="--port") as caught:
            web_flow(github.address, "client", SECRET, Terminal(), _nothing, port=port)
        assert str(port) in str(caught.value)
        assert caught.value.exit_code == 3
        github.answers = [granted()]
        token = web_flow(github.address, "c", SECRET, Terminal(), Browser(code="x"), lifetime=20)
        assert token.value == TOKEN


def test_trouble_3_bad_verification_code(github: OAuthServer) -> None:
    github.answers = [refused("bad_verification_code")]
    with pytest.raises(CommandFailure, match="works once and for 10 minutes") as caught:
        web_flow(github.address, "client", SECRET, Terminal(), Browser(code="used"), lifetime=20)
    assert "trender oauth --web" in str(caught.value)


def test_trouble_5_access_denied_in_the_browser(github: OAuthServer) -> None:
    browser = Browser(error="access_denied")
    with pytest.raises(CommandFailure, match="sign out of GitHub") as caught:
        web_flow(github.address, "client", SECRET, Terminal(), browser, lifetime=20)
    assert caught.value.exit_code == 4
    assert github.asked == []


def test_a_stranger_without_the_state_changes_nothing() -> None:
    """Wrong and missing state, foreign Host, other paths, a second hit."""
    callback = Callback(state="s" * 43)
    host = "127.0.0.1:1234"
    assert receive(callback, "/callback?code=evil&state=wrong", host)[0] == 400
    assert receive(callback, "/callback?code=evil", host)[0] == 400
    assert receive(callback, "/callback?error=access_denied&state=", host)[0] == 400
    assert receive(callback, f"/callback?code=x&state={callback.state}", "evil.example")[0] == 400
    assert receive(callback, f"/callback?state={callback.state}", host)[0] == 400
    assert receive(callback, f"/other?code=x&state={callback.state}", host)[0] == 404
    assert callback == Callback(state="s" * 43)
    status, page = receive(callback, f"/callback?code=good&state={callback.state}", host)
    assert (status, callback.code) == (200, "good")
    assert "good" not in page
    assert receive(callback, f"/callback?code=again&state={callback.state}", host)[0] == 409
    assert callback.code == "good"


def test_a_stranger_is_refused_and_the_flow_goes_on(github: OAuthServer) -> None:
    github.answers = [granted()]

    class Attacked(Browser):
        def _visit(self, query: dict[str, str]) -> None:
            self.get(query["redirect_uri"], {"state": "guess", "code": "evil"})
            self.get(query["redirect_uri"], {"state": query["state"], "code": "good"})

    browser = Attacked()
    web_flow(github.address, "client", SECRET, Terminal(), browser, lifetime=20)
    assert browser.statuses[0] == 400
    assert github.asked[0][1]["code"] == "good"
