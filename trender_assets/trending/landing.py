"""From what the GitHub client read to rows of the raw layer; pure.

Define here how found, absent and unknown answers become attempts and quarantined rows. How an
answer is obtained belongs to `github/`, how rows are written to `raw/`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256

from trender_assets.github.allowance import (
    is_skipped,
)
from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.replies import KEPT_BYTES, UnreadableAnswer
from trender_assets.raw.rows import (
    Attempt,
    DiscoveryRow,
    Outcome,
    Payload,
    QuarantineRow,
    exact_bytes,
    seal,
)
from trender_assets.raw.streams import stream_of_purpose
from trender_assets.trending.known import StoredFiles
from trender_assets.trending.reading.discovery import QueryOutcome
from trender_assets.trending.reading.reading import RepositoryReading
from trender_assets.trending.reading.stars import StarHistoryReading

DISCOVERY_PURPOSES = ("search", "code search", "organisation", "user")


def outcome_of(answer: Answer[object]) -> tuple[Outcome, str | None]:
    """The fetch log's word for an answer, and its reason."""
    match answer:
        case Found(note=note):
            return "found", note
        case Absent(reason):
            return "absent", reason
        case Unknown(reason):
            return "unknown", reason


def repository_attempts(
    reading: RepositoryReading,
    *,
    discovered_by: tuple[str, ...],
    streams: Collection[str],
    stored_files: StoredFiles | None = None,
    known_repo_id: int | None = None,
) -> tuple[list[Attempt], list[QuarantineRow]]:
    """The attempts that one reading of one repository makes, and what had to be set aside.

    Args:
        reading: What the client read.
        discovered_by: Names of the queries that found the repository.
        streams: Which streams are to be landed.
        stored_files: What the warehouse holds of its files.
        known_repo_id: Its id when the answer does not tell it.
    """
    repo_id = reading.repo_id if reading.repo_id is not None else known_repo_id
    attempts: list[Attempt] = []
    quarantine: list[QuarantineRow] = []

    def add(stream: str, answer: Answer[object], payload: Payload | None, **more: object) -> None:
        outcome, reason = outcome_of(answer)
        attempts.append(
            Attempt(
                stream=stream,
                repo_id=repo_id,
                repo_full_name=reading.full_name,
                outcome=outcome,
                reason=reason,
                payload=payload,
                node_id=reading.candidate_id,
                discovered_by=discovered_by,
                fetched_at=reading.fetched_at,
                **more,  # pyright: ignore[reportArgumentType]
            )
        )

    def sealed(stream: str, value: object) -> Payload | None:
        """The payload, or None after noting why it can't be stored."""
        try:
            return seal(value)
        except (ValueError, RecursionError) as error:
            reason = f"can't be stored: {error}"
            exact = exact_bytes(value)
            quarantine.append(
                QuarantineRow(
                    stream=stream,
                    repo_id=repo_id,
                    repo_full_name=reading.full_name,
                    reason=reason,
                    payload=None if exact is None else exact[:KEPT_BYTES],
                    fetched_at=reading.fetched_at,
                    payload_size=None if exact is None else len(exact),
                    payload_sha256=None if exact is None else sha256(exact).hexdigest(),
                )
            )
            add(stream, Unknown(reason), None)
            return None

    if "repos" in streams:
        if isinstance(reading.core, Found):
            payload = sealed("repos", reading.core.value)
            if payload is not None:
                add("repos", reading.core, payload)
        else:
            add("repos", reading.core, None)
    for stream, answer in reading.streams.items():
        if stream not in streams:
            continue
        if isinstance(answer, Found):
            payload = sealed(stream, answer.value.data)
            if payload is not None:
                add(
                    stream,
                    answer,
                    payload,
                    window_start=answer.value.window_start,
                    window_end=answer.value.window_end,
                    is_truncated=answer.value.is_truncated,
                )
        else:
            add(stream, answer, None)
    if "files" in streams:
        if reading.files is None:
            if stored_files is not None:
                add("files", Found(None), None, raw_id=stored_files.raw_id)
        elif isinstance(reading.files, Found):
            payload = sealed("files", reading.files.value)
            if payload is not None:
                add("files", reading.files, payload)
        else:
            add("files", reading.files, None)
    return attempts, quarantine


