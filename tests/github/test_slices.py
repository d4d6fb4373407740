"""Cutting a search in two: disjoint halves that lose and repeat nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trender_assets.github.slices import halves

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("query", "cut"),
    [
        ("language:go stars:>=20", ("language:go stars:20..119", "language:go stars:>=120")),
        ("stars:10..19 language:go", ("stars:10..13 language:go", "stars:14..19 language:go")),
        ("topic:x", ("topic:x stars:0..99", "topic:x stars:>=100")),
        (
            "x stars:5",
            (
                "x stars:5 created:2007-10-01..2017-04-28",
                "x stars:5 created:2017-04-29..2026-11-25",
            ),
        ),
        (
            "stars:5..5 created:2026-11-24..2026-11-25",
            (
                "stars:5..5 created:2026-11-24..2026-11-24",
                "stars:5..5 created:2026-11-25..2026-11-25",
            ),
        ),
        ("stars:5..5 created:2026-11-25", None),
    ],
)
def test_halves(query: str, cut: tuple[str, str] | None) -> None:
    """Disjoint ranges that meet, down to one star and one day."""
    assert halves(query, TODAY) == cut


def test_code_is_cut_by_size() -> None:
    assert halves("filename:render.yaml path:/", TODAY, is_code=True) == (
        "filename:render.yaml path:/ size:0..196608",
        "filename:render.yaml path:/ size:196609..393216",
    )


@given(st.integers(0, 10**6), st.integers(0, 10**6) | st.none())
def test_halves_lose_and_repeat_nothing(low: int, width: int | None) -> None:
    """Every number of the range is in exactly one half."""
    high = None if width is None else low + width
    cut = halves(f"stars:>={low}" if high is None else f"stars:{low}..{high}", TODAY)
    assert cut is not None
    if high == low:
        assert "created:" in cut[0]
        return
    first = re.fullmatch(r"stars:(\d+)\.\.(\d+)", cut[0])
    second = re.fullmatch(r"stars:(?:>=(\d+)|(\d+)\.\.(\d+))", cut[1])
    assert first and second
    assert int(first[1]) == low <= int(first[2])
    assert int(second[1] or second[2]) == int(first[2]) + 1
    assert (None if second[3] is None else int(second[3])) == high
