"""Does `trend_score` foresee next week's stars better than last week's gain does?

Run `python benchmarks/trend_backtest.py [--data PATH] [--grid]`: the shipped SQL macro is executed
by an embedded PostgreSQL on every recorded day, cross-checked with numpy, and judged beside other
scores on days that were not used to choose its weights.
How the recorded files are read is in ranking_data.py, how a score is judged in trend_measures.py.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from jinja2 import Environment
from ranking_data import (
    ALL_LANGUAGES,
    GAIN_DAYS,
    GAP,
    candidates,
    daily_gains,
    load_rankings,
    page_entries,
)
from trend_measures import LAST_WEEK, TREND, judge, report, report_pages

from trender_assets.warehouse import embedded
from trender_assets.warehouse.connect import connect

CHECKOUT = Path(__file__).resolve().parents[1]
MACRO = CHECKOUT / "trender_dbt" / "macros" / "trend_score.sql"
# Days are numbers from 2026-01-01 = 0. The last training day's truth ends on day 60.
TRAINING, TESTING = (28, 53), (60, 92)
TABLE = """
create temporary table competitors (
    repo_id bigint, pool text, snapshot_date date, stars bigint, stars_gained_1d bigint,
    stars_gained_7d bigint, stars_gained_28d bigint, commits_last_7_days bigint,
    issues_closed_last_7_days bigint, active_contributors bigint
)"""


def score_in_postgres(frame: pd.DataFrame) -> tuple[pd.Series, float]:
    """The shipped macro's score for every row, and the seconds the statement took.

    Activity is unknown in the recording, so its weight goes to the other parts.
    """
    template = MACRO.read_text(encoding="utf-8") + "{{ trend_score('competitors') }}"
    statement = Environment(autoescape=False).from_string(template).render()
    with tempfile.TemporaryDirectory(prefix="trender-bench-") as folder:
        Path(folder).chmod(0o755)
        url = embedded.start(Path(folder))
        try:
            with connect(url) as connection:
                connection.execute(TABLE)
                with connection.cursor().copy("copy competitors from stdin") as copy:
                    columns = ["repo_id", "pool", "date", "stars", "gain_1d", "gain_7d", "gain_28d"]
                    for row in frame[columns].itertuples(index=False):
                        numbers = [None if np.isnan(x) else int(x) for x in row[3:]]
                        copy.write_row([*row[:2], row[2].date(), *numbers, None, None, None])
                connection.execute("analyze competitors")
                started = time.perf_counter()
                rows = connection.execute(
                    f"select pool, snapshot_date, repo_id, trend_score from ({statement}) as trend"
                ).fetchall()
                seconds = time.perf_counter() - started
        finally:
            embedded.stop(Path(folder))
    keys = ["pool", "date", "repo_id"]
    answer = pd.DataFrame(rows, columns=[*keys, "score"])
    answer["date"] = pd.to_datetime(answer["date"])
    merged = frame[keys].merge(answer, on=keys, how="left", validate="one_to_one")
    return merged["score"].astype(float), seconds


def percentile(frame: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Mid-rank percentile (0 to 1) within pool and day, among known values."""
    groups = values.groupby([frame["pool"], frame["day"]])
    return (groups.rank(method="average") - 0.5) / groups.transform("count")


def weighted(parts: list[tuple[float, pd.Series]]) -> pd.Series:
    """Weighted mean over the known parts."""
    known = pd.concat([weight * part.notna() for weight, part in parts], axis=1).sum(axis=1)
    total = pd.concat([weight * part for weight, part in parts], axis=1).sum(axis=1)
    return total / known.replace(0, np.nan)


def pace(frame: pd.DataFrame, weights: tuple[float, float, float] = (0.2, 0.4, 0.4)) -> pd.Series:
    """Stars per day, blended over 1, 7 and 28 days; equal paces tie exactly, as in the macro."""
    total, known = 0.0, 0.0
    for weight, days in zip(weights, GAIN_DAYS, strict=True):
        gain = frame[f"gain_{days}d"]
        total = total + (weight * 28 / days) * gain.fillna(0)
        known = known + weight * 28 * gain.notna()
    return total.round(6) / known.round(6).replace(0, np.nan)


def score_in_numpy(
    frame: pd.DataFrame, growth_weight: float = 0.1, prior_share: float = 1.0
) -> pd.Series:
    """The macro's formula a second time (activity unknown).

    Args:
        frame: The candidates.
        growth_weight: Beside pace's 0.8; the macro's is 0.1.
        prior_share: Growth's prior as a share of the pool's median stars; the macro's is 1.
    """
    rate = pace(frame)
    median = frame["stars"].groupby([frame["pool"], frame["day"]]).transform("median")
    size = (frame["stars"] - 7 * rate).clip(lower=0)
    growth = 7 * rate / (size + (prior_share * median).clip(lower=200))
    parts = [(0.8, percentile(frame, rate)), (growth_weight, percentile(frame, growth))]
    return 100 * weighted(parts)


def proposal(frame: pd.DataFrame) -> pd.Series:
    """The working paper's first proposal: 0.35 gain, 0.30 shrunk growth, 0.15 acceleration."""
    groups = [frame["pool"], frame["day"]]
    gain, before = frame["gain_7d"], frame["stars"] - frame["gain_7d"]
    median = (gain / before).groupby(groups).transform("median")
    growth = (gain + 200 * median) / (before.clip(lower=0) + 200)
    month = frame["gain_28d"].clip(lower=0) / 4 + 1
    acceleration = np.log((gain.clip(lower=0) + 1) / month)
    weights = ((0.35, gain), (0.30, growth), (0.15, acceleration))
    return weighted([(weight, percentile(frame, part)) for weight, part in weights])


