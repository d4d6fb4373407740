"""Which state of the warehouse an answer was made from.

Define here what makes two states different. When a state may be shown is `published`'s business.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import psycopg

from trender_web.config import VERSION
from trender_web.data.statements import Row, query


@dataclass(frozen=True)
class DataVersion:
    """Which state of the warehouse an answer was made from.

    Attributes:
        token: Changes whenever a run published something.
        as_of: Logical time of the newest observation, or None when there is none.
        run_id: The newest recorded run, or None.
        is_built: Whether the analytics tables exist at all.
    """

    token: str
    as_of: datetime | None
    run_id: str | None
    is_built: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show yet: a fresh installation."""
        return self.as_of is None


def read_version(connection: psycopg.Connection[Row]) -> DataVersion:
    """The version that a connection sees."""
    built = read_generation(connection)
    if built.get("facts") is None:
        return DataVersion(f"empty-{VERSION}", None, None, is_built=False)
    newest = connection.execute(query("version")).fetchone() or {}
    seed = repr((VERSION, sorted(built.items()), sorted(newest.items())))
    return DataVersion(
        token=hashlib.sha256(seed.encode()).hexdigest()[:16],
        as_of=newest.get("as_of"),
        run_id=newest.get("run_id"),
        is_built=True,
    )


def read_generation(connection: psycopg.Connection[Row]) -> Row:
    """Which tables there are now: names are looked up in the present, whatever the snapshot.

    A full refresh puts other tables in their place, and those are empty to an older snapshot.
    """
    return connection.execute(query("generation")).fetchone() or {}
