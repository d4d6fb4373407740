"""The marketing assets on a real warehouse: what they claim is what their queries say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg
import pytest
from psycopg import sql

from tests.assets.marketing_run import materialise
from tests.assets.plain_svg import HOSTILE, assert_is_plain
from tests.dbt.seen import Seen, Unknown, findings, flat_gains
from tests.dbt.warehouse import Warehouse
from trender_assets.dbt.runner import build
from trender_assets.marketing import assets as marketing
from trender_assets.marketing import pictures
from trender_assets.marketing.assets import MODELS
from trender_assets.marketing.cards import HEIGHT, WIDTH
from trender_assets.settings import FileSettings
from trender_assets.warehouse.connect import connect, postgres_environment

AS_OF = datetime(2026, 5, 20, 9, tzinfo=UTC)
TABLES = (
    "marketing_cards", "success_stories", "monthly_drafts", "platform_intelligence",
    "blueprint_metrics",
)  # fmt: skip
YAML = {"render.yaml": "services: []", "README.md": "# hello"}


def _with_platforms(found: dict[str, Any], **platforms: bool | None) -> dict[str, Any]:
    found["deployment"]["platforms"] = platforms
    return found


def _world(as_of: datetime) -> list[tuple[str, Seen]]:
    valid = findings("valid", {"web": 1, "worker": 1}, databases=1, button=False, mentions=True)
    rows = [
        ("python", Seen(1, "grower/rocket", stars=1500, gains=flat_gains(as_of, 8), files=YAML,
                        findings=_with_platforms(findings("valid", {"web": 1}, databases=1), render=True,
                                                 vercel=True, railway=None, fly=False),
                        extra={"description": HOSTILE})),
        ("python", Seen(2, "slow/turtle", stars=9000, gains=flat_gains(as_of, 1), files=YAML,
                        findings=_with_platforms(findings(), render=False, vercel=False, railway=None,
                                                 fly=None))),
        ("go", Seen(3, "no/history", stars=700, language="Go", gains=Unknown("HTTP 403"),
                    files=Unknown("timed out"))),
        ("topic-render", Seen(4, "friend/community", stars=820, gains=flat_gains(as_of, 2), files=YAML,
                              findings=valid)),
        ("render-examples", Seen(5, "render-examples/start", stars=240, gains=flat_gains(as_of, 1),
                                 files=YAML, findings=findings("valid", {"web": 2}, button=True))),
        ("topic-render", Seen(6, "friend/broken", stars=90, gains=flat_gains(as_of, 0), files=YAML,
                              findings=findings("invalid", button=True))),
    ]  # fmt: skip
    return [(source, row) for source, row in rows]


@pytest.fixture(scope="module")
def filled(module_warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Two months of three days each, built by the real models, marketing assets made once."""
    warehouse = Warehouse(module_warehouse_url, tmp_path_factory.mktemp("dbt-marketing"))
    for back in (24, 23, 22, 2, 1, 0):
        moment = AS_OF - timedelta(days=back)
        for source in ("python", "go", "topic-render", "render-examples"):
            seen = [row for key, row in _world(moment) if key == source]
            warehouse.run(moment, [row.but(stars=row.stars - back) for row in seen], source=source)
    warehouse.build()
    materialise(warehouse.url)
    return warehouse


def _sentences(warehouse: Warehouse) -> Iterator[dict[str, Any]]:
    for table in ("success_stories", "monthly_drafts", "platform_intelligence"):
        for row in warehouse.rows(f"select sentences from analytics.{table}"):
            yield from row["sentences"]


def test_every_sentence_equals_the_query_it_names(filled: Warehouse) -> None:
    """No number is written that its own query does not give again."""
    sentences = list(_sentences(filled))
    assert len(sentences) > 15
    with connect(filled.url) as connection:
        connection.execute("set role trender_reader")
        for sentence in sentences:
            row = connection.execute(sentence["query"]).fetchone()
            assert row is not None and list(row) == sentence["values"], sentence
            assert sentence["as_of"] and sentence["link"].startswith("/")
            known = [value for value in sentence["values"] if isinstance(value, int) and value]
            if sentence["link"] != "/for-marketing#platforms":
                assert all(f"{value:,}" in sentence["text"] for value in known), sentence


