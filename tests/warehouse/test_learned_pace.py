"""What refusals taught is there in the next run, with its date, and is forgotten when it is over."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.github.fakes import FakeGitHub, answer, script
from trender_assets.github.answers import Found
from trender_assets.github.pacing import LearnedPace
from trender_assets.warehouse.connect import connect
from trender_assets.warehouse.learned_pace import load_pace, save_pace

BASE = "https://api.github.com"


async def test_a_refusal_slows_the_next_run_down(warehouse_url: str) -> None:
    """Every run began as fast as the one before, which had been refused, and was refused again."""
    assert load_pace(warehouse_url, BASE) == LearnedPace()
    secondary = {"message": "You have exceeded a secondary rate limit."}
    fake = FakeGitHub(script(answer(secondary, 403, headers={"retry-after": "60"}), answer({})))
    async with fake.client(learned=load_pace(warehouse_url, BASE)) as client:
        assert isinstance(await client.get("/x"), Found)
        save_pace(warehouse_url, BASE, client.pace_to_keep())
    learned = load_pace(warehouse_url, BASE)
    assert learned == LearnedPace(20, pytest.approx(2 / 3))  # type: ignore[arg-type]
    assert load_pace(warehouse_url, "https://ghe.example/api/v3") == LearnedPace()
    with connect(warehouse_url) as connection:
        row = connection.execute("select learned_at from raw.learned_pace").fetchone()
    assert row is not None and (datetime.now(UTC) - row[0]).total_seconds() < 60
    for _ in range(10):
        save_pace(warehouse_url, BASE, load_pace(warehouse_url, BASE).after_peace())
    assert load_pace(warehouse_url, BASE) == LearnedPace()
    with connect(warehouse_url) as connection:
        assert connection.execute("select count(*) from raw.learned_pace").fetchone() == (0,)
