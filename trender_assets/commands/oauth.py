"""`trender oauth`: a GitHub token without any scope, by the device flow or the web flow.

Define here the command's options and where the token goes. The flows are in `oauth_exchange` and
`oauth_web`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from trender_assets.commands.failures import USAGE, CommandFailure
from trender_assets.commands.options import Json
from trender_assets.commands.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from trender_assets.commands.oauth_exchange import Token
    from trender_assets.settings import Settings

REVOKE = "https://github.com/settings/applications"


def oauth(
    web: Annotated[
        bool, typer.Option("--web", help="The web flow (needs GITHUB_CLIENT_SECRET).")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="With --web: 0 takes a free port.")
    ] = 0,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page for you.")
    ] = True,
    write_env: Annotated[
        bool, typer.Option("--write-env", help="Write GITHUB_TOKEN to .env, mode 0600.")
    ] = False,
    show: Annotated[bool, typer.Option("--show", help="Print the token, once.")] = False,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, help="With --web: seconds to wait.")
    ] = 600.0,
    as_json: Json = False,
) -> None:
    """Get a GitHub token. It asks for no scope: public data needs none."""
    from trender_assets.commands.env_file import env_file, write_values
    from trender_assets.commands.oauth_exchange import device_flow
    from trender_assets.commands.oauth_web import web_flow
    from trender_assets.commands.ready import load_settings

    terminal = Terminal(as_json=as_json)
    if not (write_env or show):
        raise CommandFailure(
            "Say where the token should go: --write-env writes it to .env (mode 0600), --show "
            "prints it once.",
            USAGE,
        )
    settings = load_settings()
    client_id = _client_id(settings)
    github = settings.github_oauth_url.rstrip("/")
    open_page = _open_page if browser else _open_nothing
    if web:
        token = web_flow(
            github,
            client_id,
            _client_secret(settings),
            terminal,
            open_page,
            port=port,
            lifetime=timeout,
        )
    else:
        token = device_flow(github, client_id, terminal, open_page)
    path = env_file()
    replaced = bool(settings.github_tokens)
    if write_env:
        write_values(path, {"GITHUB_TOKEN": token.value})
    _report(terminal, token, path if write_env else None, show=show, replaced=replaced)


def _report(
    terminal: Terminal, token: Token, path: Path | None, *, show: bool, replaced: bool
) -> None:
    scopes = ", ".join(token.scopes) or "none"
    terminal.document(
        {
            "scopes": list(token.scopes),
            "written_to": None if path is None else str(path),
            "replaced": replaced and path is not None,
        }
    )
    terminal.say(f"{terminal.style('✓', 'green')} GitHub gave a token (scopes: {scopes}).")
    if token.dangerous_scopes:
        terminal.note(
            f"warning: the token carries {', '.join(token.dangerous_scopes)}, which Trender never "
            "asked for and does not need. Revoke the app's access and authorize it again."
        )
    if path is not None:
        terminal.say(f"  GITHUB_TOKEN is in {path} (mode 0600).")
        if replaced:
            terminal.say(f"  It replaces an older one; revoke that at {REVOKE}.")
    terminal.note("It ends when you revoke it, or after a year without use.")
    if show:
        # The one place that prints a token, and only because it was asked to.
        sys.stdout.write(f"{token.value}\n")
        sys.stdout.flush()


def _client_id(settings: Settings) -> str:
    if not settings.github_client_id:
        raise CommandFailure(
            "GITHUB_CLIENT_ID is not set: create an OAuth app at "
            'https://github.com/settings/developers, tick "Enable Device Flow", and put its '
            "client id in the environment or .env. Simpler: create a fine-grained token with "
            '"Public repositories (read-only)" at https://github.com/settings/tokens and set '
            "GITHUB_TOKEN."
        )
    return settings.github_client_id


def _client_secret(settings: Settings) -> str:
    if settings.github_client_secret is None:
        raise CommandFailure(
            "GITHUB_CLIENT_SECRET is not set, and the web flow needs it. Use `trender oauth` "
            "without --web: the device flow needs no secret."
        )
    return settings.github_client_secret.get_secret_value()


def _open_page(address: str) -> bool:
    import webbrowser

    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False


def _open_nothing(address: str) -> bool:
    return False