def star_attempt(reading: StarHistoryReading, newest_raw_id: int | None) -> Attempt:
    """The attempt that one reading of a star history makes.

    Args:
        reading: What the client read.
        newest_raw_id: The stored row an unchanged (304) answer refers to.
    """
    outcome, reason = outcome_of(reading.answer)
    return Attempt(
        stream="stars",
        repo_id=reading.repo_id,
        repo_full_name=reading.full_name,
        outcome=outcome,
        reason=reason,
        payload=seal(reading.answer.value) if isinstance(reading.answer, Found) else None,
        fetched_at=reading.fetched_at,
        raw_id=newest_raw_id,
    )


def discovery_rows(outcomes: Iterable[QueryOutcome]) -> tuple[DiscoveryRow, ...]:
    """The rows that say how candidates were found."""
    return tuple(
        DiscoveryRow(
            query_name=item.query.name,
            endpoint=item.query.kind,
            query=item.query.query,
            outcome=outcome_of(item.answer)[0],
            reason=item.reason or outcome_of(item.answer)[1],
            total_count=item.total_count,
            items_seen=item.items,
            pages=item.pages,
            incomplete_results=item.incomplete_results,
            is_capped=item.is_capped,
            fetched_at=item.fetched_at,
        )
        for item in outcomes
    )


def discovery_failure(
    outcomes: Iterable[QueryOutcome], *, must_find: bool, found_before: int
) -> str | None:
    """Why a source's discovery counts as failed, or None when it does not.

    It failed when no query answered, and when an answer of zero repositories can't be true:
    for a language, and for a source that listed some before.

    Args:
        outcomes: What became of each query.
        must_find: Whether zero is impossible for this source.
        found_before: How many its last complete discovery listed.
    """
    listed = list(outcomes)
    if not listed:
        return None
    reasons = {item.query.name: item.reason for item in listed if _unanswered(item)}
    if len(reasons) == len(listed):
        return "; ".join(f"{name}: {reason or 'no answer'}" for name, reason in reasons.items())
    gone = [item for item in listed if isinstance(item.answer, Absent)]
    if len(gone) == len(listed):
        return "; ".join(f"{item.query.query}: {item.reason or 'not found'}" for item in gone)
    if not reasons and sum(item.items for item in listed) == 0 and (must_find or found_before):
        return "GitHub listed 0 repositories, which is taken as a fault"
    return None


def _unanswered(item: QueryOutcome) -> bool:
    return isinstance(item.answer, Unknown)


def skipped_by_stream(attempts: Iterable[Attempt]) -> dict[str, int]:
    """How many attempts of each stream were left out for lack of budget."""
    return dict(Counter(item.stream for item in attempts if is_skipped(item.reason)))


def incomplete_by_stream(attempts: Iterable[Attempt]) -> dict[str, int]:
    """How many attempts of each stream were made and are unknown or not whole."""
    return dict(
        Counter(
            item.stream
            for item in attempts
            if (item.outcome == "unknown" and not is_skipped(item.reason))
            or (item.outcome == "found" and (item.reason or "").startswith("incomplete: "))
        )
    )


def quarantine_rows(answers: Iterable[UnreadableAnswer]) -> tuple[QuarantineRow, ...]:
    """The rows of answers that could not be read, with their bytes."""
    return tuple(
        QuarantineRow(
            stream="discovery"
            if item.purpose in DISCOVERY_PURPOSES
            else stream_of_purpose(item.purpose),
            repo_id=item.repo_id,
            repo_full_name=item.full_name,
            reason=item.reason,
            payload=item.content,
            fetched_at=item.fetched_at,
            payload_size=item.size,
            payload_sha256=item.sha256,
            request=item.request,
        )
        for item in answers
    )


def file_dicts(stored: Mapping[int, StoredFiles]) -> dict[int, dict[str, dict[str, object]]]:
    """Stored files in the shape the GitHub client compares with."""
    return {repo_id: item.files for repo_id, item in stored.items()}