def test_every_card_number_equals_its_query(filled: Warehouse) -> None:
    cards = filled.rows("select * from analytics.marketing_cards where card_kind = 'repository'")
    with connect(filled.url) as connection:
        for card in cards:
            row = connection.execute(card["query"]).fetchone()
            assert row is not None
            assert (
                f">{row[0]}<" in card["svg"]
                or f">{row[0] / 1000:.1f}".removesuffix(".0") in card["svg"]
            )


def test_a_growth_is_told_with_its_base_and_window(filled: Warehouse) -> None:
    """500 stars and 50 % over N days with a base, not half of all stars in a week."""
    (story,) = filled.rows("select * from analytics.success_stories order by repo_id")
    assert story["repo_full_name"] == "grower/rocket"
    assert story["base_stars"] == 1500 - 8 * 90 and story["base_source"] == "github_history"
    assert story["growth_pct"] == pytest.approx(720 / 780 * 100)
    assert (date(2026, 5, 20) - story["base_date"]).days in (90, 91)
    assert "780" in story["headline"] and "90 days" in story["headline"]
    assert story["criteria"] == {
        "minimum_stars": 500, "growth_percent": 50.0, "growth_days": 90, "minimum_base": 50,
    }  # fmt: skip


def test_criteria_are_configurable(filled: Warehouse) -> None:
    """Other thresholds replace the month's stories, the defaults bring them back."""
    materialise(filled.url, growth_percent=20.0)
    found = filled.rows("select repo_id from analytics.success_stories order by repo_id")
    assert [row["repo_id"] for row in found] == [1, 4]
    materialise(filled.url)
    assert filled.value("select count(*) from analytics.success_stories") == 1


def test_a_story_needs_a_known_base(filled: Warehouse) -> None:
    """Our own count where GitHub's history has a gap; without a base, or from little, no story."""
    story = "select repo_id, base_source from analytics.success_stories order by repo_id"
    with connect(filled.url) as connection:
        connection.execute(
            "update analytics.fact_star_days set source = 'own_snapshots'"
            " where repo_id = 4 and star_date = '2026-05-10'"
        )
        connection.commit()
    wanted = {"minimum_stars": 200, "growth_percent": 3.0, "minimum_base": 230}
    materialise(filled.url, growth_days=24, **wanted)
    assert [tuple(row.values()) for row in filled.rows(story)] == [
        (1, "github_history"), (4, "own_snapshots"),
    ]  # fmt: skip
    materialise(filled.url, growth_days=25, **wanted)
    assert [tuple(row.values()) for row in filled.rows(story)] == [(1, "github_history")]
    with connect(filled.url) as connection:
        connection.execute(
            "update analytics.fact_star_days set source = 'github_history'"
            " where repo_id = 4 and star_date = '2026-05-10'"
        )
        connection.commit()
    materialise(filled.url)


def test_repositories_are_counted_once_and_stars_never_summed_over_days(filled: Warehouse) -> None:
    """Three days of six repositories are six repositories, from the facts."""
    drafts = filled.rows("select * from analytics.monthly_drafts order by period_start")
    assert [row["period_start"] for row in drafts] == [date(2026, 4, 1), date(2026, 5, 1)]
    assert [row["is_complete"] for row in drafts] == [False, False]
    assert drafts[1]["stats"]["repositories"] == 6
    assert drafts[1]["stats"]["stars_gained"] < 6000
    assert drafts[1]["markdown"].startswith("# What rose on GitHub in May 2026")
    assert "grower/rocket" in drafts[1]["markdown"] and "[^1]:" in drafts[1]["markdown"]
    assert drafts[1]["word_count"] == len(drafts[1]["markdown"].split("\n## Evidence")[0].split())


