"""The `/_sim` endpoints by which tests move time, script faults and read the truth.

Define an administration endpoint here. They need no token and are neither counted nor delayed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, fields, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from github_simulator.server.faults import BadFaultError, parse_faults
from github_simulator.server.latency import PROFILES, Profile
from github_simulator.server.pipeline import Pipeline
from github_simulator.world.calendars import iso, parse_iso
from github_simulator.world.truth import ground_truth, sources


class Administration:
    """The administration of one pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline

    def routes(self) -> list[Route]:
        """The Starlette routes."""
        return [
            Route("/_sim/clock", self.clock, methods=["GET", "POST"]),
            Route("/_sim/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_sim/limits", self.limits, methods=["GET", "POST", "DELETE"]),
            Route("/_sim/profile", self.profile, methods=["GET", "POST"]),
            Route("/_sim/log", self.log, methods=["GET", "DELETE"]),
            Route("/_sim/stats", self.stats, methods=["GET", "DELETE"]),
            Route("/_sim/truth", self.truth),
            Route("/_sim/population", self.population),
        ]

    async def clock(self, request: Request) -> Response:
        """Read or move the world's clock."""
        clock = self.pipeline.clock
        if request.method == "POST":
            body = await request.json()
            if body.get("now") == "real":
                clock.follow_real_time()
            elif "now" in body:
                clock.move_to(parse_iso(body["now"]))
            else:
                clock.advance(int(body["advance_seconds"]))
        start = self.pipeline.world.plan.start
        return JSONResponse({"now": iso(clock.now()), "real": clock.is_real, "start": iso(start)})

    async def faults(self, request: Request) -> Response:
        """Read, add to or clear the fault script."""
        if request.method == "DELETE":
            self.pipeline.faults.clear()
        elif request.method == "POST":
            try:
                self.pipeline.faults += parse_faults(await request.json())
            except BadFaultError as error:
                return JSONResponse({"error": str(error)}, 400)
        rows = [
            {"name": f.name, "action": f.action, "seen": f.seen, "struck": f.struck}
            for f in self.pipeline.faults
        ]
        return JSONResponse({"faults": rows})

    async def limits(self, request: Request) -> Response:
        """Read or change the limits; changing them or DELETE gives every account full budgets."""
        limits = self.pipeline.limits
        if request.method == "POST":
            for name, value in (await request.json()).items():
                present = getattr(limits.settings, name, None)
                if isinstance(present, dict):
                    present.update(value)
                elif hasattr(limits.settings, name):
                    setattr(limits.settings, name, value)
                else:
                    return JSONResponse({"error": f"unknown limit {name!r}"}, 400)
        if request.method != "GET":
            limits.reset()
        return JSONResponse(vars(limits.settings))

    async def profile(self, request: Request) -> Response:
        """Read or change the latency profile, as a whole or single numbers of it."""
        if request.method == "POST":
            changes = dict(await request.json())
            name = changes.pop("profile", self.pipeline.profile.name)
            if name not in PROFILES or not set(changes) <= {f.name for f in fields(Profile)}:
                return JSONResponse({"error": f"one of {sorted(PROFILES)}, or a number"}, 400)
            profile = self.pipeline.profile = replace(PROFILES[name], **changes)
            self.pipeline.limits.settings.cpu_seconds = profile.cpu_seconds
        return JSONResponse(
            {"profile": self.pipeline.profile.name, **asdict(self.pipeline.profile)}
        )

    async def log(self, request: Request) -> Response:
        """Read or clear the request log."""
        if request.method == "DELETE":
            self.pipeline.journal.clear()
        return JSONResponse({"requests": self.pipeline.journal.log()})

    async def stats(self, request: Request) -> Response:
        """Read or clear the sums of the request log."""
        if request.method == "DELETE":
            self.pipeline.journal.clear()
        return JSONResponse(self.pipeline.journal.stats())

    async def truth(self, request: Request) -> Response:
        """The ground truth at `as_of` (the world's now when absent)."""
        text = request.query_params.get("as_of")
        as_of = parse_iso(text) if text else self.pipeline.clock.now()
        return JSONResponse(ground_truth(self.pipeline.world, as_of))

    async def population(self, request: Request) -> Response:
        """How many repositories each source can find now."""
        return JSONResponse(population(self.pipeline))


def population(pipeline: Pipeline) -> dict[str, Any]:
    """Counts by source, state and tag at the world's now."""
    world, now = pipeline.world, pipeline.clock.now()
    by_source: Counter[str] = Counter()
    by_state: Counter[str] = Counter()
    by_tag: Counter[str] = Counter()
    for repository in world.repositories:
        if repository.created_at > now:
            by_state["not yet created"] += 1
            continue
        by_state[repository.availability_at(now)] += 1
        by_source.update(sources(world, repository, now))
        by_tag.update(repository.tags)
    return {
        "now": iso(now),
        "sources": dict(sorted(by_source.items())),
        "states": dict(by_state),
        "tags": dict(sorted(by_tag.items())),
    }