def exponential_rate(frame: pd.DataFrame, gains: np.ndarray, half_life: float) -> pd.Series:
    """Exponentially weighted daily gain over at most 60 known days."""
    day, repo = frame["day"].to_numpy(), frame["repo_id"].to_numpy()
    total, known = np.zeros(len(frame)), np.zeros(len(frame))
    for back in range(60):
        gain = np.where(day >= back, gains[np.maximum(day - back, 0), repo], np.nan)
        weight = np.where(np.isnan(gain), 0, 0.5 ** (back / half_life))
        total += weight * np.nan_to_num(gain)
        known += weight
    return pd.Series(np.divide(total, known, out=np.full(len(frame), np.nan), where=known > 0))


def grid(frame: pd.DataFrame) -> None:
    """Print the training days' precision over weights: how the constants were chosen."""

    def mean(score: pd.Series) -> float:
        return float(judge(frame, score[frame.index])["precision"].mean())

    tried = [(a / 10, b / 10, (10 - a - b) / 10) for a in range(11) for b in range(11 - a)]
    found = sorted(((mean(pace(frame, weights)), weights) for weights in tried), reverse=True)
    print("\nTraining days only. Pace weights (1, 7, 28 days), the ten best:")
    for precision, weights in found[:10]:
        print(f"  {precision:.4f}  {weights}")
    print("Growth's weight beside pace's 0.8, by its prior's share of the pool's median stars:")
    for share in (0.0, 1 / 3, 1.0):
        found = [(w, mean(score_in_numpy(frame, w, share))) for w in (0, 0.05, 0.1, 0.15, 0.2, 0.3)]
        print(f"  {share:.2f}  " + "  ".join(f"{w}: {value:.4f}" for w, value in found))


def rival_scores(frame: pd.DataFrame, gains: np.ndarray) -> dict[str, pd.Series]:
    """The scores that trend_score is compared with.

    The draft's momentum has neither activity nor creation dates in the recording: 0.4 of the
    velocity, and the age factor 0.9 for all (a constant factor changes no order).
    """
    return {
        "stars": frame["stars"],
        "yesterday's gain": frame["gain_1d"],
        LAST_WEEK: frame["gain_7d"],
        "draft momentum": 0.4 * 0.9 * 100 * frame["gain_7d"] / frame["stars"].clip(lower=1),
        "first proposal": proposal(frame),
        "pace alone": pace(frame),
        "exponential, 5 days": exponential_rate(frame, gains, 5),
        "growth prior of 200": score_in_numpy(frame, prior_share=0.0),
    }


def report_gap(data: Path) -> None:
    """The 2025 window, never used to choose: its hole leaves three days of truth, not seven."""
    rankings = load_rankings(data, GAP)
    frame = candidates(rankings, horizon=3)
    scores = rival_scores(frame, daily_gains(rankings)) | {TREND: score_in_numpy(frame)}
    kept = frame.dropna(subset=["gain_7d", "next_week"])
    kept = kept[kept["pool"] != ALL_LANGUAGES]
    report("2025 WINDOW WITH MISSING DAYS, stars of the next THREE days", kept, scores)


def within(frame: pd.DataFrame, days: tuple[int, int]) -> pd.DataFrame:
    return frame[frame["day"].between(*days)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=CHECKOUT.parent / "shared" / "data")
    parser.add_argument("--grid", action="store_true", help="also print the choice of weights")
    arguments = parser.parse_args()
    if not (arguments.data / "ranking").is_dir():
        print(f"Skipped: no recorded rankings under {arguments.data}; give their place by --data.")
        return 0
    rankings = load_rankings(arguments.data)
    frame = candidates(rankings)
    gains = daily_gains(rankings)
    shipped, seconds = score_in_postgres(frame)
    own = score_in_numpy(frame)
    unequal = (shipped - own).abs().max()
    print(
        f"{len(frame)} rows of {frame['day'].nunique()} days scored by the shipped SQL in "
        f"{seconds:.2f} s; largest difference from numpy {unequal:.1e}"
    )
    if not (unequal < 1e-9 and (shipped.isna() == own.isna()).all()):
        print("FAILED: the SQL and the numpy computation differ.")
        return 1
    scores = rival_scores(frame, gains) | {TREND: shipped}
    listed = within(frame, TESTING)
    judgeable = frame.dropna(subset=["gain_7d", "next_week"])
    languages = judgeable[judgeable["pool"] != ALL_LANGUAGES]
    kept = within(languages, TESTING)
    print(
        f"Test days: {len(kept)} of {(listed['pool'] != ALL_LANGUAGES).sum()} rows have a known "
        "past week and a known next week."
    )
    if arguments.grid:
        grid(within(languages, TRAINING))
    report("TRAINING (2026-01-29 to 2026-02-23)", within(languages, TRAINING), scores)
    report("OUT OF TIME (2026-03-02 to 2026-04-03)", kept, scores)
    small = kept.groupby(["pool", "day"])["stars"].rank(pct=True) <= 0.5
    report("OUT OF TIME, each pool's smaller half, top 10", kept[small], scores, top=10)
    everyone = judgeable[judgeable["pool"] == ALL_LANGUAGES]
    report(
        "OUT OF TIME, a pool not used to choose: top-100-stars", within(everyone, TESTING), scores
    )
    report_gap(arguments.data)
    pages = page_entries(arguments.data, rankings, frame)
    joined = frame.join(pages).loc[kept.index]
    print("\nTRENDING PAGES within seven days, out of time: all candidates")
    report_pages(joined, scores, "on_page")
    print("\nTRENDING PAGES, entrants: not on the page in the seven days before")
    report_pages(joined[~joined["on_page_before"]], scores, "entrant")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
