"""From readings to rows: found, absent and unknown stay apart, nothing is made up."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest

from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.replies import KEPT_BYTES, UnreadableAnswer
from trender_assets.raw.rows import QuarantineRow
from trender_assets.trending.known import StoredFiles
from trender_assets.trending.landing import (
    discovery_failure,
    quarantine_rows,
    repository_attempts,
    skipped_by_stream,
    star_attempt,
)
from trender_assets.trending.reading.discovery import DiscoveryQuery, QueryOutcome
from trender_assets.trending.reading.reading import RepositoryReading, StreamReading
from trender_assets.trending.reading.stars import StarHistoryReading

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LISTED = ("commits", "issues", "contributors")
EVERYTHING = ("repos", *LISTED, "files")
QUERY = DiscoveryQuery(name="established", kind="search_repositories", query="language:Go")


def outcome(answer: Answer[int], items: int = 0, reason: str | None = None) -> QueryOutcome:
    """What came of a query."""
    return QueryOutcome(QUERY, answer, None, items, 1, False, False, NOW, reason)


def metric(total: int) -> Found[StreamReading]:
    """A reading of commits."""
    return Found(StreamReading({"totalCount": total, "nodes": []}, False, NOW, NOW))


def reading(**parts: Any) -> RepositoryReading:
    """A repository that was read whole, unless a part says otherwise."""
    whole: dict[str, Any] = {
        "candidate_id": "R_1",
        "repo_id": 1,
        "full_name": "octo/one",
        "core": Found({"databaseId": 1, "stargazerCount": 5}),
        "files": Found({"README.md": {"status": "absent"}}),
        "fetched_at": NOW,
    }
    streams = {stream: parts.pop(stream, metric(0)) for stream in LISTED}
    return RepositoryReading(**{**whole, "streams": streams, **parts})


def attempts_of(one: RepositoryReading, **options: Any) -> dict[str, Any]:
    """Attempts by stream."""
    made, aside = repository_attempts(
        one, **{"discovered_by": ("q",), "streams": EVERYTHING, **options}
    )
    return {item.stream: item for item in made} | {"aside": aside}


def test_a_whole_reading_is_an_attempt_a_stream() -> None:
    """Every stream is logged; a count of zero is found, not missing."""
    made = attempts_of(reading())
    assert {key for key in made if key != "aside"} == {
        "repos", "commits", "issues", "contributors", "files",
    }  # fmt: skip
    assert all(item.outcome == "found" for key, item in made.items() if key != "aside")
    assert made["commits"].payload is not None
    assert made["aside"] == []


def test_unknown_never_becomes_a_payload() -> None:
    """An error is logged with its reason and adds no row."""
    made = attempts_of(reading(commits=Unknown("timeout"), files=Unknown("http 502")))
    for stream, reason in (("commits", "timeout"), ("files", "http 502")):
        assert made[stream].outcome == "unknown"
        assert made[stream].reason == reason
        assert made[stream].payload is None
        assert made[stream].raw_id is None
    assert made["repos"].outcome == "found"


def test_what_was_skipped_is_counted_by_stream() -> None:
    """Skipped is unknown with its reason, apart from what failed."""
    short = "budget of graphql is kept for more important work"
    made, _ = repository_attempts(
        reading(
            issues=Unknown("timeout"),
            contributors=Unknown(f"skipped: {short}"),
            files=Unknown(f"render.yaml: skipped: {short}"),
        ),
        discovered_by=("q",),
        streams=EVERYTHING,
    )
    assert skipped_by_stream(made) == {"contributors": 1, "files": 1}
    assert {item.outcome for item in made if item.stream in ("contributors", "files")} == {
        "unknown"
    }


def test_a_repository_that_is_gone_keeps_its_id() -> None:
    """GitHub does not tell the id of what is gone; the one we know is logged."""
    gone = Absent("blocked_dmca")
    made = attempts_of(
        reading(repo_id=None, core=gone, commits=gone, issues=gone, contributors=gone, files=gone),
        known_repo_id=7,
    )
    assert (made["repos"].repo_id, made["repos"].outcome) == (7, "absent")
    assert made["repos"].reason == "blocked_dmca"
    assert made["repos"].payload is None


def test_unchanged_files_point_to_the_stored_row() -> None:
    """Nothing is stored again; without a stored row nothing is claimed."""
    made = attempts_of(reading(files=None), stored_files=StoredFiles(42, {}))
    assert (made["files"].outcome, made["files"].raw_id) == ("found", 42)
    assert made["files"].payload is None
    assert "files" not in attempts_of(reading(files=None))


def test_what_cannot_be_stored_is_set_aside() -> None:
    """An answer beyond every limit is quarantined, its attempt is unknown."""
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    made = attempts_of(reading(core=Found({"databaseId": 1, "topics": deep})))
    assert made["repos"].outcome == "unknown"
    assert len(made["aside"]) == 1
    assert made["aside"][0].reason
    exact = b'{"databaseId":1,"topics":' + b"[" * 501 + b"]" * 501 + b"}"
    assert made["aside"][0].payload == exact
    assert made["aside"][0].payload_size == len(exact)
    assert made["aside"][0].payload_sha256 == hashlib.sha256(exact).hexdigest()


def test_what_is_set_aside_is_bounded() -> None:
    """Of a payload beyond the text policy its beginning, true length and hash."""
    made = attempts_of(reading(core=Found({"databaseId": 1, "text": "x" * 6_000_000})))
    (aside,) = made["aside"]
    assert aside.payload == b'{"databaseId":1,"text":"' + b"x" * (KEPT_BYTES - 24)
    assert aside.payload_size == 6_000_026
    endless: dict[str, Any] = {}
    endless["self"] = endless
    (aside,) = attempts_of(reading(core=Found(endless)))["aside"]
    assert (aside.payload, aside.payload_size, aside.payload_sha256) == (None, None, None)


def test_unreadable_answers_become_quarantined_rows() -> None:
    """Each goes to the stream that asked; a batch of repositories to theirs."""
    streams = {
        "search": "discovery", "code search": "discovery", "organisation": "discovery",
        "user": "discovery", "star history": "stars", "first star history": "stars",
        "workspaces": "files", "repositories": "repos", "follow-ups": "repos", "gone": "repos",
    }  # fmt: skip
    answers = [
        UnreadableAnswer(purpose, "GET /x", "oversized", b"\0\xff", 9, "ab", NOW, 3, "o/r")
        for purpose in streams
    ]
    made = quarantine_rows(answers)
    assert [row.stream for row in made] == list(streams.values())
    assert made[0] == QuarantineRow(
        "discovery", 3, "o/r", "oversized", b"\0\xff", NOW,
        payload_size=9, payload_sha256="ab", request="GET /x",
    )  # fmt: skip


def test_an_unchanged_star_history_points_to_its_row() -> None:
    """304 is found, with the row that holds the answer."""
    same = StarHistoryReading(1, "octo/one", Found([]), True, NOW)
    assert star_attempt(same, 9).raw_id == 9
    lost = star_attempt(StarHistoryReading(1, "octo/one", Unknown("http 403"), False, NOW), 9)
    assert (lost.outcome, lost.payload) == ("unknown", None)


@pytest.mark.parametrize(
    ("outcomes", "must_find", "before", "is_failed"),
    [
        ([], True, 5, False),
        ([outcome(Found(3), 3)], True, 0, False),
        ([outcome(Found(0))], True, 0, True),
        ([outcome(Found(0))], False, 0, False),
        ([outcome(Found(0))], False, 4, True),
        ([outcome(Unknown("http 502"), reason="http 502")], False, 0, True),
        ([outcome(Unknown("x"), reason="x"), outcome(Found(2), 2)], True, 0, False),
        ([outcome(Absent("not_found"), reason="not_found")], False, 0, True),
        ([outcome(Absent("not_found")), outcome(Found(1), 1)], False, 0, False),
    ],
)
def test_when_discovery_failed(
    outcomes: list[QueryOutcome], must_find: bool, before: int, is_failed: bool
) -> None:
    """No answer, nobody there, or a zero that can't be true."""
    why = discovery_failure(outcomes, must_find=must_find, found_before=before)
    assert (why is not None) == is_failed
    assert why is None or why
