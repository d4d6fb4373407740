"""The logical time of a run: one value that every step of the run shares.

Define here how a run's `as_of` is found. Logic and models take it as an argument and never ask
a clock themselves.
"""

from __future__ import annotations

from datetime import UTC, datetime

import dagster as dg

AS_OF_TAG = "trender/as_of"
SCHEDULED_TAG = "dagster/scheduled_execution_time"


def run_as_of(context: dg.AssetExecutionContext) -> datetime:
    """The run's logical time in UTC, to the second.

    It is the tag ``trender/as_of`` when somebody asked for a time, else the moment the run was
    created, so that a catch-up run says when it looked, not when it should have looked.
    """
    wanted = context.run.tags.get(AS_OF_TAG)
    if wanted:
        return parse_as_of(wanted)
    record = context.instance.get_run_record_by_id(context.run_id)
    created = record.create_timestamp if record is not None else datetime.now(UTC)
    if created.tzinfo is None:
        created = created.replace(tzinfo=UTC)
    return created.astimezone(UTC).replace(microsecond=0)


def parse_as_of(text: str) -> datetime:
    """Read an ISO 8601 time; without an offset it is UTC.

    Raises:
        ValueError: When the text is not a time.
    """
    value = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return value.astimezone(UTC).replace(microsecond=0)