def test_text_of_strangers_stays_text_in_markdown(filled: Warehouse) -> None:
    """A description is neither a tag nor a link nor code in the draft."""
    draft = filled.value(
        "select markdown from analytics.monthly_drafts order by period_start desc limit 1"
    )
    body = draft.split("## Evidence")[0]
    assert "<script" not in body and "\u202e" not in body
    assert "&lt;script&gt;" in body and "\\[x\\](javascript:1) \\`${7\\*7}\\`" in body


def test_deploys_are_said_to_be_unmeasurable(filled: Warehouse) -> None:
    """No deploy count of other people's services is made up."""
    rows = filled.rows("select * from analytics.blueprint_metrics order by repo_id")
    assert [row["repo_full_name"] for row in rows] == [
        "grower/rocket", "friend/community", "render-examples/start", "friend/broken",
    ]  # fmt: skip
    for row in rows:
        assert row["deploys"] is None and row["success_rate"] is None
        assert row["avg_deploy_seconds"] is None
        assert row["deploys_reason"].startswith("not measurable: deploys of other people's")
    assert rows[3]["attention_reasons"][0] == "its render.yaml is not a valid Blueprint"
    assert rows[1]["attention_reasons"] == ["its README has no deploy button"]


def test_platforms_count_unknown_apart(filled: Warehouse) -> None:
    """Unknown is not absent: a file that could not be read is in neither column."""
    report = filled.rows("select * from analytics.platform_intelligence")[0]
    assert report["report_date"] == date(2026, 5, 20) and report["sample_size"] == 3
    data = report["platform_data"]
    assert (data["render"]["yes"], data["render"]["no"], data["render"]["unknown"]) == (1, 1, 1)
    assert (data["fly"]["yes"], data["fly"]["no"], data["fly"]["unknown"]) == (0, 1, 2)
    assert data["railway"]["unknown"] == 3 and data["more_than_one"] == 1
    assert data["railway"]["share"] is None and data["railway"]["low"] is None
    assert "Railway: nothing is known of 3 repositories." in report["summary"]
    assert data["vercel"]["by_language"]["go"]["share"] is None
    # Wilson's interval of one of two, to four places.
    found = data["render"]
    assert [round(found[part], 4) for part in ("low", "share", "high")] == [0.0945, 0.5, 0.9055]
    assert "undercounts Vercel" in report["summary"] and "1 unknown" in report["summary"]


def test_cards_of_the_week(filled: Warehouse) -> None:
    """Weekly top community projects, featured ones, pages: PNG 1200×630 and SVG."""
    rows = filled.rows("select * from analytics.marketing_cards")
    kinds = {row["card_kind"] for row in rows}
    assert kinds == {"weekly_community", "featured", "repository", "page"}
    assert {row["period_start"] for row in rows} == {date(2026, 5, 18)}
    weekly = [row for row in rows if row["card_kind"] == "weekly_community"]
    assert "friend/community" in {row["repo_full_name"] for row in weekly} and len(weekly) <= 5
    assert {row["subject"] for row in rows if row["card_kind"] == "page"} >= {"trending", "render"}
    for row in rows:
        assert_is_plain(row["svg"])
        assert AS_OF.strftime("%Y-%m-%d %H:%M UTC") in row["svg"]
        if row["card_kind"] != "repository":
            png = bytes(row["png"])
            assert png[:8] == b"\x89PNG\r\n\x1a\n"
            assert int.from_bytes(png[16:20]) == WIDTH and int.from_bytes(png[20:24]) == HEIGHT
            assert len(png) <= 2_000_000


def test_making_it_again_changes_nothing(filled: Warehouse) -> None:
    """The same data gives the same rows and the same bytes; nothing is drawn twice."""
    before = {table: _plain_rows(filled, table) for table in TABLES}
    result = materialise(filled.url)
    assert {table: _plain_rows(filled, table) for table in TABLES} == before
    made = result.asset_materializations_for_node("marketing_cards")[0].metadata["pictures_made"]
    assert made.value == 0
    assert filled.value("select distinct run_id from analytics.blueprint_metrics") == result.run_id
    with connect(filled.url) as connection:
        connection.execute("update analytics.marketing_cards set png = null")
        connection.commit()
    materialise(filled.url)
    wanted = {table: _plain_rows(filled, table) for table in TABLES}
    assert wanted["marketing_cards"] == before["marketing_cards"]


