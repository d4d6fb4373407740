"""Fixtures of the command line's tests: an isolated machine to run `trender` on."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from trender_assets.github import redaction
from trender_assets.warehouse import embedded

from .oauth_server import OAuthServer, oauth_server

CHECKOUT = Path(__file__).resolve().parents[2]
CANARY = "ghp_CANARY0123456789abcdefghijABCDEF"
OURS = (
    "DATABASE_URL",
    "GITHUB_TOKEN",
    "GITHUB_ACCESS_TOKEN",
    "GITHUB_API_BASE_URL",
    "GITHUB_CLIENT_ID",
    "GITHUB_CLIENT_SECRET",
    "TRENDER_CONFIG",
    "TRENDER_DATA_DIR",
    "TRENDER_DAGSTER_URL",
    "TRENDER_DEBUG",
    "TRENDER_ENV_FILE",
    "TRENDER_GITHUB_OAUTH_URL",
    "TRENDER_ALERT_WEBHOOK_URL",
    "DAGSTER_HOME",
    "NO_COLOR",
)


@dataclass
class Machine:
    """A data folder and an `.env` of its own, and `trender` as a real process."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def env_file(self) -> Path:
        return self.folder / ".env"

    def variables(self, **more: str) -> dict[str, str]:
        inherited = {key: value for key, value in os.environ.items() if key not in OURS}
        return {
            **inherited,
            "TRENDER_DATA_DIR": str(self.data_dir),
            "TRENDER_ENV_FILE": str(self.env_file),
            **self.environment,
            **more,
        }

    def trender(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "trender_assets.commands.cli", *arguments],
            capture_output=True,
            text=True,
            env=self.variables(**more),
            cwd=self.folder,
            timeout=120,
            check=False,
        )


@contextmanager
def a_machine() -> Iterator[Machine]:
    """A machine of one's own; a server it leaves running is stopped."""
    with tempfile.TemporaryDirectory(prefix="trender-cli-") as folder:
        path = Path(folder)
        path.chmod(0o755)
        built = Machine(path)
        yield built
        if embedded.status(built.data_dir).running:
            embedded.stop(built.data_dir)


@pytest.fixture
def machine() -> Iterator[Machine]:
    with a_machine() as built:
        yield built


@pytest.fixture(scope="module")
def embedded_machine() -> Iterator[Machine]:
    """A machine whose embedded server the tests of one module share."""
    with a_machine() as built:
        yield built


@pytest.fixture
def github() -> Iterator[OAuthServer]:
    """GitHub's OAuth, with scripted answers."""
    with oauth_server() as server:
        yield server


@pytest.fixture
def clean_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This process without the developer's own settings; returns the `.env` it would use."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRENDER_ENV_FILE", str(tmp_path / ".env"))
    monkeypatch.setenv("TRENDER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(redaction, "_known", set())
    return tmp_path / ".env"
