"""Latency models: how long GitHub takes, as assumed in the project's performance facts.

Define a profile here. Sleeping is the pipeline's business, limits are in `limits`.
"""

from __future__ import annotations

from dataclasses import dataclass

from github_simulator.server.limits import Resource
from github_simulator.world.chance import unit


@dataclass(frozen=True)
class Profile:
    """Seconds a request takes.

    Attributes:
        rest: A REST request.
        search: A repository or code search.
        graphql: A GraphQL request that resolves no repository.
        per_repository: More for every repository resolved.
        jitter: Relative spread, ±.
        cut_off: After so many seconds GraphQL answers 502 instead.
        cpu_seconds: Summed GraphQL seconds allowed a minute; None when the rule is off.
    """

    name: str
    rest: float = 0.0
    search: float = 0.0
    graphql: float = 0.0
    per_repository: float = 0.0
    jitter: float = 0.2
    cut_off: float = 10.0
    cpu_seconds: float | None = None

    def seconds(self, resource: Resource, repositories: int, number: int, seed: int) -> float:
        """The time of the `number`-th request of a run; a pure function of its arguments."""
        base = {
            "core": self.rest,
            "search": self.search,
            "code_search": self.search,
            "graphql": self.graphql + self.per_repository * repositories,
        }[resource]
        return base * (1 - self.jitter + 2 * self.jitter * unit(seed, number, 7))


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("fast"),
        Profile("demo", rest=0.02, search=0.05, graphql=0.03, per_repository=0.001),
        Profile("benchmark", rest=0.15, search=0.4, graphql=0.3, per_repository=0.015),
        Profile(
            "pessimistic",
            rest=0.15,
            search=0.4,
            graphql=0.3,
            per_repository=0.09,
            cpu_seconds=60.0,
        ),
    )
}
