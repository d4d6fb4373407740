"""Answers that are broken, slow, huge, untrue or hostile cost time, never data."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.faults.ingesting import EVERYTHING, LIGHT, NOW, SEARCH, Desk, expected
from tests.integration.machine import TOKEN
from trender_assets.github.replies import KEPT_BYTES


def quarantined(desk: Desk) -> list[tuple[Any, ...]]:
    """What the newest run set aside."""
    return desk.rows(
        "select stream, source, reason, payload, payload_size, payload_sha256, request, repo_id "
        "from raw.raw_quarantine where run_id = %s order by id",
        f"run-{desk.run}",
    )


def test_bursts_of_errors_cost_time_not_data(desk: Desk) -> None:
    """502, HTML with 200, cut JSON, cut gzip, closed connections: all land."""
    kinds = ("html_502", "json_502", "truncated_json", "truncated_gzip", "reset")
    desk.simulator.script(
        *(
            {"match": {"path": "/graphql", "nth": number}, "action": {"kind": kind}}
            for number, kind in enumerate(kinds, start=1)
        ),
        {
            "match": {"path": SEARCH},
            "action": {"kind": "body", "body": "<html>busy</html>", "content_type": "text/html"},
            "times": 1,
        },
        {"match": {"path": "/orgs/"}, "action": {"kind": "reset"}, "times": 1},
    )
    reading = desk.read("go", "render-oss", as_of=NOW)
    truth = expected(desk.simulator, NOW)
    assert desk.simulator.struck() >= 6
    assert not reading.failed
    assert desk.found("go") == truth["go"]
    assert desk.found("render-oss") == truth["render-oss"]
    lost = desk.rows("select stream, reason from raw.fetch_log where outcome = 'unknown'")
    assert not lost


def test_unreadable_answers_end_in_quarantine_with_their_bytes(desk: Desk) -> None:
    """HTML with 200, cut JSON and a list for an object: kept, and the source lands."""
    page = "<html><body>Unicorn! \u00fc</body></html>"
    wrong = {"message": "no list", "documentation_url": "https://docs.example"}
    html = {"kind": "body", "body": page, "content_type": "text/html; charset=utf-8"}
    desk.simulator.script(
        {"match": {"path": "/graphql", "nth": 1}, "action": html},
        {"match": {"path": "/graphql", "nth": 2}, "action": {"kind": "truncated_json"}},
        {"match": {"path": "/orgs/renderinc"}, "action": {"kind": "body", "body": wrong}},
    )
    reading = desk.read("go", "renderinc", as_of=NOW, tables=LIGHT)
    assert set(reading.failed) == {"renderinc"}
    assert desk.found("go") == expected(desk.simulator, NOW)["go"]
    rows = quarantined(desk)
    assert len(rows) == 3 and reading.report.unreadable == {"malformed": 3}
    by_request = {row[6]: row for row in rows}
    assert set(by_request) == {"POST /graphql", "GET /orgs/renderinc/repos"}
    first, second = (row for row in rows if row[6] == "POST /graphql")
    assert first[3].decode() == page
    assert first[:3] == ("repos", None, "malformed: not JSON (text/html)")
    assert second[3].startswith(b'{"data"')
    assert json.loads(by_request["GET /orgs/renderinc/repos"][3]) == wrong
    assert by_request["GET /orgs/renderinc/repos"][0] == "discovery"
    for row in rows:
        assert row[4] >= len(row[3]) > 0
        assert row[5] == hashlib.sha256(row[3]).hexdigest() or row[4] > len(row[3])
        assert TOKEN.encode() not in row[3]


def test_a_repository_that_breaks_every_batch_is_the_only_one_lost(desk: Desk) -> None:
    """Batches halve down to the one that fails; it is unknown, not gone."""
    truth = expected(desk.simulator, NOW)["go"]
    victim = min(truth)
    node = desk.simulator.truth(NOW)[victim]["node_id"]
    desk.simulator.script(
        {"match": {"path": "/graphql", "contains": node}, "action": {"kind": "html_502"}}
    )
    reading = desk.read("go", as_of=NOW, tables=LIGHT)
    assert desk.found("go") == truth - {victim}
    assert list(reading.facts["go"].unread) == [desk.simulator.truth(NOW)[victim]["name"]]
    assert desk.rows(
        "select outcome from raw.fetch_log where repo_id = %s and stream = 'repos'", victim
    ) == [("unknown",)]
    assert desk.rows("select count(*) from raw.raw_github_repos where repo_id = %s", victim) == [
        (0,)
    ]


def test_a_hanging_answer_is_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that never ends costs its timeout, then is asked again."""
    monkeypatch.setattr("trender_assets.github.wire.READ_SECONDS", 0.5)
    desk.simulator.script({"match": {"path": "/graphql", "nth": 1}, "action": {"kind": "hang"}})
    reading = desk.read("go", as_of=NOW, tables=LIGHT)
    assert desk.simulator.struck() == 1
    assert not reading.failed
    assert desk.found("go") == expected(desk.simulator, NOW)["go"]
    assert reading.seconds < 15


