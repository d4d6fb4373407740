"""Slow searches hold up what is new, not what is watched."""

from __future__ import annotations

from tests.faults.ingesting import LIGHT, Desk, expected

FIRST, SECOND = "2026-11-05T10:00:00+00:00", "2026-11-05T11:00:00+00:00"
LISTING = "/orgs/render-oss/repos"


def test_whom_we_watch_is_read_while_the_searches_run(desk: Desk) -> None:
    """Decision 2: the first question about repositories goes out before the listing is back."""
    desk.read("render-oss", as_of=FIRST, tables=LIGHT)
    desk.simulator.client.delete("/_sim/log")
    desk.simulator.script({"match": {"path": LISTING}, "action": {"kind": "delay", "seconds": 2.0}})
    reading = desk.read("render-oss", as_of=SECOND, tables=LIGHT)
    assert not reading.failed
    assert desk.found("render-oss") == expected(desk.simulator, FIRST)["render-oss"]
    log = desk.simulator.client.get("/_sim/log").json()["requests"]
    asked = min(row["at"] for row in log if row["path"] == "/graphql")
    listed = next(row["at"] for row in log if row["path"] == LISTING)
    assert asked < listed + 2.0
    assert sum(row["path"] == "/graphql" for row in log) == 1, "and nobody is read twice"
