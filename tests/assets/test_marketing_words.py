"""Cards and their texts, without a database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.assets.plain_svg import HOSTILE, assert_is_plain
from trender_assets.marketing.cards import HEIGHT, WIDTH, RepositoryFacts, repository_card
from trender_assets.marketing.lettering import card_text, width, wrapped

AS_OF = datetime(2026, 5, 20, 9, tzinfo=UTC)


def _facts(**changes: Any) -> RepositoryFacts:
    values: dict[str, Any] = {
        "repo_full_name": "owner/name", "description": "What it does",
        "language": "Python", "stars": 12_345, "stars_gained_7d": None, "momentum_score": None,
        "rank_overall": None, "ranked_count": 9, "uses_render": True, "chosen_for": "community",
        "curve": (1, None, 3), "as_of": AS_OF,
    }  # fmt: skip
    return RepositoryFacts(**(values | changes))


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        "]]>&amp;<svg/onload=x>",
        "\x00\x0b\ud800",
        "日本語のみ",
        "x" * 4000,
        "a " * 2000,
        "",
        None,
    ],
)
def test_a_card_is_plain_whatever_the_text(text: str | None) -> None:
    """Letters and shapes only, whatever a description holds."""
    card = repository_card(_facts(description=text))
    assert_is_plain(card.svg)
    assert f'width="{WIDTH}" height="{HEIGHT}"' in card.svg and len(card.svg) < 8000


def test_missing_numbers_are_dashes_on_cards() -> None:
    card = repository_card(_facts(stars=None))
    assert card.svg.count(">—<") == 4 and ">0<" not in card.svg


def test_card_text_has_no_boxes() -> None:
    """Emoji are dropped; a text of another script is left out whole."""
    assert card_text("Fast 🚀 queue :rocket: für alle", 50) == "Fast queue für alle"
    assert card_text("日本語の説明 with API", 50) == ""
    assert card_text("Привет, мир", 50) == "Привет, мир"


def test_lines_fit_their_room() -> None:
    lines = wrapped("word " * 200, 600, 30, 2)
    assert len(lines) == 2 and lines[1].endswith("…")
    assert all(width(line, 30) <= 600 for line in lines)