def test_a_bomb_is_not_unpacked(desk: Desk) -> None:
    """A gigabyte of zeros in a megabyte is dropped; the source still lands."""
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    desk.simulator.script(
        {"match": {"path": "/graphql", "nth": 1}, "action": {"kind": "gzip_bomb", "bytes": 1 << 28}}
    )
    reading = desk.read("go", as_of=NOW, tables=LIGHT)
    assert desk.simulator.struck() == 1
    assert not reading.failed
    assert desk.found("go") == expected(desk.simulator, NOW)["go"]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000
    ((_, _, reason, kept, size, *_),) = quarantined(desk)
    assert (reason, kept) == ("oversized", bytes(KEPT_BYTES))
    assert 5_000_000 < size < 5_200_000


def test_star_histories_that_cannot_be_true(desk: Desk) -> None:
    """Refused or unknown with a reason, never a zero."""
    desk.read("go", as_of=NOW, tables=LIGHT)
    names = {key: desk.simulator.truth(NOW)[key]["name"] for key in sorted(desk.found("go"))}
    ids = list(names)
    sunday = 1793491200  # Sunday 2026-11-01
    odd: dict[int, dict[str, Any]] = {
        ids[0]: {"status": 404, "message": "Not Found"},
        ids[1]: {"status": 403, "message": "Forbidden"},
        ids[2]: {"kind": "body", "body": [{"week": sunday, "total": 9, "days": [1, 0, 0, 0]}]},
        ids[3]: {"kind": "body", "body": [{"week": sunday, "total": 9, "days": [1] * 7}]},
        ids[4]: {"kind": "body", "body": {"message": "not a list"}},
        ids[5]: {"kind": "html_502"},
    }
    desk.simulator.script(
        *(
            {"match": {"path": f"{names[key]}/stargazers/history"}, "action": action}
            for key, action in odd.items()
        )
    )
    facts = desk.read_stars("go", as_of=NOW)["go"]
    outcomes = dict(desk.rows("select repo_id, outcome from raw.fetch_log where stream = 'stars'"))
    assert set(outcomes) == set(ids)
    for key in odd:
        assert outcomes[key] in ("unknown", "absent"), (key, odd[key])
    assert all(outcomes[key] == "found" for key in ids[6:])
    stored = {row[0] for row in desk.rows("select repo_id from raw.raw_star_history")}
    assert stored == set(ids[6:])
    assert facts.failure is None
    reasons = desk.rows(
        "select reason from raw.fetch_log where stream = 'stars' and outcome <> 'found'"
    )
    assert all(reason for (reason,) in reasons)
    kept = {row[7]: row for row in quarantined(desk)}
    assert {ids[2], ids[3]} <= set(kept), "what does not add up is kept with its repository"
    for key in (ids[2], ids[3]):
        assert json.loads(kept[key][3]) == odd[key]["body"]
    assert [row[3] for row in quarantined(desk) if "expected a JSON list" in row[2]] == [
        b'{"message":"not a list"}'
    ]


def test_hostile_texts_reach_the_raw_layer(desk: Desk) -> None:
    """Cleaned for jsonb, the exact bytes kept beside it."""
    reading = desk.read("python", "typescript", "go", as_of=NOW, tables=EVERYTHING)
    assert not reading.failed
    tags = {
        tag: key
        for key, fact in desk.simulator.truth(NOW).items()
        for tag in fact["tags"]
        if tag.startswith("hostile-")
    }
    assert len(tags) == 8
    for tag, key in tags.items():
        description, exact = desk.rows(
            "select api_response ->> 'description', payload_bytes from raw.raw_github_repos "
            "where repo_id = %s",
            key,
        )[0]
        assert description
        assert not set(description) & {"\x00", "\x07", "\x1b", "\u202e", "\u2066"}
        if tag in ("hostile-nul", "hostile-surrogate", "hostile-bidi", "hostile-controls"):
            assert exact is not None, tag
