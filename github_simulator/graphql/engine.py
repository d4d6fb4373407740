"""Executes GraphQL operations with graphql-core against the simulator's schema.

Define how resolvers are attached and errors are written here. What a field means belongs to the
`graphql_*` module of its type; budgets and HTTP belong to `graphql.endpoint`.
"""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path as FilePath
from typing import Any, ClassVar

from graphql import (
    DocumentNode,
    ExecutionContext,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    build_schema,
    execute,
    get_nullable_type,
    get_operation_ast,
    is_leaf_type,
    parse,
    validate,
)
from graphql.execution import ExecutionResult
from graphql.pyutils import Path

from github_simulator.graphql import git, paging, query
from github_simulator.graphql import repository as repo
from github_simulator.graphql.cost import Price, price

SDL = FilePath(__file__).with_name("schema.graphql")
RESOLVERS = {
    "Query": {
        "rateLimit": query.resolve_rate_limit,
        "node": query.resolve_node,
        "nodes": query.resolve_nodes,
        "repository": query.resolve_repository,
        "search": query.resolve_search,
        "viewer": query.resolve_viewer,
    },
    "Repository": {
        "parent": query.resolve_parent,
        "watchers": repo.resolve_watchers,
        "mentionableUsers": repo.resolve_mentionable_users,
        "stargazers": repo.resolve_stargazers,
        "issues": repo.resolve_issues,
        "pullRequests": repo.resolve_pull_requests,
        "releases": repo.resolve_releases,
        "repositoryTopics": repo.resolve_topics,
        "languages": repo.resolve_languages,
        "defaultBranchRef": git.resolve_default_branch,
        "object": git.resolve_object,
    },
    "Issue": {"id": repo.resolve_id, "repository": query.resolve_item_repository},
    "PullRequest": {"id": repo.resolve_id, "repository": query.resolve_item_repository},
    "PageInfo": {
        "startCursor": paging.resolve_start_cursor,
        "endCursor": paging.resolve_end_cursor,
    },
    "Commit": {
        "id": repo.resolve_id,
        "history": git.resolve_history,
        "author": git.resolve_author,
        "authors": git.resolve_authors,
        "parents": git.resolve_parents,
    },
    "TreeEntry": {"object": git.resolve_entry_object},
}
CACHED_DOCUMENTS = 256


def read_key(source: dict[str, Any], info: GraphQLResolveInfo, **arguments: Any) -> Any:
    """The default resolver: every object is a dict."""
    return source[info.field_name]


class LeanExecution(ExecutionContext):
    """graphql-core's executor with a short way for plain leaves.

    Four of five fields are scalars read from a dict; resolving, argument coercion and
    serialisation cost ten times the reading. Fields with a resolver take the ordinary way.
    """

    plain: ClassVar[set[int]] = set()

    @staticmethod
    def is_never_awaitable(value: Any) -> bool:
        """No resolver of ours is asynchronous."""
        return False

    def execute_field(
        self, parent_type: GraphQLObjectType, source: Any, field_nodes: list[FieldNode], path: Path
    ) -> Any:
        """Read a plain leaf, or resolve a field as usual."""
        name = field_nodes[0].name.value
        field = parent_type.fields.get(name)
        if field is not None and id(field) in self.plain:
            return source[name]
        return super().execute_field(parent_type, source, field_nodes, path)


class Operation:
    """A parsed, valid operation with its price."""

    def __init__(self, document: DocumentNode, node: OperationDefinitionNode) -> None:
        self.document = document
        self.node = node


class Engine:
    """The schema with resolvers, and a cache of parsed documents."""

    def __init__(self) -> None:
        self.schema = build_schema(SDL.read_text(encoding="utf-8"), assume_valid=True)
        for type_name, fields in RESOLVERS.items():
            kind = self.schema.get_type(type_name)
            assert isinstance(kind, GraphQLObjectType)
            for name, resolver in fields.items():
                kind.fields[name].resolve = resolver
        LeanExecution.plain = {
            id(field)
            for kind in self.schema.type_map.values()
            if isinstance(kind, GraphQLObjectType)
            for field in kind.fields.values()
            if field.resolve is None and is_leaf_type(get_nullable_type(field.type))
        }
        self._documents: OrderedDict[str, DocumentNode | list[GraphQLError]] = OrderedDict()

    def prepare(self, text: str, operation_name: str | None) -> Operation | list[GraphQLError]:
        """Parse and validate, or say what is wrong."""
        found = self._documents.get(text)
        if found is None:
            try:
                document = parse(text)
                found = validate(self.schema, document) or document
            except GraphQLError as error:
                found = [error]
            self._documents[text] = found
            if len(self._documents) > CACHED_DOCUMENTS:
                self._documents.popitem(last=False)
        if isinstance(found, list):
            return found
        node = get_operation_ast(found, operation_name)
        if node is None:
            return [GraphQLError("An operation name is required or unknown.")]
        return Operation(found, node)

    def price(self, operation: Operation, variables: dict[str, Any]) -> Price:
        """The static price of an operation."""
        return price(self.schema, operation.document, operation.node, variables)

    def run(
        self, operation: Operation, variables: dict[str, Any], context: query.Context
    ) -> dict[str, Any]:
        """Execute; ``data`` and ``errors`` may both be in the answer."""
        result = execute(
            self.schema,
            operation.document,
            root_value={},
            context_value=context,
            variable_values=variables,
            operation_name=operation.node.name.value if operation.node.name else None,
            field_resolver=read_key,
            execution_context_class=LeanExecution,
            is_awaitable=LeanExecution.is_never_awaitable,
        )
        assert isinstance(result, ExecutionResult)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [written(error) for error in result.errors]
        return answer


def written(error: GraphQLError) -> dict[str, Any]:
    """An error as GitHub writes it: the type at the top, beside path, locations and message."""
    extensions = dict(error.extensions or {})
    kind = extensions.pop("type", None)
    body: dict[str, Any] = {}
    if kind is not None:
        body["type"] = kind
    if error.path is not None:
        body["path"] = error.path
    if extensions:
        body["extensions"] = extensions
    body["locations"] = [{"line": loc.line, "column": loc.column} for loc in error.locations or ()]
    body["message"] = error.message
    return body


def refused(errors: list[GraphQLError]) -> dict[str, Any]:
    """The answer to an operation that does not parse or validate: no ``data`` key."""
    rows: list[dict[str, Any]] = []
    for error in errors:
        row = written(error)
        message = row["message"]
        if message.startswith("Cannot query field"):
            parts = message.split("'")
            row["message"] = f"Field '{parts[1]}' doesn't exist on type '{parts[3]}'"
            row["extensions"] = {
                "code": "undefinedField", "typeName": parts[3], "fieldName": parts[1],
            }  # fmt: skip
        rows.append(row)
    return {"errors": rows}
