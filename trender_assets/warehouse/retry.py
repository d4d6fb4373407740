"""Transactions that survive what PostgreSQL says may be tried again.

Define here which errors are worth another try: serialisation failures and deadlocks. Every
other error is the caller's; lost connections are reopened by whoever owns them.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus

T = TypeVar("T")
ATTEMPTS = 5


def in_transaction(connection: psycopg.Connection, work: Callable[[psycopg.Cursor], T]) -> T:
    """Do `work` in one transaction, up to five times on 40001 and 40P01.

    A transaction that is open and has only read is ended first: inside of it, each attempt would
    be a savepoint that sees the same old state. One that has written is the caller's, and so is
    its failure: `work` is then done once.

    Args:
        connection: Where to do it.
        work: What to do; it may be called again from the beginning.

    Raises:
        psycopg.Error: The last error, when no attempt succeeded.
    """
    attempts = 1 if _has_written(connection) else ATTEMPTS
    for attempt in range(1, attempts + 1):
        try:
            with connection.transaction(), connection.cursor() as cursor:
                return work(cursor)
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            if attempt == attempts:
                raise
            time.sleep(random.uniform(0.05, 0.2) * attempt)
    raise AssertionError("unreachable")


def _has_written(connection: psycopg.Connection) -> bool:
    """Whether an open transaction holds changes; one that holds none is ended."""
    if connection.info.transaction_status != TransactionStatus.INTRANS:
        return False
    row = connection.execute("select pg_current_xact_id_if_assigned()").fetchone()
    if row is not None and row[0] is not None:
        return True
    connection.commit()
    return False
