"""README text → a documentation score between 0 and 1, with every component.

Define a component here when another property makes a README helpful. The scale is Trender's own
(the draft asks for "deploy button, README quality" without a formula); a page that explains it
quotes `DOCUMENTATION_RULES`. The button itself is found by `readme`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from trender_assets.trending.detection.readme import Readme

DOCUMENTATION_RULES: Mapping[str, tuple[float, str]] = {
    "deploy_button": (0.20, "a Deploy to Render button"),
    "guidance": (0.20, "a heading with code or a list below it"),
    "length": (0.20, "words, full from 300 on"),
    "headings": (0.15, "headings, full from 4 on"),
    "code": (0.15, "a code block"),
    "links": (0.05, "a link"),
    "picture": (0.05, "a picture"),
}
_FULL_WORDS = 300
_FULL_HEADINGS = 4
# Scripts written without blanks between words: about two characters are one word.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff]"
)
_CHARACTERS_PER_WORD = 2


@dataclass(frozen=True)
class Documentation:
    """A documentation score and what it is made of.

    Attributes:
        score: 0–1, three decimals.
        evidence: Component → `{"weight", "share", "count"}`.
    """

    score: float
    evidence: dict[str, object]


def judge_documentation(readme: Readme, has_button: bool) -> Documentation:
    """The weighted sum of the components in `DOCUMENTATION_RULES`.

    Structure counts, not vocabulary: a README is as good in Chinese as in English.

    Args:
        readme: The parsed README.
        has_button: Whether a deploy button was found.
    """
    guidance, headings, fences = readme.guided, readme.headings, readme.code_blocks
    words = count_words(readme.visible)
    links, pictures = bool(readme.links), readme.pictures > 0
    parts: dict[str, tuple[float, int]] = {
        "deploy_button": (float(has_button), int(has_button)),
        "guidance": (float(guidance > 0), guidance),
        "length": (min(words / _FULL_WORDS, 1.0), words),
        "headings": (min(headings / _FULL_HEADINGS, 1.0), headings),
        "code": (float(fences > 0), fences),
        "links": (float(links), int(links)),
        "picture": (float(pictures), int(pictures)),
    }
    score = sum(DOCUMENTATION_RULES[name][0] * share for name, (share, _) in parts.items())
    return Documentation(
        score=round(score, 3),
        evidence={
            name: {
                "weight": DOCUMENTATION_RULES[name][0],
                "share": round(share, 3),
                "count": count,
            }
            for name, (share, count) in parts.items()
        },
    )


def count_words(text: str) -> int:
    """Words, also of languages that put no blanks between them."""
    spaced, unspaced = _UNSPACED.subn(" ", text)
    return len(spaced.split()) + -(-unspaced // _CHARACTERS_PER_WORD)
