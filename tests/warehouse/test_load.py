"""Landing: append on change, log always, all or nothing, nothing twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from trender_assets.raw.load import land, set_aside
from trender_assets.raw.rows import (
    Attempt,
    DiscoveryRow,
    Outcome,
    Payload,
    QuarantineRow,
    SourceBatch,
    seal,
)
from trender_assets.warehouse.connect import connect

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def attempt(
    stars: int | None = 10,
    *,
    repo_id: int = 1,
    stream: str = "repos",
    outcome: Outcome = "found",
    reason: str | None = None,
    payload: Payload | None = None,
) -> Attempt:
    metric = stream in ("commits", "issues", "contributors")
    return Attempt(
        stream=stream,
        repo_id=repo_id,
        repo_full_name=f"o/r{repo_id}",
        outcome=outcome,
        reason=reason,
        payload=payload or (seal({"stargazerCount": stars}) if outcome == "found" else None),
        node_id=f"R_{repo_id}",
        window_start=NOON - timedelta(days=7) if metric else None,
        window_end=NOON if metric else None,
        fetched_at=NOON,
    )


def batch(*attempts: Attempt, run: str = "run-1", hours: int = 0, source: str = "python", **more):
    return SourceBatch(
        run_id=run,
        as_of=NOON + timedelta(hours=hours),
        source=source,
        source_type="trending",
        source_language="Python",
        attempts=attempts,
        **more,
    )


def rows(connection: psycopg.Connection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()  # pyright: ignore[reportArgumentType]


def test_a_row_is_added_only_when_the_payload_changed(warehouse_url: str) -> None:
    """Append on change; the log has a row for every attempt."""
    with connect(warehouse_url) as connection:
        first = land(connection, batch(attempt(10)))
        same = land(connection, batch(attempt(10), run="run-2", hours=1))
        changed = land(connection, batch(attempt(11), run="run-3", hours=2))
        back = land(connection, batch(attempt(10), run="run-4", hours=3))
        assert [item.added.get("repos", 0) for item in (first, same, changed, back)] == [1, 0, 1, 1]
        stored = rows(connection, "select id, api_response from raw_github_repos order by id")
        assert [payload["stargazerCount"] for _, payload in stored] == [10, 11, 10]
        logged = rows(connection, "select raw_id from fetch_log order by id")
        assert [raw for (raw,) in logged] == [
            stored[0][0],
            stored[0][0],
            stored[1][0],
            stored[2][0],
        ]


def test_two_sources_share_one_row(warehouse_url: str) -> None:
    with connect(warehouse_url) as connection:
        land(connection, batch(attempt(10)))
        land(connection, batch(attempt(10), source="topic-render"))
        assert rows(connection, "select count(*) from raw_github_repos") == [(1,)]
        assert rows(connection, "select source, raw_id is not null from fetch_log order by id") == [
            ("python", True),
            ("topic-render", True),
        ]


def test_unknown_and_absent_add_no_row_and_keep_what_is_known(warehouse_url: str) -> None:
    """An error is not 'no data', and never overwrites."""
    with connect(warehouse_url) as connection:
        land(connection, batch(attempt(10)))
        land(
            connection,
            batch(
                attempt(outcome="unknown", reason="HTTP 502"),
                attempt(repo_id=2, outcome="absent", reason="not_found"),
                run="run-2",
            ),
        )
        assert rows(connection, "select count(*) from raw_github_repos") == [(1,)]
        assert rows(
            connection, "select outcome, reason, raw_id from fetch_log where run_id = 'run-2'"
        ) == [("unknown", "HTTP 502", None), ("absent", "not_found", None)]


def test_metrics_are_compared_within_their_type(warehouse_url: str) -> None:
    same = seal({"nodes": []})
    with connect(warehouse_url) as connection:
        landed = land(
            connection,
            batch(
                attempt(stream="commits", payload=same),
                attempt(stream="issues", payload=same),
                attempt(stream="contributors", payload=same),
            ),
        )
        assert landed.added == {"metrics": 3}
        again = land(connection, batch(attempt(stream="issues", payload=same), run="run-2"))
        assert again.added == {}
        types = rows(connection, "select metric_type from raw_repo_metrics")
        assert sorted(kind for (kind,) in types) == ["commits", "contributors", "issues"]
        joined = rows(
            connection,
            "select log.stream, raw.metric_type from fetch_log as log "
            "join raw_repo_metrics as raw on raw.id = log.raw_id order by log.id",
        )
        assert all(stream == kind for stream, kind in joined) and len(joined) == 4


def test_hostile_text_is_cleaned_and_its_exact_bytes_are_kept(warehouse_url: str) -> None:
    """NUL and lone surrogates can't enter jsonb; nothing is lost."""
    hostile = {"description": "a\x00b\ud800c", "stargazerCount": 1}
    with connect(warehouse_url) as connection:
        land(connection, batch(attempt(payload=seal(hostile))))
        payload, exact = rows(
            connection, "select api_response, payload_bytes from raw_github_repos"
        )[0]
    assert "\x00" not in payload["description"]
    assert b"\\u0000" in bytes(exact) and b"\\ud800" in bytes(exact)
    assert seal({"stargazerCount": 1}).exact is None


