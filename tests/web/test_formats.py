"""Numbers, times and definitions as people read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trender_web.answer.formats import (
    ago,
    duration,
    exact,
    fixed,
    gain,
    iso,
    percent,
    plural,
    short,
    span,
)
from trender_web.answer.templating import number_tag
from trender_web.pages.methodology.data import document, metrics

NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
DBT = Path(__file__).resolve().parents[2] / "trender_dbt"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"), (0, "0"), (7, "7"), (999, "999"), (1000, "1k"), (1234, "1.2k"), (12_345, "12.3k"),
        (99_950, "100k"), (999_499, "999k"), (999_500, "1M"), (1_250_000, "1.2M"), (2**53, "9,007,199B"),
        (-1234, "−1.2k"), (0.5, "0.5"),
    ],
)  # fmt: skip
def test_short(value, text) -> None:
    """Short on screen, "—" for missing."""
    assert short(value) == text


def test_other_numbers() -> None:
    assert exact(1234567) == "1\u202f234\u202f567" and exact(None) == "—" and exact(-3) == "−3"
    assert exact(2.57) == "2.57" and exact(0.1 + 0.2) == "0.3"
    assert fixed(2.345, 2) == "2.35" or fixed(2.345, 2) == "2.34"
    assert gain(0) == "±0" and gain(5) == "+5" and gain(-5) == "−5" and gain(None) == "—"
    assert percent(0.917) == "92\u202f%" and percent(None) == "—"
    assert plural(1, "star") == "1 star" and plural(0, "star") == "0 stars"
    assert duration(8.44) == "8.4\u202fs" and duration(75) == "1 min" and duration(None) == "—"


def test_times_are_never_negative() -> None:
    """No "in -3 min"."""
    assert ago(NOW + timedelta(minutes=3), NOW) == "just now"
    assert ago(NOW - timedelta(hours=2, minutes=5), NOW) == "2 h 5 min ago"
    assert ago(NOW - timedelta(days=3), NOW) == "3 days ago"
    assert span(timedelta(minutes=-3)) == "less than a minute"
    assert iso(NOW) == "2026-11-24T09:12:00Z" and iso(None) is None


def test_exact_value_is_in_the_title() -> None:
    assert 'title="12\u202f345"' in number_tag(12345)
    tag = number_tag(None, reason='<b>"why"</b>')
    assert "—" in tag and "&lt;b&gt;" in tag and "<b>" not in tag


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


@pytest.mark.parametrize("metric", [m for m in metrics() if m.formula], ids=lambda m: m.column)
def test_formulas_are_the_sql(metric) -> None:
    """The methodology page quotes the place where the formula lives, to the letter."""
    assert _plain(metric.formula) in _plain((DBT / metric.formula_file).read_text())


def test_every_metric_is_defined() -> None:
    columns = [metric.column for metric in metrics()]
    assert len(columns) == len(set(columns))
    for metric in metrics():
        assert metric.definition and metric.unit and metric.source
        assert metric.bias or metric.column.endswith("_part")
    assert {section["id"] for section in document()["sections"]} >= {"sample", "missing", "render"}


def test_weights_in_the_page_are_those_of_the_sql() -> None:
    """The arithmetic's words (0.4, 0.3, 0.6, 1.2, 0.9, 180) stand in the model too."""
    model = (DBT / "models/trending/marts/fact_repo_snapshots_hourly.sql").read_text()
    for quoted in (
        "0.4::float8 * star_velocity", "0.6::float8 * activity_score", "0.4::float8 * commits",
        "0.3::float8 * case", "0.3::float8 * active", "1.2::float8", "0.9::float8", "'180 days'",
    ):  # fmt: skip
        assert quoted in model
