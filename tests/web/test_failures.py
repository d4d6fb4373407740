"""What people see when the data is away, broken, empty or late."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.web.conftest import NOW, client_of
from tests.web.pages import EVERYTHING, OTHER_PAGES
from tests.web.repositories import AS_OF
from tests.web.world import record_run, run_dbt
from trender_assets.raw.migrate import migrate
from trender_web.answer import templating
from trender_web.config import WebConfig
from trender_web.data.store import Reading, Store, StoreUnavailable


class Clock:
    """A clock that a test sets."""

    def __init__(self, now) -> None:
        self.now = now

    def __call__(self):
        return self.now


def cut(url: str) -> None:
    """Refuse the database to everyone and end who is in it."""
    facts = psycopg.conninfo.conninfo_to_dict(url)
    name = facts["dbname"]
    with psycopg.connect(**{**facts, "dbname": "postgres"}, autocommit=True) as connection:
        connection.execute(f'alter database "{name}" with allow_connections false')
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name]
        )


def restore(url: str) -> None:
    facts = psycopg.conninfo.conninfo_to_dict(url)
    with psycopg.connect(**{**facts, "dbname": "postgres"}, autocommit=True) as connection:
        connection.execute(f'alter database "{facts["dbname"]}" with allow_connections true')


async def test_database_down(web: Callable[..., WebConfig], world_copy: str) -> None:
    """503, Retry-After, the last good page under a banner with its age; then all is well again."""
    clock = Clock(NOW)
    async with client_of(web(database_url=world_copy, clock=clock)) as client:
        good = await client.get("/")
        clock.now = NOW + timedelta(minutes=7)
        cut(world_copy)
        page = await client.get("/")
        assert page.status_code == 503 and page.headers["retry-after"] == "10"
        assert page.headers["x-last-good-age"] == "420"
        assert "7 min old" in page.text and 'class="cards"' in page.text
        assert len(page.text) > len(good.text)
        fresh = await client.get("/language/go")
        assert fresh.status_code == 503 and "newest page we still hold is 7 min old" in fresh.text
        data = await client.get("/trending.json")
        assert data.status_code == 503
        assert data.headers["content-type"] == "application/problem+json"
        assert data.json()["last_good_age_seconds"] == 420
        assert (await client.get("/health")).status_code == 200
        assert (await client.get("/ready")).status_code == 503
        assert (await client.get("/static/style.css")).status_code == 200
        for answer in (page, fresh, data):
            for secret in ("psycopg", "postgres", "/tmp/", "Traceback", "connection"):
                assert secret not in answer.text
        restore(world_copy)
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/ready")).status_code == 200


async def test_a_slow_database_gives_up(web: Callable[..., WebConfig], world_copy: str) -> None:
    """A statement that does not end in time is a 503, not a hanging page."""
    config = web(database_url=world_copy, statement_timeout_ms=150)
    with psycopg.connect(world_copy) as blocker:
        blocker.execute("lock table analytics.fact_workflow_executions in access exclusive mode")
        async with client_of(config) as client:
            started = time.monotonic()
            answer = await client.get("/")
            assert answer.status_code == 503 and "took too long" in answer.text
            assert time.monotonic() - started < 3


def test_a_full_pool_waits_then_refuses(web: Callable[..., WebConfig]) -> None:
    """No more connections than allowed; whoever waits too long is told so."""
    store = Store(web(pool_size=1, pool_wait_seconds=0.2))
    entered, leave = threading.Event(), threading.Event()

    def hold(_):
        entered.set()
        leave.wait(5)

    thread = threading.Thread(target=lambda: store.read(hold))
    thread.start()
    entered.wait(5)
    with pytest.raises(StoreUnavailable):
        store.version()
    leave.set()
    thread.join()
    assert store.version().as_of == AS_OF
    store.close()


def test_a_page_that_refuses_gives_its_connection_back(web: Callable[..., WebConfig]) -> None:
    """Every 404 and every redirect closed a sound connection, and the next page opened another."""
    store = Store(web())
    asked = "select pg_backend_pid() as pid"

    def refuse(_: Reading) -> None:
        raise LookupError

    first = store.read(lambda reading: reading.execute(asked))
    with pytest.raises(LookupError):
        store.read(refuse)
    with store._connection() as connection:
        assert connection.info.transaction_status.name == "IDLE"
        assert connection.execute(asked).fetchall() == first
    store.close()


async def test_parts_missing_or_forbidden(web: Callable[..., WebConfig], world_copy: str) -> None:
    """A view that is missing, a right that was revoked: 503 that names no internals."""
    async with client_of(web(database_url=world_copy)) as client:
        with psycopg.connect(world_copy, autocommit=True) as connection:
            connection.execute("revoke select on analytics.render_enrichment from trender_reader")
            page = await client.get("/repo/gone/away")
            assert page.status_code == 503 and "stg_" not in page.text
            assert (await client.get("/ready")).status_code == 503
            connection.execute("grant select on analytics.render_enrichment to trender_reader")
            assert (await client.get("/repo/gone/away")).status_code == 200
            connection.execute("drop view analytics.analytics_trending_repos_current")
        page = await client.get("/")
        assert page.status_code == 503
        assert "analytics" not in page.text.split("<main")[1].split("</main")[0]
        assert (await client.get("/ready")).status_code == 503


@pytest.mark.parametrize("state", ["bare", "migrated", "built"])
async def test_an_empty_database_shows_three_steps(
    web: Callable[..., WebConfig], database_url: str, tmp_path: Path, state: str
) -> None:
    """Empty state: steps to fill it, not an error; the API gives empty lists. Of models that were
    built over nothing, as when the first run fails, `/meta` answered 500."""
    if state != "bare":
        migrate(database_url)
    if state == "built":
        run_dbt(database_url, tmp_path)
    async with client_of(web(database_url=database_url)) as client:
        page = await client.get("/")
        assert page.status_code == 200 and page.text.count("<li><strong>") == 3
        assert "trender refresh" in page.text and "trender demo" in page.text
        assert (await client.get("/trending.json")).json()["data"] == []
        assert (await client.get("/repo/a/b")).status_code == 404
        assert (await client.get("/language/go")).status_code == 404
        assert (await client.get("/methodology")).status_code == 200
        assert (await client.get("/compare")).status_code == 200
        assert (await client.get("/openapi.json")).status_code == 200
        ready = await client.get("/ready")
        assert ready.status_code == 503 and "no data yet" in ready.json()["detail"]
        answers = {path: await client.get(path) for path in (*EVERYTHING, *OTHER_PAGES)}
        assert {path for path, found in answers.items() if found.status_code >= 500} == {"/ready"}


async def test_a_fault_of_ours_tells_nothing(
    web: Callable[..., WebConfig], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A broken template: 500 with a request id; no trace, query, path or version."""
    env = templating.environment()
    monkeypatch.setitem(env.globals, "plural", None)
    async with client_of(web()) as client:
        answer = await client.get("/?lang=go")
    assert answer.status_code == 500
    for inner in ("Traceback", "jinja", "select repo", "/work", "site-packages", "NoneType"):
        assert inner not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    assert answer.headers["x-request-id"] in caplog.text


