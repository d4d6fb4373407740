"""Tables of a benchmark, as plain text.

Define here how figures are laid out. Which figures there are belongs to each benchmark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median


def show(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table whose first column is left-aligned and whose others are right-aligned."""
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [
        max(len(column), *(len(row[number]) for row in texts)) if texts else len(column)
        for number, column in enumerate(head)
    ]
    print(f"\n{title}")
    for row in [list(head), ["-" * width for width in widths], *texts]:
        cells = [
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip(), flush=True)


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Minimum / median / maximum."""
    low, middle, high = min(values), median(values), max(values)
    return f"{low:.{digits}f} / {middle:.{digits}f} / {high:.{digits}f}"


def _text(cell: object) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, float):
        return f"{cell:,.2f}" if abs(cell) < 100 else f"{cell:,.0f}"
    if isinstance(cell, int):
        return f"{cell:,}"
    return str(cell)