def test_a_rebuild_keeps_what_was_published(filled: Warehouse) -> None:
    """Past days and months can't be told again: rebuilding from raw would lose them."""
    with connect(filled.url) as connection:
        connection.execute(
            "insert into analytics.blueprint_metrics select (jsonb_populate_record(metric,"
            " jsonb_build_object('report_date', date '2026-05-01'))).*"
            " from analytics.blueprint_metrics as metric"
        )
        connection.commit()
    before = _plain_rows(filled, "blueprint_metrics")
    passed, _, error = build(
        FileSettings(), postgres_environment(filled.url), select=(MODELS,), full_refresh=True
    )
    assert passed, error
    assert _plain_rows(filled, "blueprint_metrics") == before
    with connect(filled.url) as connection:
        connection.execute(
            "delete from analytics.blueprint_metrics where report_date < '2026-05-20'"
        )
        connection.commit()


def _plain_rows(warehouse: Warehouse, table: str) -> list[dict[str, Any]]:
    rows = warehouse.rows(f"select * from analytics.{table}")
    kept = [{key: value for key, value in row.items() if key != "run_id"} for row in rows]
    return sorted(kept, key=str)


def test_without_the_renderer_the_drawings_are_still_there(
    filled: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """trender[charts] is optional: no PNG, a note, no failure."""
    with connect(filled.url) as connection:
        connection.execute("delete from analytics.marketing_cards")
        connection.commit()
    monkeypatch.setitem(__import__("sys").modules, "vl_convert", None)
    result = materialise(filled.url)
    note = result.asset_materializations_for_node("marketing_cards")[0].metadata["note"]
    assert "trender[charts]" in str(note.value)
    assert filled.value("select count(*) from analytics.marketing_cards where png is not null") == 0
    reasons = filled.rows("select distinct png_reason from analytics.marketing_cards")
    assert pictures.NOT_INSTALLED in {row["png_reason"] for row in reasons}
    monkeypatch.undo()
    materialise(filled.url)
    assert filled.value("select count(*) from analytics.marketing_cards where png is not null") > 0


def test_an_empty_warehouse_gives_nothing(warehouse_url: str) -> None:
    """Before anything was measured there is nothing to tell, and that is no failure."""
    materialise(warehouse_url)
    with connect(warehouse_url) as connection:
        for table in TABLES:
            statement = sql.SQL("select count(*) from analytics.{}")
            row = connection.execute(statement.format(sql.Identifier(table))).fetchone()
            assert row == (0,), table


def test_every_table_and_column_is_described(warehouse_url: str) -> None:
    with psycopg.connect(warehouse_url) as connection:
        bare = connection.execute(
            """
            select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'analytics'::regnamespace and c.relname = any(%s)
                and a.attnum >= 0 and not a.attisdropped
                and col_description(c.oid, a.attnum) is null
            union all
            select relname, '' from pg_class where relnamespace = 'analytics'::regnamespace
                and relname = any(%s) and obj_description(oid) is null
            """,
            [list(TABLES), list(TABLES)],
        ).fetchall()
    assert bare == []


def test_assets_follow_the_house(filled: Warehouse) -> None:
    """An asset's name is its table's name, its docstring the catalog's text."""
    assets = dg.load_assets_from_modules([marketing])
    specs = [spec for asset in assets for spec in asset.specs]  # type: ignore[union-attr]
    names = {spec.key.to_user_string() for spec in specs}
    assert names == {*TABLES, "marketing_card_facts", "platform_answers"}
    assert all(spec.group_name == "marketing" and spec.description for spec in specs)
    assert "annotations" not in Path(marketing.__file__).read_text().split("import dagster")[0]