def test_a_batch_lands_whole_or_not_at_all(warehouse_url: str) -> None:
    """No half source."""
    broken = Payload(json_text="{not json", sha256="x", exact=None)
    with connect(warehouse_url) as connection:
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            land(connection, batch(attempt(10), attempt(repo_id=2, payload=broken)))
        assert rows(connection, "select count(*) from raw_github_repos") == [(0,)]
        assert rows(connection, "select count(*) from fetch_log") == [(0,)]


def test_discovery_counts_and_quarantine_land_with_the_source(warehouse_url: str) -> None:
    """Each query's counts are recorded; A12: what can't be read is set aside."""
    query = DiscoveryRow(
        "young", "search", "language:Go", "found", None, 12, 12, 1, True, False, NOON
    )
    aside = QuarantineRow("repos", None, "o/r", "not an object", b"[]", NOON)
    with connect(warehouse_url) as connection:
        landed = land(connection, batch(discovery=(query,), quarantine=(aside,)))
        assert landed.quarantined == 1
        assert rows(
            connection,
            "select query_name, total_count, incomplete_results from raw_discovery_queries",
        ) == [("young", 12, True)]
        assert rows(connection, "select reason, payload from raw_quarantine") == [
            ("not an object", b"[]")
        ]


def test_what_could_not_be_read_is_kept_with_its_bytes(warehouse_url: str) -> None:
    """Bytes that no text type would take, their true length and hash; no single source."""
    content = bytes(range(256))
    aside = QuarantineRow(
        "discovery", None, None, "malformed: not JSON (text/html)", content, NOON,
        payload_size=9_000_000, payload_sha256="ab" * 32, request="GET /orgs/o/repos",
    )  # fmt: skip
    with connect(warehouse_url) as connection:
        set_aside(connection, [aside, aside], run_id="run-1", as_of=NOON)
        set_aside(connection, [], run_id="run-2", as_of=NOON)
        stored = rows(
            connection,
            "select run_id, source, stream, reason, payload, payload_size, payload_sha256, "
            "request, as_of from raw_quarantine",
        )
    assert stored == 2 * [
        ("run-1", None, "discovery", "malformed: not JSON (text/html)", content, 9_000_000,
         "ab" * 32, "GET /orgs/o/repos", NOON)
    ]  # fmt: skip


def test_concurrent_landings_lose_and_double_nothing(warehouse_url: str) -> None:
    """Ten sources at once with the same repositories."""

    def one(number: int) -> None:
        with connect(warehouse_url) as connection:
            land(
                connection,
                batch(*(attempt(5, repo_id=repo) for repo in range(1, 21)), source=f"s{number}"),
            )

    with ThreadPoolExecutor(10) as pool:
        list(pool.map(one, range(10)))
    with connect(warehouse_url) as connection:
        assert rows(connection, "select count(*) from raw_github_repos") == [(20,)]
        assert rows(connection, "select count(*) from fetch_log") == [(200,)]
