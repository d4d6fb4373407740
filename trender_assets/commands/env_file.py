"""The `.env` file: which one it is, what it says, and changing one line of it.

Define here how the file is read and written. Secrets may be in it, so it is written with mode
0600 and in one step; lines Trender does not know stay as they are.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from trender_assets.commands.failures import CommandFailure

PLAIN_VALUE = re.compile(r"^[A-Za-z0-9_./:@%+,-]*$")
MODE = 0o600
OTHERS_MAY_READ = 0o077


def env_file() -> Path:
    """The `.env` that Trender writes.

    TRENDER_ENV_FILE names it; else it is the one of the current folder, when there is one; else
    the repository's own (or, for an installed package, the current folder's).
    """
    from trender_assets.settings import PROJECT_ROOT

    named = os.environ.get("TRENDER_ENV_FILE")
    if named:
        return Path(named)
    here = Path.cwd() / ".env"
    if here.exists() or not (PROJECT_ROOT / "pyproject.toml").exists():
        return here
    return PROJECT_ROOT / ".env"


def env_files() -> tuple[Path, ...]:
    """The files that settings are read from, the later one winning."""
    from trender_assets.settings import PROJECT_ROOT

    if os.environ.get("TRENDER_ENV_FILE"):
        return (env_file(),)
    return (PROJECT_ROOT / ".env", Path(".env"))


def read_values(path: Path) -> dict[str, str]:
    """The variables a file sets; an empty mapping when there is no file."""
    from dotenv import dotenv_values

    if not path.exists():
        return {}
    return {
        key: value
        for key, value in dotenv_values(path, encoding="utf-8-sig", interpolate=False).items()
        if value is not None
    }


def write_values(path: Path, values: Mapping[str, str]) -> bool:
    """Set variables in the file, keep every other line, and give it mode 0600.

    A byte-order mark is removed, because the first variable would not be found behind it. The
    file is replaced in one step; a symbolic link stays one.

    Returns:
        Whether the file had to be changed.

    Raises:
        CommandFailure: When the file can't be written; the message names it.
    """
    from dotenv import set_key

    old = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    target = path.resolve()
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".env-") as folder:
            draft = Path(folder) / "draft"
            draft.touch(MODE)
            draft.write_text(_without_repeats(old, values), encoding="utf-8")
            for key, value in values.items():
                set_key(draft, key, value, "never" if PLAIN_VALUE.match(value) else "always")
            same = path.exists() and draft.read_text(encoding="utf-8") == old
            if same and not path.stat().st_mode & OTHERS_MAY_READ:
                return False
            draft.chmod(MODE)
            draft.replace(target)
    except OSError as error:
        raise CommandFailure(
            f"{path} can't be written: {error.strerror}. Set TRENDER_ENV_FILE to a file you may "
            "write to."
        ) from None
    return True


def _without_repeats(text: str, keys: Iterable[str]) -> str:
    """The text with the first line of each of these variables only."""
    seen: set[str] = set()
    kept = []
    for line in text.splitlines():
        key = line.strip().removeprefix("export ").partition("=")[0].strip()
        if key not in seen:
            kept.append(line)
        seen.update({key} & set(keys))
    return "".join(f"{line}\n" for line in kept)
