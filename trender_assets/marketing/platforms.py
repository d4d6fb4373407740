"""Which deployment platforms the followed repositories' files name, on one frame for all.

Define here the comparison and its sentences. A platform that needs no file is undercounted, and
what was not read is unknown, never absent; both are said.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from trender_assets.marketing.evidence import Sentence, several, statement

PLATFORMS = {"render": "Render", "vercel": "Vercel", "railway": "Railway", "fly": "Fly"}
FRAME = (
    "Repositories followed for their language (not for Render), available, neither fork nor "
    "archived, each once; their root files as last read. Large and rising projects are "
    "over-represented, so a share is a share of this frame, not of GitHub."
)
CAVEAT = (
    "Counted by files: render.yaml, vercel.json, railway.json or railway.toml, fly.toml. A project "
    "that deploys without such a file is not seen, which undercounts Vercel most."
)
COUNT_QUERY = """
with frame as (
    select current_repo.repo_id,
        (select found.deployment -> 'platforms' -> '{platform}'
         from staging.repo_file_findings as found
         where found.repo_id = current_repo.repo_id
         order by found.raw_file_id desc limit 1) as answer
    from analytics.repositories_current as current_repo
    where current_repo.pool is not null and current_repo.is_current
        and not current_repo.is_fork and not current_repo.is_archived
)
select count(*) filter (where answer = 'true'), count(*) filter (where answer = 'false'),
    count(*) filter (where answer is null or answer not in ('true', 'false')), count(*)
from frame
"""
Z = 1.959964


@dataclass(frozen=True)
class FrameRow:
    """One repository of the frame: platform → True, False or None (unknown)."""

    repo_id: int
    pool: str
    stars: int
    platforms: dict[str, bool | None]


@dataclass(frozen=True)
class Comparison:
    """The finished report."""

    data: dict[str, Any]
    summary: str
    sample_size: int
    sentences: tuple[Sentence, ...]


def wilson(yes: int, known: int) -> tuple[float, float] | None:
    """The 95 % interval of a share (Wilson score); None when nothing is known."""
    if known <= 0:
        return None
    share = yes / known
    scale = 1 + Z * Z / known
    middle = share + Z * Z / (2 * known)
    half = Z * math.sqrt(share * (1 - share) / known + Z * Z / (4 * known * known))
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def compare(rows: Sequence[FrameRow], as_of: datetime) -> Comparison:
    """The platforms' counts, shares and intervals, and the sentences that tell them."""
    pools = sorted({row.pool for row in rows})
    data: dict[str, Any] = {}
    sentences: list[Sentence] = []
    for key, name in PLATFORMS.items():
        entry = _counts(rows, key)
        entry["by_language"] = {
            pool: _counts([row for row in rows if row.pool == pool], key) for pool in pools
        }
        data[key] = entry
        sentences.append(_sentence(key, name, entry, len(rows), as_of))
    several_names = sum(sum(value is True for value in row.platforms.values()) > 1 for row in rows)
    data["more_than_one"] = several_names
    data["caveat"] = CAVEAT
    summary = " ".join([*(sentence.text for sentence in sentences), CAVEAT])
    return Comparison(data, summary, len(rows), tuple(sentences))


def _counts(rows: Sequence[FrameRow], key: str) -> dict[str, Any]:
    answers = [row.platforms.get(key) for row in rows]
    yes, no = answers.count(True), answers.count(False)
    stars = [row.stars for row in rows if row.platforms.get(key) is True]
    interval = wilson(yes, yes + no)
    return {
        "yes": yes,
        "no": no,
        "unknown": len(rows) - yes - no,
        "sample_size": len(rows),
        "share": yes / (yes + no) if yes + no else None,
        "low": interval[0] if interval else None,
        "high": interval[1] if interval else None,
        "median_stars": float(median(stars)) if stars else None,
    }


def _sentence(key: str, name: str, entry: dict[str, Any], size: int, as_of: datetime) -> Sentence:
    yes, known = entry["yes"], entry["yes"] + entry["no"]
    if not known:
        text = f"{name}: nothing is known of {several(size, 'repository', 'repositories')}."
    else:
        text = (
            f"{name}: {yes:,} of {several(known, 'repository', 'repositories')} whose files are "
            f"known ({entry['share'] * 100:.1f} %, 95 % interval {entry['low'] * 100:.1f} to "
            f"{entry['high'] * 100:.1f} %), {entry['unknown']:,} unknown."
        )
    return Sentence(
        text=text,
        query=statement(COUNT_QUERY.replace("{platform}", key)),
        values=(yes, entry["no"], entry["unknown"], size),
        as_of=as_of,
        link="/for-marketing#platforms",
    )
