"""A Dagster instance for one test, and runs on it."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
import pytest

from trender_assets.definitions import defs


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as one:
        yield one


def start_run(instance: dg.DagsterInstance, **tags: str) -> dg.DagsterRun:
    """A run of the hourly job that is under way."""
    run = instance.create_run_for_job(
        defs.resolve_job_def("hourly_refresh"), status=dg.DagsterRunStatus.STARTED, tags=tags
    )
    return run
