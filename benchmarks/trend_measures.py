"""How well a score foresees: precision, rank correlation, NDCG, and how sure of it one can be.

Define here a measure, an interval and the tables that print them.
Which scores and which days are judged belongs to trend_backtest.py.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

TOP = 20
LAST_WEEK = "last week's gain"
TREND = "trend_score"
MEASURES = ("precision", "spearman", "ndcg")
DRAWS = 4000
LEAST_BLOCKS = 5


def judge(frame: pd.DataFrame, score: pd.Series, top: int = TOP) -> pd.DataFrame:
    """Precision, Spearman and NDCG at ``top`` for each pool and start day.

    Ties are broken as the product does: more stars, then the lower id. NDCG's relevance is the
    number of stars gained (a loss counts 0).
    """
    discount = 1 / np.log2(np.arange(2, top + 2))
    rows = []
    for (pool, day), group in frame.assign(score=score).groupby(["pool", "day"]):
        group = group.dropna(subset=["score"])
        chosen = group.sort_values(["score", "stars"], ascending=False)[:top]
        best = group.sort_values(["next_week", "stars"], ascending=False)[:top]
        worth, most = (part["next_week"].clip(lower=0).to_numpy() for part in (chosen, best))
        giants = group.nlargest(top, "stars").index
        rows.append(
            {
                "pool": pool,
                "day": day,
                "precision": len(chosen.index.intersection(best.index)) / top,
                "spearman": group["score"].rank().corr(group["next_week"].rank()),
                "ndcg": (worth * discount).sum() / (most * discount).sum(),
                "giants": len(chosen.index.intersection(giants)) / top,
            }
        )
    return pd.DataFrame(rows)


def shown(difference: pd.Series, blocks: pd.Series) -> str:
    """An interval as text; fewer than five blocks say nothing about the spread."""
    if blocks.nunique() < LEAST_BLOCKS:
        return "[too few blocks]"
    low, high = interval(difference, blocks)
    return f"[{low:+.4f} {high:+.4f}]"


def interval(difference: pd.Series, blocks: pd.Series) -> tuple[float, float]:
    """95 % block bootstrap of a mean: whole blocks are drawn, because the days overlap."""
    sums = difference.groupby(blocks).agg(["sum", "count"]).to_numpy()
    draws = np.random.default_rng(20260410).integers(len(sums), size=(DRAWS, len(sums)))
    means = sums[draws, 0].sum(axis=1) / sums[draws, 1].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def report(title: str, frame: pd.DataFrame, scores: dict[str, pd.Series], top: int = TOP) -> None:
    """Print one table: each score, its ratio to last week's gain, and the difference's interval."""
    judged = {name: judge(frame, score[frame.index], top) for name, score in scores.items()}
    base = judged[LAST_WEEK]
    week = (base["day"] - base["day"].min()) // 7
    per_pool = base["pool"] + week.astype(str)
    print(f"\n{title}")
    print(f"{len(base)} pool-days, {per_pool.nunique()} blocks of a pool and a week")
    print(
        f"{'score':24}{'P@' + str(top):>7}{'ratio':>7}{'Spearman':>10}{'ratio':>7}{'NDCG':>7}"
        f"{'ratio':>7}{'giants':>8}   P difference [95 %: pool-weeks] [95 %: weeks]"
    )
    for name, table in judged.items():
        line = f"{name:24}"
        for measure, width in zip(MEASURES, (7, 10, 7), strict=True):
            mean = table[measure].mean()
            line += f"{mean:{width}.3f}{mean / base[measure].mean():7.3f}"
        difference = table["precision"] - base["precision"]
        line += f"{table['giants'].mean():8.2f}   {difference.mean():+.4f} "
        line += f"{shown(difference, per_pool)} {shown(difference, week)}"
        print(line)
    trend = judged[TREND]
    difference = (trend["precision"] - base["precision"]).groupby(per_pool).mean()
    wins, ties = int((difference > 1e-9).sum()), int((difference.abs() <= 1e-9).sum())
    print(
        f"{TREND} against {LAST_WEEK}: better in {wins} blocks, equal in {ties}, "
        f"worse in {len(difference) - wins - ties}; by pool",
        end=" ",
    )
    for pool, table in trend.groupby("pool"):
        print(
            f"{pool} {table['precision'].mean():.3f}/"
            f"{base.loc[table.index, 'precision'].mean():.3f}",
            end=" ",
        )
    apart = [
        float((trend["precision"] - base["precision"])[base["day"] % 7 == phase].mean())
        for phase in range(7)
    ]
    print(
        f"\nprecision difference on start days a week apart, seven ways: "
        f"{min(apart):+.4f} to {max(apart):+.4f}",
        end="",
    )
    for measure in ("spearman", "ndcg"):
        gap = trend[measure] - base[measure]
        print(f"\n{measure} difference {gap.mean():+.4f} {shown(gap, per_pool)}", end="")
    print()


def report_pages(frame: pd.DataFrame, scores: dict[str, pd.Series], column: str) -> None:
    """Print how well each score finds candidates that reach the trending page within a week."""
    print(f"{'score':24}{'AUC':>7}{'found in top 20':>17}{'hits of 20':>12}")
    for name, score in scores.items():
        areas, shares, hits = [], [], []
        for _, group in frame.assign(score=score).groupby(["pool", "day"]):
            group = group.dropna(subset=["score"])
            truth = group[column].to_numpy(dtype=bool)
            yes, no = truth.sum(), (~truth).sum()
            if yes and no:
                ranks = group["score"].rank().to_numpy()
                areas.append((ranks[truth].sum() - yes * (yes + 1) / 2) / (yes * no))
                top = group.sort_values(["score", "stars"], ascending=False)[:TOP]
                hits.append(top[column].sum())
                shares.append(hits[-1] / min(TOP, yes))
        print(f"{name:24}{np.mean(areas):7.3f}{np.mean(shares):17.3f}{np.mean(hits):12.2f}")
