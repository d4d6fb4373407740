"""Plain Dagster commands find the code location and the database by themselves."""

from __future__ import annotations

import os

import pytest

from trender_assets.commands import dagster_defaults


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, warehouse_url: str) -> None:
    monkeypatch.delenv("DAGSTER_MODULE_NAME", raising=False)
    monkeypatch.setenv("DATABASE_URL", warehouse_url)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["python", "/x/bin/dagster", "asset", "materialize", "--select", "*"], True),
        (["python", "/x/bin/dagster", "job", "execute", "-j", "hourly_refresh"], True),
        (["python", "/x/bin/dagster", "asset", "list", "-m", "other"], False),
        (["python", "/x/bin/dagster", "dev", "-w", "workspace.yaml"], False),
        (["python", "/x/bin/dagster", "asset", "materialize", "--help"], False),
        (["python", "/x/bin/pytest", "asset"], False),
        (["python"], False),
    ],
)
def test_the_code_location_is_named_only_where_it_must_be(
    arguments: list[str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    dagster_defaults.apply(arguments)
    assert (os.environ.pop("DAGSTER_MODULE_NAME", None) == dagster_defaults.MODULE) is expected


def test_a_database_of_the_shell_wins(warehouse_url: str) -> None:
    dagster_defaults.apply(["python", "/x/bin/dagster", "dev"])
    assert os.environ["DATABASE_URL"] == warehouse_url


def test_without_one_the_configured_database_is_used(
    warehouse_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    env_file = tmp_path / "env"
    env_file.write_text(f"DATABASE_URL='{warehouse_url}'\n")
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setitem(
        __import__("trender_assets.settings", fromlist=["Settings"]).Settings.model_config,
        "env_file",
        str(env_file),
    )
    dagster_defaults.apply(["python", "/x/bin/dagster-webserver"])
    assert os.environ["DATABASE_URL"] == warehouse_url


def test_no_database_is_said_and_does_not_stop_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path
) -> None:
    env_file = tmp_path / "env"
    env_file.write_text("DATABASE_URL='mysql://nowhere'\n")
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setitem(
        __import__("trender_assets.settings", fromlist=["Settings"]).Settings.model_config,
        "env_file",
        str(env_file),
    )
    dagster_defaults.apply(["python", "/x/bin/dagster", "dev"])
    assert "postgresql://" in capsys.readouterr().err
    assert "DATABASE_URL" not in os.environ
