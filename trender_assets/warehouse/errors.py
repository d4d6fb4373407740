"""Errors of the warehouse that a person can act on.

Define an error here when it tells the user what to do about the database.
SQL errors that only a developer can fix stay psycopg's own.
"""

from __future__ import annotations


class WarehouseError(Exception):
    """The warehouse can't be used; the message says what to do."""


class WarehouseUnavailable(WarehouseError):
    """No PostgreSQL answers at the configured address."""


class WarehouseTooNew(WarehouseError):
    """The database was migrated by a newer Trender than this one."""
