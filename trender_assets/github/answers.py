"""What an answer can be: found, absent, or unknown; an error never becomes "no data".

Define here only the three states every value from GitHub has. Reasons are stable words that SQL
can group by; what happened on the wire belongs to `decide`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Found(Generic[T_co]):
    """GitHub said what it is.

    Attributes:
        value: What GitHub said.
        note: What of it could not be had, and why; None when it is whole.
    """

    value: T_co
    note: str | None = None


@dataclass(frozen=True)
class Absent:
    """GitHub said that there is none.

    Attributes:
        reason: ``not_found``, ``blocked_dmca``, ``blocked_tos``, ``empty`` or ``disabled``.
    """

    reason: str


@dataclass(frozen=True)
class Unknown:
    """GitHub could not be asked, or its answer can't be trusted; what was known stays known.

    Attributes:
        reason: A short text for people, without secrets.
    """

    reason: str


Answer = Found[T_co] | Absent | Unknown
