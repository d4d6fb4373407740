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

T = TypeVar("T")
ATTEMPTS = 5


def in_transaction(connection: psycopg.Connection, work: Callable[[psycopg.Cursor], T]) -> T:
    """Do `work` in one transaction, up to five times on 40001 and 40P01.

    Raises:
        psycopg.Error: The last error, when no attempt succeeded.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with connection.transaction(), connection.cursor() as cursor:
                return work(cursor)
        except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected):
            if attempt == ATTEMPTS:
                raise
            time.sleep(random.uniform(0.05, 0.2) * attempt)
    raise AssertionError("unreachable")
