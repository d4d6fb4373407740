"""One world in which every repository is a trap; its id is the trap's number times ten.

Define here what GitHub said of them. What the models should have made of it is in `test_traps`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.dbt.seen import Absent, Seen, Unknown, findings, flat_gains, utc, weeks
from tests.dbt.warehouse import Warehouse
from trender_assets.raw.rows import QuarantineRow

NOW = utc("2026-05-20 12:00")
WEEK_AGO = NOW - timedelta(days=7, hours=2)
FILES = {"render.yaml": "services: []", "README.md": "deploy"}
BOT = {"login": "dependabot[bot]"}


def _broken_weeks() -> list[dict[str, Any]]:
    rows = weeks(NOW, flat_gains(NOW, 3))
    rows[1] = rows[1] | {"total": 99}
    return rows


def fill(warehouse: Warehouse) -> None:
    """Land what was seen a week ago and now, and build after each."""
    past = [
        Seen(10, stars=200),
        Seen(40, stars=1000),
        Seen(50, stars=900),
        Seen(250, "old/name", stars=7000),
        Seen(290, language="Go"),
    ]
    warehouse.run(WEEK_AGO, past)
    warehouse.run(WEEK_AGO, [Seen(291, language="Go", gains={})], source="go")
    warehouse.build()
    present = [
        Seen(10, stars=260, gains=Unknown("502")),
        Seen(11, stars=50),
        Seen(30, stars=0, created="2026-05-18T00:00:00Z", gains={}),
        Seen(31, stars=1, created="2026-05-18T00:00:00Z", gains={date(2026, 5, 19): 1}),
        Seen(32, stars=2**53, gains=flat_gains(NOW, 2**31 - 1)),
        Seen(40, stars=990, gains=flat_gains(NOW, 2)),
        Seen(50, stars=1000, gains=_broken_weeks()),
        Seen(51, stars=1000, gains=flat_gains(NOW, 4)),
        Seen(
            70,
            closed_at=["2026-05-19T00:00:00Z", "2026-05-13T12:00:00Z", "2026-05-13T11:59:59Z"],
            gains={},
        ),
        Seen(
            80,
            authors=[
                {"login": "ann"},
                {"login": "ann"},
                {"email": "BOB@x.org"},
                {"email": "bob@X.org", "name": "Bob"},
                {"name": "cy"},
                BOT,
                {"name": "renovate[bot]"},
                {"login": "Renovate"},
                {"login": "old", "at": "2026-05-13T11:00:00Z"},
            ],
            gains={},
        ),
        Seen(
            100,
            stars=100,
            commits=10,
            gains=flat_gains(NOW, 1),
            files=FILES,
            findings=findings("valid", {"web": 1}, button=True),
        ),
        Seen(101, stars=100, commits=11, gains=flat_gains(NOW, 1)),
        Seen(130, stars=300, commits=4, gains={}, created="2026-03-01T00:00:00Z"),
        Seen(131, stars=300, commits=4, gains={}, created="2026-03-01T00:00:00Z"),
        Seen(
            240,
            extra={"updatedAt": "2026-04-01T00:00:00Z", "pushedAt": "2026-04-01T00:00:00Z"},
            stars=0,
            gains={},
            files=FILES,
            findings=findings(),
        ),
        Seen(241, commits=Unknown(), issues=Unknown(), contributors=Unknown(), gains=Unknown()),
        Seen(250, "new/name", stars=7010, gains={}),
        Seen(251, "old/name", stars=0, created="2026-05-19T00:00:00Z", gains={}),
        Seen(320, language=None, gains={}),
        Seen(321, language="C#", gains={}),
        Seen(322, language="C++", gains={}),
        Seen(323, language="Jupyter Notebook", gains={}),
        Seen(324, language="🦀", gains={}),
        Seen(325, language="x" * 200, gains={}),
        Seen(370, stars=5, extra={"isArchived": True}, gains={}),
    ]
    warehouse.run(
        NOW,
        present,
        quarantine=[QuarantineRow("repos", 999, "no/json", "not JSON", b"<html>", NOW)],
    )
    refused = [
        Seen(110, stars=-1),
        Seen(111, stars="12"),
        Seen(112, stars=None),
        Seen(113, stars=2**53 + 1),
        Seen(114, stars=1.5),
        Seen(115, stars=10**400),
        Seen(120, created="0001-01-01T00:00:00Z"),
        Seen(121, created="2026-02-30T00:00:00Z"),
        Seen(122, created="2027-01-01T00:00:00Z"),
        Seen(123, created="10000-01-01T00:00:00Z"),
        Seen(124, extra={"databaseId": 5}),
        Seen(125, extra={"url": "javascript:alert(1)"}),
        Seen(126, extra={"nameWithOwner": None}),
    ]
    oddities = [
        Seen(127, created="2024-02-29T23:59:59+14:00", gains={}),
        Seen(128, created="2019-01-01T00:00:00Z", extra={"forkCount": -3}, gains={}),
    ]
    typescript = [
        Seen(380, language="TypeScript", gains={}, files=FILES, findings=findings(nextjs="yes")),
        Seen(381, language="TypeScript", gains={}, files=FILES, findings=findings(nextjs="no")),
        Seen(382, language="TypeScript", gains={}, files=Unknown("timeout")),
    ]
    warehouse.run(NOW, refused + oddities)
    warehouse.run(NOW, typescript, source="typescript")
    render = [
        Seen(383, "render-examples/shop", gains={}, files=Absent("empty")),
        Seen(384, "ann/portfolio", gains={}),
        Seen(385, "boss/tool", gains={}),
        Seen(386, "cy/app", gains={}, files=FILES, findings=findings("valid", {"web": 2})),
        Seen(387, "di/app", gains={}, files=FILES, findings=findings(mentions=True)),
        Seen(388, "eli/react-render", gains={}, files=FILES, findings=findings()),
        Seen(
            389,
            "fay/all",
            gains={},
            files=FILES,
            findings=findings(
                "valid", {"web": 1, "cron": 2, "unknown:x": 1}, databases=2, button=True
            ),
        ),
    ]
    warehouse.run(NOW, render, source="topic-render")
    warehouse.run(NOW, [render[2]], source="employees")
    warehouse.build(variables={"employees": ["Ann"]})
