"""The recorded daily rankings and trending pages, as tables that a back-test can use.

Define here how the recorded files are read, how renamed repositories are followed and how gains
are taken from daily star counts.
Scores and measures do not belong here.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

MAIN = "ranking/ranking_main_2026-01-01_2026-04-10.csv.gz"
GAP = "ranking/ranking_gap_2025-10-05_2025-11-05.csv.gz"
TRENDING = ("trending/larsbijl_trending.ndjson.gz", "trending/bonfy_trending.ndjson.gz")
ALL_LANGUAGES = "top-100-stars"
HORIZON = 7
GAIN_DAYS = (1, 7, 28)


@dataclass(frozen=True)
class Rankings:
    """Daily top-100 lists.

    Attributes:
        stars: One row per calendar day, one column per repository, null where not seen.
        members: Columns pool, date, repo_id (a column position of ``stars``): who was listed.
        urls: The repository's newest URL by repo_id, lower case.
    """

    stars: pd.DataFrame
    members: pd.DataFrame
    urls: list[str]


def load_rankings(data: Path, window: str = MAIN) -> Rankings:
    """Read one window; a repository that was renamed or moved keeps one identity.

    The recording has no repository ids. A URL that ends the day before another begins is taken as
    the same repository when name, owner or description is the same and the stars continue.
    """
    rows = pd.read_csv(data / window, keep_default_na=False)
    rows["date"] = pd.to_datetime(rows["snapshot_date"])
    rows["url"] = rows["repo_url"].str.lower()
    newer = _renames(rows)
    rows["url"] = rows["url"].map(lambda url: _newest(url, newer))
    table = rows.pivot_table(index="date", columns="url", values="stars", aggfunc="last")
    stars = table.asfreq("D")
    urls = list(stars.columns)
    position = {url: number for number, url in enumerate(urls)}
    members = pd.DataFrame(
        {"pool": rows["item"], "date": rows["date"], "repo_id": rows["url"].map(position)}
    ).drop_duplicates()
    return Rankings(stars=stars, members=members.reset_index(drop=True), urls=urls)


def _renames(rows: pd.DataFrame) -> dict[str, str]:
    """Old URL to the URL that took over on the next recorded day."""
    by_url = rows.sort_values("date").groupby("url")
    begin, end = by_url.first(), by_url.last()
    recorded = sorted(rows["date"].unique())
    following = dict(pairwise(recorded))
    found: dict[str, str] = {}
    for url, old in end.iterrows():
        heirs = begin[begin["date"] == following.get(old["date"])]
        for heir, new in heirs.iterrows():
            same = (
                old["repo_name"].lower() == new["repo_name"].lower()
                or old["username"].lower() == new["username"].lower()
                or (old["description"] and old["description"] == new["description"])
            )
            if heir != url and same and 0.97 <= new["stars"] / old["stars"] <= 1.6:
                found[str(url)] = str(heir)
    return found


def _newest(url: str, newer: dict[str, str]) -> str:
    while url in newer:
        url = newer[url]
    return url


def candidates(rankings: Rankings, horizon: int = HORIZON) -> pd.DataFrame:
    """Everybody who was listed on a day, with past gains and the truth.

    Args:
        rankings: The daily lists.
        horizon: Days of the truth.

    Returns:
        Columns pool, date, day (0-based number), repo_id, stars, gain_1d, gain_7d, gain_28d (net
        differences of daily counts, null when the earlier count is unknown) and next_week (stars
        gained in the following ``horizon`` days, null when the later count is unknown: the last
        days, or not listed then).
    """
    counts = rankings.stars.to_numpy()
    frame = rankings.members.copy()
    frame["day"] = (frame["date"] - rankings.stars.index[0]).dt.days
    day, repo = frame["day"].to_numpy(), frame["repo_id"].to_numpy()
    frame["stars"] = counts[day, repo]
    for days in GAIN_DAYS:
        frame[f"gain_{days}d"] = frame["stars"] - _at(counts, day - days, repo)
    frame["next_week"] = _at(counts, day + horizon, repo) - frame["stars"]
    return frame.sort_values(["pool", "day", "repo_id"], ignore_index=True)


def daily_gains(rankings: Rankings) -> np.ndarray:
    """Net stars gained since the day before: shape (days, repositories), null where unknown."""
    counts = rankings.stars.to_numpy()
    return np.vstack([np.full(counts.shape[1], np.nan), np.diff(counts, axis=0)])


def _at(counts: np.ndarray, day: np.ndarray, repo: np.ndarray) -> np.ndarray:
    inside = (day >= 0) & (day < len(counts))
    return np.where(inside, counts[np.where(inside, day, 0), repo], np.nan)


def page_entries(data: Path, rankings: Rankings, frame: pd.DataFrame) -> pd.DataFrame:
    """Whether a candidate stood on its language's daily trending page, by either archive.

    Returns:
        Columns on_page (in the seven days after the start day) and entrant (on_page, and on none
        of the seven days up to the start day), in the order of ``frame``.
    """
    number = {url.removeprefix("https://github.com/"): i for i, url in enumerate(rankings.urls)}
    first = rankings.stars.index[0]
    seen: dict[tuple[str, int], list[int]] = {}
    for path in TRENDING:
        with gzip.open(data / path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                repo = number.get(row["full_name"].lower())
                if repo is not None:
                    day = (pd.Timestamp(row["date"]) - first).days
                    seen.setdefault((row["language"], repo), []).append(day)
    nothing: list[int] = []
    answers = []
    for pool, repo, day in zip(frame["pool"], frame["repo_id"], frame["day"], strict=True):
        days = seen.get((pool.lower(), repo), nothing)
        after = any(0 < other - day <= HORIZON for other in days)
        before = any(-HORIZON < other - day <= 0 for other in days)
        answers.append((after, after and not before, before))
    return pd.DataFrame(answers, columns=["on_page", "entrant", "on_page_before"])
