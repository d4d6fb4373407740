"""Ctrl-C and SIGTERM during a run in this process: it ends at once and says so.

Define here how a run is stopped. Dagster takes an interrupt for a step's failure and goes on with
the next one; so the run has a thread of its own, where no signal reaches it, and the main thread
records it as canceled and ends the process. PostgreSQL rolls back whatever was not committed.
"""

from __future__ import annotations

import contextlib
import contextvars
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NoReturn, TypeVar

T = TypeVar("T")
RECORD_SECONDS = 1.2
RECORD_TIMEOUT_MS = 800


@dataclass
class Current:
    """The run that is going on; filled in as each run begins."""

    url: str = ""
    run_id: str | None = None


def stoppable(work: Callable[[], T], current: Current, again: str) -> T:
    """Do the work, and end this process within two seconds when it is told to stop.

    Args:
        work: What to do.
        current: The run to record as canceled.
        again: The command that goes on from what has landed.

    Returns:
        What the work returned; what it raised is raised.
    """
    outcome: Future[T] = Future()
    context = contextvars.copy_context()

    def do() -> None:
        try:
            outcome.set_result(context.run(work))
        except BaseException as error:
            outcome.set_exception(error)

    worker = threading.Thread(target=do, name="run", daemon=True)
    worker.start()
    try:
        worker.join()
    except KeyboardInterrupt:
        _end(signal.SIGINT, current, again)
    except SystemExit:
        _end(signal.SIGTERM, current, again)
    return outcome.result()


def _end(number: signal.Signals, current: Current, again: str) -> NoReturn:
    """Say it, record it if that can be done quickly, and end the process."""
    by = "by you" if number == signal.SIGINT else "by a signal to end"
    terminal = sys.__stderr__  # sys.stderr goes to the run's log meanwhile
    if terminal is not None:
        with contextlib.suppress(OSError, ValueError):
            terminal.write(f"\ntrender: stopped {by}. What had landed stays; go on with: {again}\n")
            terminal.flush()
    _for_a_while(lambda: record_canceled(current))
    os._exit(128 + number)


def _for_a_while(work: Callable[[], None]) -> None:
    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(RECORD_SECONDS)


def record_canceled(current: Current) -> None:
    """Tell Dagster and fact_workflow_executions that the run was canceled.

    If it can't be done in time, the next run finds a run without a process and records that.
    """
    if current.run_id is None:
        return
    import dagster as dg

    from trender_assets.runs.record import record_execution
    from trender_assets.settings import PROJECT_ROOT
    from trender_assets.warehouse.connect import connect

    with dg.DagsterInstance.from_config(str(PROJECT_ROOT)) as instance:
        run = instance.get_run_by_id(current.run_id)
        if run is None or run.is_finished:
            return
        instance.report_run_canceled(run, "stopped by a signal")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        canceled = instance.get_run_by_id(current.run_id)
        assert canceled is not None
        with connect(current.url) as connection:
            # The run's own build may hold tables that the record counts.
            connection.execute(
                "select set_config('statement_timeout', %s, false)", [str(RECORD_TIMEOUT_MS)]
            )
            record_execution(instance, canceled, connection)
