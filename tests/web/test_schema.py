"""The dashboard reads the analytics schema and nothing else."""

from __future__ import annotations

import re

import pytest

from trender_web.data.statements import QUERIES

STATEMENTS = sorted(QUERIES.glob("*.sql"))


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: path.stem)
def test_a_query_reads_analytics_alone(path) -> None:
    """27 of 52 queries read tables of the layers below, so no table there could change its shape
    without a page breaking."""
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    assert re.findall(r"\b(raw|staging|dagster|public)\.\w+", text) == []
