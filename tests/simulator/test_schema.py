"""The simulator's schema promises nothing that GitHub's does not have."""

from __future__ import annotations

from pathlib import Path

from graphql import build_schema

from github_simulator.graphql.schema_check import SDL, differences, read_schema


def test_every_type_field_argument_and_value_exists_in_githubs_schema(shared_data: Path) -> None:
    real = read_schema(shared_data / "specs" / "github.schema.graphql.gz")
    assert differences(read_schema(SDL), real) == []


def test_the_check_notices_what_github_does_not_have() -> None:
    ours = build_schema("type Query { a(x: Int): String b: Int! c: Int } enum E { ONE }")
    theirs = build_schema("type Query { a: String b: Int d: Int c: String! } enum E { TWO }")
    found = differences(ours, theirs)
    assert any("a(x:)" in line for line in found)
    assert any(line.startswith("Query.c") for line in found)
    assert "E.ONE" in found
    assert not any(line.startswith("Query.b") for line in found)
