"""The manifest is whole for every process that asks, however many start at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

READ = """
import json
from trender_assets.dbt_runner import ensure_manifest
from trender_assets.settings import FileSettings
print(len(json.loads(ensure_manifest(FileSettings()).read_bytes())["nodes"]))
"""


def test_processes_that_start_at_once_all_read_a_whole_manifest(tmp_path: Path) -> None:
    """A fresh clone's first commands: each finds no manifest, one writes it, all read it."""
    environment = {**os.environ, "DBT_TARGET_PATH": str(tmp_path / "target")}
    started = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", READ],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    answers = [(process.communicate(timeout=120), process.returncode) for process in started]
    assert [code for _, code in answers] == [0, 0, 0], answers
    counts = {int(out.strip().splitlines()[-1]) for (out, _), _ in answers}
    assert len(counts) == 1 and counts.pop() > 20
    assert json.loads((tmp_path / "target" / "manifest.json").read_text())["nodes"]
