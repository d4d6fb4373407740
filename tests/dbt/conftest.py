"""What the dbt tests share: a warehouse that can be filled and built."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.warehouse import Warehouse


@pytest.fixture(scope="session")
def dbt_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where dbt keeps what it parsed, for the whole session."""
    return tmp_path_factory.mktemp("dbt-target")


@pytest.fixture
def warehouse(warehouse_url: str, dbt_target: Path) -> Warehouse:
    """A fresh warehouse for one test."""
    return Warehouse(warehouse_url, dbt_target)


@pytest.fixture(scope="module")
def module_warehouse(module_warehouse_url: str, dbt_target: Path) -> Warehouse:
    """A fresh warehouse that the tests of one module share."""
    return Warehouse(module_warehouse_url, dbt_target)
