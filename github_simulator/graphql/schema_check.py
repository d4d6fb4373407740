"""Compares the simulator's GraphQL schema with GitHub's own: the simulator must promise no more.

Define a rule of compatibility here. Run it as
``python -m github_simulator.graphql.schema_check FILE``,
where FILE is GitHub's schema in SDL, maybe gzipped.
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_non_null_type,
    is_specified_scalar_type,
)

SDL = Path(__file__).with_name("schema.graphql")


def read_schema(path: Path) -> GraphQLSchema:
    """A schema from SDL, gzipped or not."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return build_schema(text.decode(), assume_valid_sdl=True)


def differences(ours: GraphQLSchema, theirs: GraphQLSchema) -> list[str]:
    """Every type, field, argument, member or enum value of ours that theirs does not know.

    A field may be nullable in theirs and not in ours (we always answer), never the reverse; an
    argument of ours may not be required unless theirs is, and must not be optional if theirs is
    required.
    """
    found: list[str] = []
    for name, kind in ours.type_map.items():
        if name.startswith("__") or is_specified_scalar_type(kind):
            continue
        real = theirs.get_type(name)
        if real is None or type(real) is not type(kind):
            found.append(f"{name}: no such {type(kind).__name__}")
            continue
        if isinstance(kind, GraphQLEnumType) and isinstance(real, GraphQLEnumType):
            found += [f"{name}.{value}" for value in kind.values if value not in real.values]
        elif isinstance(kind, GraphQLUnionType) and isinstance(real, GraphQLUnionType):
            known = {member.name for member in real.types}
            found += [f"{name}: {m.name}" for m in kind.types if m.name not in known]
        elif isinstance(kind, GraphQLInputObjectType) and isinstance(real, GraphQLInputObjectType):
            found += _input_differences(name, kind, real)
        elif isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            assert isinstance(real, (GraphQLObjectType, GraphQLInterfaceType))
            found += _field_differences(name, kind, real)
    return found


def _input_differences(
    name: str, kind: GraphQLInputObjectType, real: GraphQLInputObjectType
) -> list[str]:
    found: list[str] = []
    for field, definition in kind.fields.items():
        known = real.fields.get(field)
        if known is None or str(known.type) != str(definition.type):
            found.append(f"{name}.{field}: {definition.type} is {known and known.type}")
    return found


def _field_differences(
    name: str,
    kind: GraphQLObjectType | GraphQLInterfaceType,
    real: GraphQLObjectType | GraphQLInterfaceType,
) -> list[str]:
    found = [
        f"{name} does not implement {interface.name}"
        for interface in kind.interfaces
        if interface.name not in {i.name for i in real.interfaces}
    ]
    for field, definition in kind.fields.items():
        known = real.fields.get(field)
        if known is None:
            found.append(f"{name}.{field}: no such field")
            continue
        ours, theirs = str(definition.type), str(known.type)
        if ours.replace("!", "") != theirs.replace("!", ""):
            found.append(f"{name}.{field}: {ours} is {theirs}")
        elif is_non_null_type(known.type) and not is_non_null_type(definition.type):
            found.append(f"{name}.{field}: nullable, theirs is {theirs}")
        for argument, value in definition.args.items():
            other = known.args.get(argument)
            if other is None or str(other.type) != str(value.type):
                found.append(f"{name}.{field}({argument}:): {value.type} is {other and other.type}")
    return found


def main() -> int:
    """Print the differences; the exit status says whether there are any."""
    found = differences(read_schema(SDL), read_schema(Path(sys.argv[1])))
    print("\n".join(found) or "every type, field, argument and value exists")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
