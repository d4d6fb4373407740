"""Runs whose process is gone."""

from __future__ import annotations

import os
import subprocess
import sys

import dagster as dg

from tests.assets.conftest import start_run
from trender_assets.automation import end_dead_runs
from trender_assets.runs.dead_runs import (
    BOOT_TAG,
    BORN_TAG,
    HOST_TAG,
    PID_TAG,
    cancel_runs_of,
    dead_runs,
    sign_in,
)


def test_a_run_whose_process_is_gone_is_reaped(instance: dg.DagsterInstance) -> None:
    """Killed, or begun before the machine booted; a living one is left alone."""
    alive = start_run(instance)
    sign_in(instance, alive.run_id)
    corpse = subprocess.Popen([sys.executable, "-c", "pass"])
    corpse.wait()
    killed, old = start_run(instance), start_run(instance)
    signed = instance.get_run_by_id(alive.run_id)
    assert signed is not None
    tags = {HOST_TAG: signed.tags[HOST_TAG], BOOT_TAG: signed.tags[BOOT_TAG]}
    instance.add_run_tags(killed.run_id, {**tags, PID_TAG: str(corpse.pid)})
    instance.add_run_tags(old.run_id, {**tags, BOOT_TAG: "another boot", PID_TAG: str(os.getpid())})
    elsewhere = start_run(instance)
    instance.add_run_tags(elsewhere.run_id, {HOST_TAG: "another-host", PID_TAG: "1"})
    assert {run.run_id for run in dead_runs(instance)} == {killed.run_id, old.run_id}
    end_dead_runs(dg.build_sensor_context(instance))
    for run, status in (
        (alive, dg.DagsterRunStatus.STARTED),
        (elsewhere, dg.DagsterRunStatus.STARTED),
        (killed, dg.DagsterRunStatus.FAILURE),
        (old, dg.DagsterRunStatus.FAILURE),
    ):
        now = instance.get_run_by_id(run.run_id)
        assert now is not None
        assert now.status == status
    assert dead_runs(instance) == []


def test_stopping_dagster_cancels_its_own_runs_only(instance: dg.DagsterInstance) -> None:
    """Every run that was going on in the database was canceled, also the refresh that somebody
    had begun in another terminal; and none at all when Dagster was too busy to be asked."""
    dagster = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        its, waiting, others, elsewhere = (start_run(instance) for _ in range(4))
        for run in (its, others, elsewhere):
            sign_in(instance, run.run_id)
        instance.add_run_tags(its.run_id, {PID_TAG: str(dagster.pid), BORN_TAG: "unknown"})
        instance.add_run_tags(elsewhere.run_id, {BOOT_TAG: "another machine's"})
        canceled = cancel_runs_of(instance, dagster.pid)
    finally:
        dagster.kill()
        dagster.wait()
    assert {run.run_id for run in canceled} == {its.run_id, waiting.run_id}
    for run, status in (
        (its, dg.DagsterRunStatus.CANCELED),
        (waiting, dg.DagsterRunStatus.CANCELED),
        (others, dg.DagsterRunStatus.STARTED),
        (elsewhere, dg.DagsterRunStatus.STARTED),
    ):
        now = instance.get_run_by_id(run.run_id)
        assert now is not None and now.status == status


def test_a_reused_process_id_does_not_hide_a_corpse(instance: dg.DagsterInstance) -> None:
    """Another process that was given the dead one's id is not taken for it."""
    run = start_run(instance)
    sign_in(instance, run.run_id)
    signed = instance.get_run_by_id(run.run_id)
    assert signed is not None
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        instance.add_run_tags(run.run_id, {PID_TAG: str(other.pid)})
        assert [item.run_id for item in dead_runs(instance)] == [run.run_id]
    finally:
        other.kill()
        other.wait()
