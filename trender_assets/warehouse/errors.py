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


class EvidenceIsGone(WarehouseError):
    """A rebuild would lose days whose raw evidence was deleted."""


DISK_IS_FULL = (
    "PostgreSQL's disk is full: free some space where it keeps its data, then run this again. "
    "Nothing of this was written, and what had landed before is unharmed"
)


def why(error: BaseException) -> str:
    """An error in one sentence, with what to do where a person can do something."""
    text = str(error).strip()
    if "DiskFull" in {parent.__name__ for parent in type(error).__mro__}:
        return f"{DISK_IS_FULL} ({text.splitlines()[0] if text else 'SQLSTATE 53100'})"
    return f"{type(error).__name__}: {error}"
