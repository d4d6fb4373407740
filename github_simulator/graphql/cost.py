"""What a GraphQL query costs: points and possible nodes by GitHub's published formula.

Define the static analysis of a query here. Budgets belong to `limits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_object_type,
    value_from_ast_untyped,
)

NODE_LIMIT = 500_000


@dataclass
class Price:
    """The static price of an operation.

    Attributes:
        requests: Requests needed to fill every connection once, assuming full pages.
        nodes: Nodes it may return at most.
        is_dry: Whether `rateLimit(dryRun: true)` asks for the price alone.
    """

    requests: int = 0
    nodes: int = 0
    is_dry: bool = False

    @property
    def points(self) -> int:
        """Requests divided by 100, rounded, at least 1."""
        return max(1, (self.requests + 50) // 100)


def price(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> Price:
    """The price of an operation with its variables."""
    fragments = {
        d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
    }
    defaults = {
        v.variable.name.value: value_from_ast_untyped(v.default_value)
        for v in operation.variable_definitions or ()
        if v.default_value is not None
    }
    walker = _Walker(schema, fragments, {**defaults, **variables})
    walker.walk(operation.selection_set, schema.query_type, 1)
    return walker.price


class _Walker:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self.price = Price()
        self._schema = schema
        self._fragments = fragments
        self._variables = dict(variables)

    def walk(self, selections: SelectionSetNode | None, parent: Any, times: int) -> None:
        """Add what a selection set asks, when its parent comes `times` times."""
        for selection in selections.selections if selections else ():
            if not self._is_included(selection):
                continue
            if isinstance(selection, FieldNode):
                self._field(selection, parent, times)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                kind = self._schema.get_type(condition.name.value) if condition else parent
                self.walk(selection.selection_set, kind, times)
            elif isinstance(selection, FragmentSpreadNode):
                fragment = self._fragments[selection.name.value]
                kind = self._schema.get_type(fragment.type_condition.name.value)
                self.walk(fragment.selection_set, kind, times)

    def _field(self, node: FieldNode, parent: Any, times: int) -> None:
        if not (is_object_type(parent) or is_interface_type(parent)):
            return
        definition = parent.fields.get(node.name.value)
        if definition is None or (node.selection_set is None and not node.arguments):
            return
        arguments = {
            a.name.value: value_from_ast_untyped(a.value, self._variables) for a in node.arguments
        }
        kind = get_named_type(definition.type)
        inner = times
        if node.name.value == "rateLimit" and arguments.get("dryRun") is True:
            self.price.is_dry = True
        if kind.name.endswith("Connection"):
            size = arguments.get("first", arguments.get("last"))
            self.price.requests += times
            if isinstance(size, int):
                self.price.nodes += times * size
                inner = times * size
        elif node.name.value == "nodes" and isinstance(arguments.get("ids"), (list, str)):
            ids = arguments["ids"]
            inner = times * (len(ids) if isinstance(ids, list) else 1)
            self.price.nodes += inner
        self.walk(node.selection_set, kind, inner)

    def _is_included(self, node: Any) -> bool:
        for directive in node.directives or ():
            if directive.name.value in ("include", "skip"):
                value = value_from_ast_untyped(directive.arguments[0].value, self._variables)
                if bool(value) != (directive.name.value == "include"):
                    return False
        return True
