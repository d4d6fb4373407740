"""The GraphQL endpoint: reads the request, prices it, executes it.

Define the endpoint's own answers here. Budgets are taken by `pipeline` between `open_operation`
and `execute_operation`, because the price must be known before the work.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from github_simulator.graphql.cost import NODE_LIMIT, Price
from github_simulator.graphql.engine import Engine, Operation, refused
from github_simulator.graphql.query import Context
from github_simulator.server.limits import Budget
from github_simulator.server.replies import Reply, failure
from github_simulator.server.requests import Call
from github_simulator.world.calendars import iso
from github_simulator.world.model import Repository


@dataclass
class Opened:
    """An operation that may be executed."""

    operation: Operation
    variables: dict[str, Any]
    price: Price
    text: str

    @property
    def name(self) -> str | None:
        """The operation's name, if it has one."""
        node = self.operation.node.name
        return node.value if node else None


def open_operation(engine: Engine, call: Call) -> Opened | Reply:
    """The operation of a request, or the answer it gets without being executed."""
    try:
        body = call.json()
    except ValueError:
        return failure(400, "Problems parsing JSON")
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return failure(400, "A query attribute must be specified and must be a string.")
    variables = body.get("variables") or {}
    if not isinstance(variables, dict):
        return failure(400, "Variables must be an object.")
    prepared = engine.prepare(body["query"], body.get("operationName"))
    if isinstance(prepared, list):
        return Reply(200, refused(prepared), cacheable=False)
    price = engine.price(prepared, variables)
    if price.nodes > NODE_LIMIT:
        message = (
            f"This query requests up to {price.nodes:,} possible nodes which exceeds the maximum "
            f"limit of {NODE_LIMIT:,}."
        )
        error = {"type": "MAX_NODE_LIMIT_EXCEEDED", "message": message}
        return Reply(200, {"errors": [error]}, cacheable=False)
    return Opened(prepared, variables, price, body["query"])


def execute_operation(
    engine: Engine,
    call: Call,
    opened: Opened,
    budget: Budget,
    is_over_limit: Callable[[Repository, str], bool] | None,
) -> Reply:
    """Execute an operation whose points are already taken."""
    rate = {
        "limit": budget.limit,
        "cost": opened.price.points,
        "remaining": budget.remaining,
        "used": budget.used,
        "resetAt": iso(int(budget.reset)),
        "nodeCount": opened.price.nodes,
    }
    context = Context(call.world, call.now, rate, call.account.login, opened.price.is_dry)
    if is_over_limit is not None:
        context.is_over_limit = is_over_limit
    body = engine.run(opened.operation, opened.variables, context)
    return Reply(
        200, body, repositories=context.repositories, cost=opened.price.points, cacheable=False
    )
