"""What one server holds, and the door through which every API request comes.

Define shared state of the server here. The way of a single request belongs to `exchange`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from github_simulator.graphql.engine import Engine
from github_simulator.server.clock import Clock
from github_simulator.server.exchange import Exchange
from github_simulator.server.faults import Fault
from github_simulator.server.journal import Journal
from github_simulator.server.latency import Profile
from github_simulator.server.limits import Limits
from github_simulator.server.requests import Call
from github_simulator.world.chance import unit
from github_simulator.world.world import World


class Pipeline:
    """Everything a server needs to answer API requests."""

    def __init__(self, world: World, clock: Clock, profile: Profile, limits: Limits) -> None:
        self.world, self.clock, self.profile, self.limits = world, clock, profile, limits
        self.engine = Engine()
        self.journal = Journal()
        self.faults: list[Fault] = []
        self._number = 0

    async def handle(self, request: Request) -> Response:
        """Answer one API request."""
        self._number += 1
        in_flight = self.journal.arrive()
        try:
            exchange = Exchange(self, request, self._number, in_flight, await request.body())
            return await exchange.answer()
        finally:
            self.journal.leave()

    def struck(self, call: Call, operation: str | None, number: int) -> list[Fault]:
        """The scripted faults that strike a request; the first that replaces the answer ends it."""
        source = (
            call.body.decode("utf-8", "replace")
            + " "
            + "&".join(f"{k}={v}" for k, v in call.query.items())
        )
        chance = unit(self.world.plan.seed, number, 99)
        return [
            f for f in self.faults if f.strikes(call.method, call.path, operation, source, chance)
        ]
