"""Lints the migrations, and the dbt models as dbt compiles them against a warehouse of their own.

Define here only how sqlfluff gets what dbt's templater needs: an address and migrated schemas.
The rules are in `.sqlfluff`. Run ``python -m scripts.lint_sql``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from trender_assets.dbt.runner import build
from trender_assets.raw.migrate import migrate
from trender_assets.settings import PROJECT_ROOT, FileSettings
from trender_assets.warehouse import embedded
from trender_assets.warehouse.connect import postgres_environment


def main() -> int:
    """Lint every migration and model; the exit code is sqlfluff's."""
    migrations = _sqlfluff("trender_assets/raw/migrations", "--templater", "raw")
    with tempfile.TemporaryDirectory(prefix="trender-lint-") as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder)
        url = embedded.start(data_dir)
        try:
            migrate(url)
            os.environ["DBT_TARGET_PATH"] = f"{folder}/target"
            # Incremental models are linted as they run every hour: with their tables there.
            kinds = ["resource_type:seed", "resource_type:model"]
            build(FileSettings(), postgres_environment(url), select=kinds)
            os.environ.update(postgres_environment(url))
            return _sqlfluff("trender_dbt/models", "trender_dbt/tests") or migrations
        finally:
            embedded.stop(data_dir)


def _sqlfluff(*arguments: str) -> int:
    command = [sys.executable, "-m", "sqlfluff", "lint", "--disable-progress-bar", *arguments]
    return subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
