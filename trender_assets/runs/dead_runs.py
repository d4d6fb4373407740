"""Runs that look alive and are not: their machine or process died, or a person stops it.

Define here how a run's worker signs itself in, and how a run is ended from outside. Dagster's own
run monitoring can't see a death with the default launcher (measured: a run stayed STARTED for
good).
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import dagster as dg

HOST_TAG = "trender/host"
BOOT_TAG = "trender/boot_id"
PID_TAG = "trender/pid"
BORN_TAG = "trender/process_start"
UNFINISHED = (
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
)
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def identity() -> dict[str, str]:
    """Tags that name this process, for a run that it is about to work on."""
    pid = os.getpid()
    return {
        HOST_TAG: socket.gethostname(),
        BOOT_TAG: _boot_id(),
        PID_TAG: str(pid),
        BORN_TAG: _born(pid) or "unknown",
    }


def sign_in(instance: dg.DagsterInstance, run_id: str) -> None:
    """Note on a run which process works on it."""
    instance.add_run_tags(run_id, identity())


def end_dead_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Report dead runs as failed and give back what they held, so that nothing waits for them.

    A run that is killed keeps its place in a pool; without this the next run would wait for it
    for ever (Dagster's daemon frees it after a while, but a refresh may run without a daemon).
    """
    dead = dead_runs(instance)
    for run in dead:
        instance.report_run_failed(run, "its process is gone: the machine or the worker died")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return dead


def cancel_own_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Report this process's runs as canceled, because a person stops it; free their pools.

    Reported before the process ends: Dagster calls a run whose process is interrupted failed.
    """
    mine = {name: value for name, value in identity().items() if name in (HOST_TAG, PID_TAG)}
    return _cancel(instance, instance.get_runs(dg.RunsFilter(statuses=list(UNFINISHED), tags=mine)))


def cancel_runs_of(instance: dg.DagsterInstance, leader: int) -> list[dg.DagsterRun]:
    """Report what a Dagster works on, or was about to, as canceled, because a person stops it.

    A run of another process, such as a refresh in another terminal, goes on. One that no process
    has signed waits for Dagster.

    Args:
        instance: Where the runs are recorded.
        leader: The process whose session is Dagster's.
    """

    def is_its(tags: Mapping[str, str]) -> bool:
        if PID_TAG not in tags:
            return True
        try:
            return _is_alive(tags) and os.getsid(int(tags[PID_TAG])) == leader
        except OSError:
            return False

    statuses = [*UNFINISHED, dg.DagsterRunStatus.QUEUED]
    active = instance.get_runs(dg.RunsFilter(statuses=statuses))
    return _cancel(instance, [run for run in active if is_its(run.tags)])


def _cancel(instance: dg.DagsterInstance, runs: Sequence[dg.DagsterRun]) -> list[dg.DagsterRun]:
    for run in runs:
        instance.report_run_canceled(run, "stopped by the person who started it")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return list(runs)


def dead_runs(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """Unfinished runs of this machine whose process is gone, or that began before it booted.

    Only runs that a process has signed count: one that waits in a queue belongs to nobody yet.
    """
    started = instance.get_runs(
        dg.RunsFilter(
            statuses=list(UNFINISHED),
            tags={HOST_TAG: socket.gethostname()},
        )
    )
    return [run for run in started if not _is_alive(run.tags)]


def _is_alive(tags: Mapping[str, str]) -> bool:
    if tags.get(BOOT_TAG) != _boot_id():
        return False
    try:
        pid = int(tags[PID_TAG])
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, KeyError, ValueError):
        return False
    # Process ids are used again; the one we look for began when the tag says.
    born = _born(pid)
    return born is None or tags.get(BORN_TAG, born) in (born, "unknown")


def _born(pid: int) -> str | None:
    """When a process began, in the kernel's ticks; ``dead`` for a zombie, None when not told."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return "dead" if fields[0] in "ZX" else fields[19]


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text().strip()
    except OSError:
        return "unknown"