async def test_the_web_cannot_write(web: Callable[..., WebConfig]) -> None:
    """The role reads the analytics schema and nothing else."""
    store = Store(web())

    def write(reading):
        for statement in (
            "delete from raw.fetch_log", "create table x (y int)",
            "insert into analytics.fact_star_days select * from analytics.fact_star_days",
        ):  # fmt: skip
            with pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
            ):
                reading.execute(statement)
        reading.execute("select set_config('default_transaction_read_only', 'off', false)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reading.execute("delete from raw.fetch_log")
        return reading.execute("select current_user as name")[0]["name"]

    # Each statement on its own, as a page's transaction would end at the first refusal.
    with store._connection() as connection:
        assert write(Reading(connection, store.version())) == "trender_reader"
    with pytest.raises(StoreUnavailable):
        store.read(lambda reading: reading.execute("delete from raw.fetch_log"))
    store.close()


async def chip(client: httpx.AsyncClient) -> str:
    import re

    page = (await client.get("/methodology")).text
    found = re.search(r'<p class="chip (\w+)".*?</p>', page, re.S)
    assert found
    return f"{found[1]}: {' '.join(re.sub('<[^>]+>', ' ', found[0]).split())}"


async def test_every_state_of_freshness(web: Callable[..., WebConfig], world_copy: str) -> None:
    """Updated, due, overdue, stopped, failed, running; never a negative time."""
    clock = Clock(AS_OF + timedelta(minutes=12))
    config = web(database_url=world_copy, clock=clock, page_seconds=0.0)
    async with client_of(config) as client:
        for minutes, expected in (
            (-5, "fresh: Updated just now · next run in 1 h 5 min"),
            (12, "fresh: Updated 12 min ago · next run in 48 min"),
            (65, "fresh: Updated 1 h 5 min ago · next run due now"),
            (77, "overdue: Updated 1 h 17 min ago · next run overdue by 17 min"),
            (500, "stopped: Updated 8 h 20 min ago · no run for 8 h 20 min"),
        ):
            clock.now = AS_OF + timedelta(minutes=minutes)
            assert (await chip(client)).startswith(expected)
            assert "-" not in (await chip(client)).split(" · data of")[0]
        clock.now = AS_OF + timedelta(minutes=62)
        with psycopg.connect(world_copy, autocommit=True) as connection:
            record_run(connection, AS_OF + timedelta(hours=1), "failure", "GitHub did not answer")
            text = await chip(client)
            assert text.startswith(
                "failed: Last run failed 2026-11-24 10:00 UTC — showing data of 2026-11-24 09:00"
            )
            assert "GitHub did not answer" in text
            connection.execute(
                "insert into raw.fetch_log (run_id, stream, source, repo_full_name, outcome, as_of, fetched_at, loaded_at) "
                "values ('next', 'repos', 'go', 'a/b', 'unknown', %(t)s, %(t)s, %(t)s)",
                {"t": AS_OF + timedelta(minutes=60)},
            )
            assert "running now (started 2 min ago)" in await chip(client)


async def test_nothing_is_promised_without_a_schedule(
    web: Callable[..., WebConfig], world_copy: str
) -> None:
    """Runs that somebody began by hand say nothing of a next one."""
    with psycopg.connect(world_copy, autocommit=True) as connection:
        connection.execute("update analytics.fact_workflow_executions set trigger = 'cli'")
    clock = Clock(AS_OF)
    async with client_of(web(database_url=world_copy, clock=clock, page_seconds=0.0)) as client:
        for minutes, expected in (
            (12, "fresh: Updated 12 min ago · no scheduled run yet"),
            (77, "overdue: Updated 1 h 17 min ago · no scheduled run yet"),
            (500, "stopped: Updated 8 h 20 min ago · no scheduled run yet"),
        ):
            clock.now = AS_OF + timedelta(minutes=minutes)
            assert (await chip(client)).startswith(expected)
            assert "data-due" not in (await client.get("/methodology")).text


async def test_a_run_that_only_drew_cards_is_not_the_latest(
    world_copy: str, web: Callable[..., WebConfig]
) -> None:
    """What the hour cost stays on the page when its cards are drawn after it."""
    with psycopg.connect(world_copy, autocommit=True) as connection:
        connection.execute(
            "insert into analytics.fact_workflow_executions (run_id, job_name, status, trigger,"
            " execution_date, finished_at, total_duration_seconds, parallel_speedup_factor,"
            " tasks_executed, tasks_succeeded, tasks_failed, tasks_retried, streams_failed, steps,"
            " success_rate) values ('cards', 'marketing_refresh', 'success', 'schedule',"
            " %(t)s, %(t)s, 0.5, 0.9, 5, 5, 0, 0, '{}', '[]', 1)",
            {"t": AS_OF + timedelta(minutes=1)},
        )
    async with client_of(web(database_url=world_copy)) as client:
        for address in ("/", "/render"):
            page = (await client.get(address)).text
            assert "8.4" in page and "2.7×" in page and "0.9×" not in page, address


async def test_old_data_makes_ready_red(web: Callable[..., WebConfig]) -> None:
    clock = Clock(AS_OF + timedelta(hours=3, minutes=1))
    async with client_of(web(clock=clock)) as client:
        answer = await client.get("/ready")
        assert answer.status_code == 503 and answer.json()["age_seconds"] == 3 * 3600 + 60
        assert (await client.get("/health")).status_code == 200


async def test_a_missing_role_is_a_warning(
    web: Callable[..., WebConfig], caplog: pytest.LogCaptureFixture
) -> None:
    async with client_of(web(role="nobody_made_this")) as client:
        assert (await client.get("/")).status_code == 200
    assert caplog.text.count("does not exist") == 1
