"""Fixtures of whole machines and of ingestion alone.

A worker serves a session, a database and a world a module.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.ingesting import NOW, Desk
from tests.integration.fixtures import make_machine, new_machine, worker
from tests.integration.machine import SMALL, Simulator

__all__ = ["make_machine", "new_machine", "worker"]


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    """A small frozen world."""
    simulator = Simulator(NOW, *SMALL, "--no-limits", start="2026-11-05T00:00:00Z")
    yield simulator
    simulator.stop()


@pytest.fixture
def desk(world: Simulator, warehouse_url: str) -> Iterator[Desk]:
    """The world without faults and an empty warehouse."""
    world.script()
    yield Desk(world, warehouse_url)
    world.script()
