"""What every number means: definitions, formulas, sources and known biases, as shipped data.

Define here how the definitions are read. The text is `data/definitions.json`; the formulas quote
the SQL models, and a test fails when a quotation no longer stands in them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "data" / "definitions.json"


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        column: Its column in the analytics tables, and its anchor on the methodology page.
        name: What people call it.
        definition: What it counts.
        formula: The SQL that makes it, quoted from the model; None when it is counted by GitHub.
        formula_file: Which file of `trender_dbt` the quotation stands in.
        unit: What one of it is.
        source: Where it comes from.
        bias: How it is known to mislead.
    """

    column: str
    name: str
    definition: str
    unit: str
    source: str
    bias: str
    formula: str | None = None
    formula_file: str | None = None


@cache
def document() -> dict:
    """The whole file: metrics, and the prose sections of the methodology page."""
    return json.loads(DATA.read_text(encoding="utf-8"))


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric, in the order people should read them."""
    return tuple(Metric(**entry) for entry in document()["metrics"])
