"""README text → a documentation score between 0 and 1, with every component.

Define a component here when another property makes a README helpful. The scale is Trender's own
(the draft asks for "deploy button, README quality" without a formula); a page that explains it
quotes `DOCUMENTATION_RULES`. The button itself is found by `readme`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

DOCUMENTATION_RULES: Mapping[str, tuple[float, str]] = {
    "deploy_button": (0.20, "a Deploy to Render button"),
    "guidance": (0.20, "a heading about installing, using, starting or deploying"),
    "length": (0.20, "words, full from 300 on"),
    "headings": (0.15, "headings, full from 4 on"),
    "code": (0.15, "a code block"),
    "links": (0.05, "a link"),
    "picture": (0.05, "a picture"),
}
_FULL_WORDS = 300
_FULL_HEADINGS = 4
_LONGEST_HEADING = 200
_HEADING = re.compile(r" {0,3}(?:#{1,6}[ \t]|<h[1-6]\b)", re.IGNORECASE)
_GUIDANCE = re.compile(
    r"\b(?:install|set ?up|getting started|get started|quick ?start|usage|how to|run|deploy)",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://")
_PICTURE = re.compile(r"!\[|<img\b", re.IGNORECASE)


@dataclass(frozen=True)
class Documentation:
    """A documentation score and what it is made of.

    Attributes:
        score: 0–1, three decimals.
        evidence: Component → `{"weight", "share", "count"}`.
    """

    score: float
    evidence: dict[str, object]


def judge_documentation(visible: str, has_button: bool) -> Documentation:
    """The weighted sum of the components in `DOCUMENTATION_RULES`.

    Args:
        visible: README text without HTML comments, at most 512 KB.
        has_button: Whether a deploy button was found.
    """
    headings = guidance = fences = 0
    in_code = False
    for line in visible.split("\n"):
        if line.lstrip()[:3] in ("```", "~~~"):
            in_code = not in_code
            fences += in_code
        elif not in_code and _HEADING.match(line):
            headings += 1
            guidance += _GUIDANCE.search(line[:_LONGEST_HEADING]) is not None
    words = len(visible.split())
    links = _LINK.search(visible) is not None
    pictures = _PICTURE.search(visible) is not None
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
