"""Starting the dashboard: ``python -m trender_web --database-url URL --port N``.

Define here how the command line and the environment become a `WebConfig`. What the process
answers belongs to `app`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

from trender_web.config import DEFAULT_PORT, WebConfig

CONFIG_ERROR = 3


def read_config(arguments: Sequence[str], environment: dict[str, str]) -> WebConfig:
    """The settings that the command line gives, else the environment.

    Raises:
        SystemExit: With status 3 when no usable database address is given, 2 on wrong usage.
    """
    parser = argparse.ArgumentParser(prog="python -m trender_web", description=__doc__)
    parser.add_argument("--database-url", default=environment.get("DATABASE_URL"))
    parser.add_argument("--host", default=environment.get("HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(environment.get("PORT", DEFAULT_PORT)))
    parser.add_argument("--base-url", default=environment.get("TRENDER_WEB_URL"))
    parser.add_argument("--github-url", default="https://github.com")
    parser.add_argument("--dagster-url", default=environment.get("TRENDER_DAGSTER_URL"))
    options = parser.parse_args(arguments)
    url = _normalised(options.database_url)
    if url is None:
        print(
            "No database: set DATABASE_URL=postgresql://… or pass --database-url. "
            "`trender serve` finds the embedded one by itself.",
            file=sys.stderr,
        )
        raise SystemExit(CONFIG_ERROR)
    dagster_url = (options.dagster_url or "").strip().rstrip("/") or None
    if dagster_url and not _is_web_address(dagster_url):
        print(
            "TRENDER_DAGSTER_URL (--dagster-url) must be an http:// or https:// address without "
            "a password.",
            file=sys.stderr,
        )
        raise SystemExit(CONFIG_ERROR)
    base = options.base_url or f"http://{_shown_host(options.host)}:{options.port}"
    return WebConfig(
        database_url=url,
        host=options.host,
        port=options.port,
        base_url=base.rstrip("/"),
        github_url=options.github_url.rstrip("/"),
        dagster_url=dagster_url,
    )


def _normalised(url: str | None) -> str | None:
    """``postgres://`` and ``postgresql+driver://`` become ``postgresql://``; else None."""
    scheme, separator, rest = (url or "").partition("://")
    if separator and scheme.split("+")[0] in ("postgres", "postgresql"):
        return f"postgresql://{rest}"
    return None


def _is_web_address(url: str) -> bool:
    """Whether an address may stand on a page as a link."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in url
    except ValueError:
        return False


def _shown_host(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::", "") else host


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until a signal ends the process."""
    config = read_config(sys.argv[1:] if arguments is None else arguments, dict(os.environ))
    import uvicorn

    from trender_web.app import create_app
    from trender_web.serving.connections import BoundedProtocol

    print(f"Trender's dashboard: {config.base_url}", file=sys.stderr)
    uvicorn.run(
        create_app(config),
        host=config.host,
        port=config.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=5,
        limit_concurrency=500,
        http=BoundedProtocol,
        ws="none",
    )


if __name__ == "__main__":
    main()
