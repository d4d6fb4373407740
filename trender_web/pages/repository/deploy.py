"""Links and snippets we build ourselves from names that GitHub could have given.

Define here an address or a piece of markup that leaves the dashboard. Nothing a stranger wrote
becomes part of one, save a repository's name in GitHub's own alphabet.
"""

from __future__ import annotations

from urllib.parse import quote

from trender_web.answer.text import is_repository


def repository_url(github: str, full_name: str) -> str | None:
    """The repository on GitHub, or None when its name could not be one."""
    owner, _, name = full_name.partition("/")
    return f"{github}/{owner}/{name}" if is_repository(owner, name) else None


def blueprint_url(github: str, full_name: str, path: str | None) -> str | None:
    """The Blueprint's file on GitHub's default branch."""
    base = repository_url(github, full_name)
    if base is None or path not in ("render.yaml", "render.yml"):
        return None
    return f"{base}/blob/HEAD/{path}"


def deploy_url(github: str, full_name: str) -> str | None:
    """Render's page that deploys a public repository with a Blueprint."""
    base = repository_url(github, full_name)
    return f"https://render.com/deploy?repo={quote(base, safe='')}" if base else None


def snippets(base_url: str, full_name: str) -> list[tuple[str, str, str]]:
    """(key, label, markup) of what others may put into their pages."""
    page = f"{base_url}/repo/{full_name}"
    badge = f"{base_url}/badge/{full_name}.svg"
    card = f"{base_url}/embed/{full_name}"
    return [
        ("badge-md", "Badge, Markdown", f"[![Trender rank]({badge}?metric=rank)]({page})"),
        (
            "badge-html",
            "Badge, light and dark",
            f'<a href="{page}"><picture><source media="(prefers-color-scheme: dark)" '
            f'srcset="{badge}?metric=rank&amp;theme=dark"><img alt="Trender rank" '
            f'src="{badge}?metric=rank&amp;theme=light"></picture></a>',
        ),
        (
            "card",
            "Card",
            f'<iframe src="{card}" title="{full_name} on Trender" width="420" height="200" '
            'loading="lazy"></iframe>',
        ),
    ]
