"""The models' layers, read from dbt's manifest: the way goes from raw to the marts and never back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from trender_assets.dbt.runner import ensure_manifest
from trender_assets.settings import Settings

LAYERS = ("source", "staging", "core", "marts")


@pytest.fixture(scope="module")
def nodes() -> dict[str, dict]:
    """Every model, seed and source of the manifest."""
    manifest = json.loads(ensure_manifest(Settings().file).read_text())
    return manifest["nodes"] | manifest["sources"]


def _layer(node: dict) -> str:
    if node["resource_type"] in ("source", "seed"):
        return "source"
    return node["fqn"][-2]


def _edges(nodes: dict[str, dict]) -> Iterator[tuple[dict, dict]]:
    for node in nodes.values():
        if node["resource_type"] == "model":
            for parent in node["depends_on"]["nodes"]:
                yield nodes[parent], node


def test_every_model_is_in_a_layer(nodes: dict[str, dict]) -> None:
    """A model in another folder would escape the order."""
    for node in nodes.values():
        if node["resource_type"] == "model":
            assert _layer(node) in LAYERS, node["unique_id"]


def test_no_layer_reads_a_later_one(nodes: dict[str, dict]) -> None:
    """Staging models read what core had joined, and core read a fact: nobody saw what came first."""
    backward = [
        f"{child['name']} ({_layer(child)}) reads {parent['name']} ({_layer(parent)})"
        for parent, child in _edges(nodes)
        if LAYERS.index(_layer(parent)) > LAYERS.index(_layer(child))
    ]
    assert not backward


def test_only_staging_reads_raw(nodes: dict[str, dict]) -> None:
    """Core and marts took rows from raw tables past staging, each with a cleaning of its own."""
    skipping = [
        f"{child['name']} ({_layer(child)}) reads {parent['name']}"
        for parent, child in _edges(nodes)
        if parent["resource_type"] == "source" and _layer(child) != "staging"
    ]
    assert not skipping


def test_staging_models_do_not_read_one_another(nodes: dict[str, dict]) -> None:
    """Each types and cleans one raw stream; what joins two belongs to core."""
    joined = [
        f"{child['name']} reads {parent['name']}"
        for parent, child in _edges(nodes)
        if _layer(parent) == _layer(child) == "staging"
    ]
    assert not joined
