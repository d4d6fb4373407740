"""The device flow: the user types a code on GitHub's page, we poll. No secret, no server.

Define here the flow's steps (GitHub docs, "Device flow"). Where the token goes afterwards is
`oauth`'s business.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from trender_assets.commands.failures import UPSTREAM, CommandFailure
from trender_assets.commands.oauth_exchange import OAuthRefused, Token, failure, post, token_of
from trender_assets.commands.terminal import Terminal

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SLOW_DOWN_SECONDS = 5.0
DEFAULT_INTERVAL = 5.0
DEFAULT_LIFETIME = 900.0


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
