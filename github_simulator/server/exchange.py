"""The way of one request: authentication, limits, faults, endpoint, latency.

Define the order of these steps here. What an endpoint answers belongs to the
`rest_*` and `graphql_*` modules, headers and bytes to `delivery`.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from github_simulator.graphql.endpoint import Opened, execute_operation, open_operation
from github_simulator.server import refusals
from github_simulator.server.delivery import Sent, respond
from github_simulator.server.faults import Fault, Wire, bend, instead
from github_simulator.server.journal import Entry
from github_simulator.server.limits import RESOURCES, Account, Budget, Resource
from github_simulator.server.replies import Reply, not_found
from github_simulator.server.requests import Call
from github_simulator.server.routes import Route, match
from github_simulator.world.chance import draw
from github_simulator.world.model import Repository

if TYPE_CHECKING:
    from github_simulator.server.pipeline import Pipeline

GRAPHQL_PATHS = ("/graphql", "/api/graphql")
TIMEOUT_PENALTY = 10
BAD_TOKENS = ("bad-token", "")


class Exchange:
    """One request on its way."""

    def __init__(
        self, pipeline: Pipeline, request: Request, number: int, in_flight: int, body: bytes
    ) -> None:
        self.pipeline, self.number, self.in_flight = pipeline, number, in_flight
        self.arrived = time.time()
        self.id = f"{draw(number, 3) & 0xFFFF:04X}:{number:06X}:{int(self.arrived):08X}"
        headers = dict(request.headers)
        path = request.url.path.removeprefix("/api/v3") or "/"
        self.token = _token(headers.get("authorization"))
        address = request.client.host if request.client else "127.0.0.1"
        self.address = address
        self.account: Account = pipeline.limits.account(self.token, address)
        prefix = "/api/v3" if request.url.path.startswith("/api/v3/") else ""
        self.call = Call(
            pipeline.world,
            pipeline.clock.now(),
            self.account,
            request.method,
            path,
            f"{request.url.scheme}://{request.url.netloc}{prefix}",
            query=dict(request.query_params),
            headers=headers,
            body=body,
            version=headers.get("x-github-api-version", refusals.VERSIONS[0]),
        )
        self.resource: Resource = "graphql" if path in GRAPHQL_PATHS else "core"
        self.wire = Wire()
        self.budget: Budget | None = None
        self.faults: list[Fault] = []
        self.operation: str | None = None
        self.breach: str | None = None
        self.seconds = 0.0
        self.points = 0

    async def answer(self) -> Response:
        """Go through every step and build the HTTP response."""
        self.account.in_flight += 1
        try:
            reply = self._admit()
            if reply is None:
                reply = await (self._graphql() if self.resource == "graphql" else self._rest())
            if self.wire.hangs:
                await asyncio.sleep(3600)
            sent = respond(
                reply, self.call, self.token, self.budget, self.resource, self.wire, self.id
            )
            self._record(reply, sent)
            return sent.response
        finally:
            self.account.in_flight -= 1

    def _admit(self) -> Reply | None:
        """What is refused before anything is looked at, in GitHub's order."""
        token = self.token
        if token is not None and (token in BAD_TOKENS or token.startswith("expired")):
            return refusals.bad_credentials()
        self.budget = self.account.budget(self.resource, self.arrived)
        if not self.call.headers.get("user-agent"):
            return refusals.no_user_agent()
        if self.call.version not in refusals.VERSIONS:
            return refusals.unknown_version(self.call.version)
        return None

    async def _sleep(self, repositories: int) -> None:
        profile, seed = self.pipeline.profile, self.pipeline.world.plan.seed
        self.seconds += profile.seconds(self.resource, repositories, self.number, seed)
        cut = profile.cut_off if self.resource == "graphql" else float("inf")
        for fault in self.faults:
            if fault.kind == "delay" or "delay" in fault.action:
                self.seconds += float(fault.action.get("seconds", fault.action.get("delay", 1)))
        if self.resource == "graphql":
            self.account.compute(min(self.seconds, cut), self.arrived)
        spent = time.time() - self.arrived
        await asyncio.sleep(max(0.0, min(self.seconds, cut) - spent))

    def _fault(self) -> Reply | None:
        self.faults = self.pipeline.struck(self.call, self.operation, self.number)
        limits = self.pipeline.limits
        other = self.call.base.replace("127.0.0.1", "localhost")
        for fault in self.faults:
            reply = instead(fault, self.call, self.account, limits.settings, self.number, other)
            if reply is not None:
                return reply
        return None

    def _limit(self, points: int, kind: str) -> Reply | None:
        """Take the secondary limits into account."""
        limits = self.pipeline.limits
        self.points = points
        self.breach = self.account.secondary_breach(
            "graphql" if kind == "graphql" else "rest", points, self.arrived
        )
        if self.breach is None:
            return None
        left = self.account.block_left(kind, self.arrived)
        return refusals.secondary(limits.settings, left, self.number)

    async def _rest(self) -> Reply:
        call = self.call
        if call.path == "/rate_limit":
            return self._rate_limit()
        hit = match(call.path)
        route = hit[0] if hit is not None else None
        if hit is not None and route is not None:
            call.parts, self.resource = hit[1], route.resource
            self.budget = self.account.budget(self.resource, self.arrived)
        limited = self._limit(1 if call.method in ("GET", "HEAD", "OPTIONS") else 5, "rest")
        if limited is not None:
            return limited
        reply = self._fault()
        settings = self.pipeline.limits.settings
        assert self.budget is not None
        if reply is None and settings.is_enforced and self.budget.remaining <= 0:
            return refusals.primary(self.account, settings, self.address)
        self.budget.used += 1
        if reply is None:
            reply = self._endpoint(route)
        await self._sleep(reply.repositories)
        self._bend(reply)
        self._revalidate(reply)
        return reply

    def _endpoint(self, route: Route | None) -> Reply:
        if route is None or self.call.method not in ("GET", "HEAD"):
            return not_found()
        if route.needs_token and self.account.is_anonymous:
            return refusals.needs_authentication()
        return route.handler(self.call)

    def _revalidate(self, reply: Reply) -> None:
        """ETag and 304: free when authorised, and without a Link header."""
        if not reply.cacheable or reply.status != 200 or self.call.method not in ("GET", "HEAD"):
            return
        reply.body = reply.encode()
        key = f"{self.token}|{self.call.headers.get('accept')}|{self.call.version}|".encode()
        etag = f'W/"{hashlib.sha256(key + reply.body).hexdigest()}"'
        reply.headers["ETag"] = etag
        if self.call.headers.get("if-none-match") == etag:
            reply.status, reply.body = 304, None
            reply.headers.pop("Link", None)
            if not self.account.is_anonymous and self.budget is not None:
                self.budget.used -= 1

    async def _graphql(self) -> Reply:
        call = self.call
        if call.method != "POST":
            return not_found()
        if self.account.is_anonymous:
            return refusals.needs_authentication()
        opened = open_operation(self.pipeline.engine, call)
        self.operation = opened.name if isinstance(opened, Opened) else None
        limited = self._limit(1, "graphql")
        if limited is not None:
            return limited
        reply = self._fault()
        assert self.budget is not None
        settings = self.pipeline.limits.settings
        if reply is None and settings.is_enforced and self.budget.remaining <= 0:
            return refusals.primary_graphql(self.account)
        if reply is None and isinstance(opened, Opened):
            self.budget.used += opened.price.points
            reply = execute_operation(
                self.pipeline.engine, call, opened, self.budget, self._over_limit()
            )
        elif reply is None:
            assert isinstance(opened, Reply)
            reply = opened
        await self._sleep(reply.repositories)
        if self.seconds > self.pipeline.profile.cut_off:
            self.budget.used += TIMEOUT_PENALTY
            return refusals.timeout(self.id, html=self.number % 2 == 0)
        self._bend(reply)
        return reply

    def _bend(self, reply: Reply) -> None:
        """Let the scripted faults change an answer before its ETag is made."""
        for fault in self.faults:
            bend(fault, reply, self.wire)

    def _over_limit(self) -> Any:
        wanted = [f.action.get("repository") for f in self.faults if f.kind == "resource_limits"]
        if not wanted:
            return None

        def is_over(repository: Repository, name: str) -> bool:
            return any(w is None or w in (name, repository.node_id, repository.id) for w in wanted)

        return is_over

    def _rate_limit(self) -> Reply:
        resources: dict[str, Any] = {}
        for resource in RESOURCES:
            budget = self.account.budget(resource, self.arrived)
            resources[resource] = {
                "limit": budget.limit,
                "used": budget.used,
                "remaining": budget.remaining,
                "reset": int(budget.reset),
            }
        body: dict[str, Any] = {"resources": resources}
        if self.call.version != "2026-03-10":
            body["rate"] = resources["core"]
        return Reply(200, body, cacheable=False)

    def _record(self, reply: Reply, sent: Sent) -> None:
        self.pipeline.journal.record(
            Entry(
                number=self.number,
                at=round(self.arrived, 4),
                method=self.call.method,
                path=self.call.path,
                query="&".join(f"{k}={v}" for k, v in self.call.query.items()),
                user=0 if self.account.is_anonymous else self.account.user_id,
                resource=self.resource,
                status=reply.status,
                in_flight=self.in_flight,
                seconds=round(self.seconds, 4),
                repositories=reply.repositories,
                points=reply.cost if self.resource == "graphql" else self.points,
                operation=self.operation,
                fault=",".join(f.name for f in self.faults) or None,
                breach=self.breach,
                bytes=sent.size,
            )
        )


def _token(header: str | None) -> str | None:
    """The token of an Authorization header; Basic credentials count as one."""
    if header is None:
        return None
    scheme, _, value = header.partition(" ")
    if scheme.lower() in ("bearer", "token", "basic"):
        return value.strip()
    return ""
