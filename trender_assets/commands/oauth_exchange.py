"""What both OAuth flows say to GitHub, and the device flow, which needs nothing else.

Define here the errors GitHub's token endpoint answers and what a person can do about each
(GitHub's "Troubleshooting OAuth app access token request errors"). The device flow: the
user types a code on GitHub's page, we poll. The other flow is in `oauth_web`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from trender_assets.commands.failures import CONFIGURATION, UPSTREAM, CommandFailure
from trender_assets.commands.terminal import Terminal
from trender_assets.github.redaction import remember

TIMEOUT_SECONDS = 20.0
REMEDIES = {
    "access_denied": "Access was denied on GitHub's page. Run `trender oauth` again and choose "
    "Authorize; if you are signed in as somebody else, sign out of GitHub first.",
    "bad_verification_code": "GitHub did not accept the code: it works once and for 10 minutes. "
    "Run `trender oauth --web` again for a new one.",
    "expired_token": "The code expired before it was entered (15 minutes). Run `trender oauth` "
    "again for a new one.",
    "incorrect_client_credentials": "GitHub does not know this client. Check GITHUB_CLIENT_ID "
    "(and GITHUB_CLIENT_SECRET, for --web).",
    "incorrect_device_code": "GitHub does not know this device code. Run `trender oauth` again.",
    "device_flow_disabled": 'The OAuth app does not allow the device flow. Tick "Enable Device '
    'Flow" in its settings, or use `trender oauth --web`.',
    "redirect_uri_mismatch": "The OAuth app's callback address does not allow this one. Register "
    "http://127.0.0.1/callback in its settings.",
    "unsupported_grant_type": "GitHub does not know the device flow at this address; check "
    "TRENDER_GITHUB_OAUTH_URL.",
    "unverified_user_email": "GitHub wants your primary e-mail address verified first.",
}
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SLOW_DOWN_SECONDS = 5.0
DEFAULT_INTERVAL = 5.0
DEFAULT_LIFETIME = 900.0
CREDENTIALS = {"incorrect_client_credentials", "device_flow_disabled", "redirect_uri_mismatch"}


@dataclass(frozen=True)
class Token:
    """A token and what it may do; its value never appears in a repr."""

    value: str = field(repr=False)
    scopes: tuple[str, ...]

    @property
    def dangerous_scopes(self) -> tuple[str, ...]:
        """Scopes that allow writing or reading private code; public data needs none."""
        return tuple(scope for scope in self.scopes if scope not in ("read:user", "user:email"))


class OAuthRefused(Exception):
    """GitHub answered an error; `error` is its name."""

    def __init__(self, error: str, description: str, answer: dict[str, Any]) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.answer = answer


def post(address: str, form: dict[str, str]) -> dict[str, Any]:
    """Send a form and read the JSON answer; GitHub says errors with status 200.

    Raises:
        OAuthRefused: When the answer is an error.
        CommandFailure: When nobody, or somebody else, answers.
    """
    try:
        answer = httpx.post(
            address,
            data=form,
            headers={"Accept": "application/json", "User-Agent": "trender"},
            timeout=TIMEOUT_SECONDS,
        )
    except httpx.HTTPError as error:
        from trender_assets.github.wire import cause_of

        raise CommandFailure(
            f"{address} does not answer: {cause_of(error)}; check the network and "
            "TRENDER_GITHUB_OAUTH_URL.",
            UPSTREAM,
        ) from None
    try:
        body = answer.json()
    except ValueError:
        raise CommandFailure(
            f"{address} answered {answer.status_code} and no JSON; check GITHUB_CLIENT_ID and "
            "TRENDER_GITHUB_OAUTH_URL.",
            UPSTREAM,
        ) from None
    if not isinstance(body, dict):
        raise CommandFailure(f"{address} answered something unexpected.", UPSTREAM)
    if "error" in body:
        raise OAuthRefused(str(body["error"]), str(body.get("error_description", "")), body)
    if answer.is_error:
        raise CommandFailure(
            f"{address} answered {answer.status_code}; check GITHUB_CLIENT_ID.", UPSTREAM
        )
    return body


def token_of(answer: dict[str, Any]) -> Token:
    """The token of a good answer; it is hidden in everything printed from here on.

    Raises:
        CommandFailure: When the answer holds none.
    """
    value = answer.get("access_token")
    if not isinstance(value, str) or not value:
        raise CommandFailure("GitHub's answer holds no token; try again.", UPSTREAM)
    remember(value)
    scopes = str(answer.get("scope") or "").replace(",", " ").split()
    return Token(value, tuple(scopes))


def failure(refused: OAuthRefused) -> CommandFailure:
    """What a person reads when GitHub refuses."""
    remedy = REMEDIES.get(refused.error)
    text = remedy or f"GitHub refused: {refused.error}. {refused.description}".strip()
    code = CONFIGURATION if refused.error in CREDENTIALS else UPSTREAM
    return CommandFailure(text if remedy is None else f"{text} ({refused.error})", code)


def device_flow(
    github: str,
    client_id: str,
    terminal: Terminal,
    open_page: Callable[[str], bool],
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Token:
    """Get a token with a code that the user types.

    Args:
        github: GitHub's address for people, such as ``https://github.com``.
        client_id: The OAuth app.
        terminal: Told the page and the code.
        open_page: Opens a page in a browser, if there is one.
        sleep: Waits between two polls.
        clock: Seconds.

    Raises:
        CommandFailure: When it was denied, expired, or GitHub refuses.
    """
    try:
        started = post(f"{github}/login/device/code", {"client_id": client_id})
    except OAuthRefused as refused:
        raise failure(refused) from None
    page = str(started["verification_uri"])
    terminal.note(f"Open {page} and enter the code {started['user_code']}")
    open_page(page)
    interval = _seconds(started.get("interval"), DEFAULT_INTERVAL)
    deadline = clock() + _seconds(started.get("expires_in"), DEFAULT_LIFETIME)
    terminal.note("Waiting for you to authorize … (Ctrl-C gives up)")
    while clock() < deadline:
        sleep(interval)
        try:
            return token_of(
                post(
                    f"{github}/login/oauth/access_token",
                    {
                        "client_id": client_id,
                        "device_code": str(started["device_code"]),
                        "grant_type": GRANT,
                    },
                )
            )
        except OAuthRefused as refused:
            if refused.error == "slow_down":
                interval = _seconds(refused.answer.get("interval"), interval + SLOW_DOWN_SECONDS)
            elif refused.error != "authorization_pending":
                raise failure(refused) from None
    raise CommandFailure("The code expired before it was entered; run it again.", UPSTREAM)


def _seconds(value: object, default: float) -> float:
    if isinstance(value, int | float | str):
        try:
            return max(0.0, float(value))
        except ValueError:
            return default
    return default
