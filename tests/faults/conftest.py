"""Fixtures of whole machines: one worker a session, one database and world a module."""

from __future__ import annotations

from tests.integration.fixtures import make_machine, new_machine, worker

__all__ = ["make_machine", "new_machine", "worker"]
