"""The files at the root and in deploy/: they parse, and name what exists."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from trender_assets.settings import Settings

from .conftest import CHECKOUT


def _yaml(name: str) -> Any:
    return yaml.safe_load((CHECKOUT / name).read_text(encoding="utf-8"))


def test_env_example_names_only_known_settings() -> None:
    known: set[str] = set()
    for name, field in Settings.model_fields.items():
        known.add(field.alias if isinstance(field.alias, str) else name.upper())
    text = (CHECKOUT / ".env.example").read_text(encoding="utf-8")
    named = set(re.findall(r"^#? ?([A-Z][A-Z_]+)=", text, flags=re.MULTILINE))
    assert named <= known
    assert {"GITHUB_TOKEN", "DATABASE_URL", "TRENDER_DATA_DIR"} <= named


def test_dagster_stores_in_postgres_and_tells_nobody() -> None:
    settings = _yaml("dagster.yaml")
    assert settings["storage"]["postgres"]["postgres_url"] == {"env": "DATABASE_URL"}
    assert settings["telemetry"] == {"enabled": False}
    assert settings["concurrency"]["pools"]["default_limit"] == 1
    assert settings["run_monitoring"]["max_runtime_seconds"] == 1800


def test_workspaces_name_the_code_location() -> None:
    (location,) = _yaml("workspace.yaml")["load_from"]
    assert location["python_module"]["module_name"] == "trender_assets.definitions"
    (remote,) = _yaml("deploy/workspace.yaml")["load_from"]
    assert set(remote["grpc_server"]) == {"host", "port", "location_name"}


def test_our_own_blueprint_is_one_that_we_understand() -> None:
    """What Trender says of everybody's render.yaml it says of its own."""
    from trender_assets.trending.detection.blueprint import parse_blueprint

    text = (CHECKOUT / "deploy" / "render.yaml").read_text(encoding="utf-8")
    finding = parse_blueprint(text)
    assert (finding.status, finding.reason) == ("valid", None)
    assert finding.service_types == {"web": 2, "worker": 1, "pserv": 1}
    assert finding.database_count == 1


def test_our_own_blueprint_fits_renders_schema(shared_data: Path) -> None:
    import jsonschema

    schema = json.loads((shared_data / "specs" / "render.yaml.schema.repaired.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    assert [error.message for error in validator.iter_errors(_yaml("deploy/render.yaml"))] == []


def test_no_secret_and_no_address_of_this_machine() -> None:
    for name in (
        "dagster.yaml",
        "workspace.yaml",
        ".env.example",
        "Makefile",
        ".ci/run",
        "deploy/render.yaml",
    ):
        text = (CHECKOUT / name).read_text(encoding="utf-8")
        assert not re.search(r"gh[pousr]_[A-Za-z0-9]{10,}", text)
        assert str(CHECKOUT) not in text


@pytest.mark.parametrize(
    "target", ["setup", "demo", "dev", "test", "check", "bench", "clean", "help"]
)
def test_make_knows_every_target(target: str) -> None:
    answer = subprocess.run(
        ["make", "--dry-run", target],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        env={key: value for key, value in os.environ.items() if key != "MAKEFLAGS"},
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def test_ci_calls_make_test() -> None:
    run = CHECKOUT / ".ci" / "run"
    assert os.access(run, os.X_OK)
    assert run.read_text(encoding="utf-8").rstrip().endswith("make test")
    assert Path(run).read_text(encoding="utf-8").startswith("#!/bin/sh\n")


def test_the_environment_prepares_dagsters_commands_and_no_others(tmp_path: Path) -> None:
    """What is prepared is tested in tests/test_dagster_defaults.py."""
    line = (CHECKOUT / "deploy" / "trender_dagster.pth").read_text(encoding="utf-8")
    code = "import sys; print('trender_assets.commands.dagster_defaults' in sys.modules)"
    for name, expected in (("dagster", "True"), ("dg", "True"), ("pytest", "False")):
        script = tmp_path / name
        script.write_text(f"{line}\n{code}\n", encoding="utf-8")
        answer = subprocess.run(
            [sys.executable, str(script), "--help"], capture_output=True, text=True, check=True
        )
        assert answer.stdout.strip() == expected
