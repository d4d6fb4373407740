"""What one run learnt of one repository, and how a listing of it is asked for and read.

Define here which answers make up a reading. How they are obtained belongs to `repositories`, which
listings there are to `first_pass`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from trender_assets.github.answers import Answer, Found
from trender_assets.trending.reading.fields import Ask
from trender_assets.trending.reading.file_entry import Files


@dataclass(frozen=True)
class StreamReading:
    """What one stream brought of one repository.

    Attributes:
        data: What GitHub listed, in the shape of the stream's raw payload.
        is_truncated: Whether a page cap or a failing page cut the listing, or it moved meanwhile.
        window_start: Start of the window (UTC), inclusive.
        window_end: End of the window (UTC), inclusive.
    """

    data: Any
    is_truncated: bool
    window_start: datetime
    window_end: datetime


@dataclass(frozen=True)
class Window:
    """A time before a run's logical time."""

    start: datetime
    end: datetime

    @classmethod
    def before(cls, as_of: datetime, days: int = 7) -> Window:
        """The window of some days that ends at an aware time."""
        return cls(as_of - timedelta(days=days), as_of)

    @property
    def since(self) -> str:
        """The start as GitHub wants it: UTC with Z, to the second."""
        return timestamp(self.start)

    @property
    def until(self) -> str:
        """The end as GitHub wants it."""
        return timestamp(self.end)

    def reading(self, data: Any, *, is_truncated: bool) -> Found[StreamReading]:
        """What was listed in this window."""
        return Found(StreamReading(data, is_truncated, self.start, self.end))


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with Z; naive times are refused because they mean nothing."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Streams = Mapping[str, Answer[StreamReading]]


@dataclass(frozen=True)
class StreamReader:
    """How a listing is asked for with the repository itself, and what is made of it.

    Attributes:
        streams: The streams it brings; names of the registry.
        field: The field of the answer that holds it.
        selection: What is asked, with the variables ``$since``, ``$until`` and ``$updatedSince``.
        read: Turns the repository's answer into the streams, asking for further pages.
    """

    streams: tuple[str, ...]
    field: str
    selection: str
    read: Callable[[dict[str, Any], datetime, Ask], Awaitable[Streams]]


@dataclass(frozen=True)
class RepositoryReading:
    """One repository as read in one run.

    Attributes:
        candidate_id: The node id that was asked for.
        repo_id: GitHub's numeric id; None when GitHub did not tell.
        full_name: Its present name, or the candidate's when GitHub did not tell.
        core: The raw layer's ``api_response``.
        streams: What was listed, by stream.
        files: All files in the raw layer's shape; None when nothing changed or was asked.
        fetched_at: When the first pass answered (UTC).
    """

    candidate_id: str
    repo_id: int | None
    full_name: str
    core: Answer[dict[str, Any]]
    streams: Streams
    files: Answer[Files] | None
    fetched_at: datetime
