"""The GitHub client: REST reads with ETags, GraphQL queries, one report.

Define here what callers see of a request. How one is paid, sent and repeated belongs to
`attempts`; what to ask for to `search`, `repositories` and `stars`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from trender_assets.github.answers import Answer, MissingToken, NotGitHub, Unknown, Unreachable
from trender_assets.github.attempts import Attempts
from trender_assets.github.budget import Budget
from trender_assets.github.cache import CachedAnswer, ETagStore, MemoryETagStore, cache_key
from trender_assets.github.clock import Clock, SystemClock, as_datetime
from trender_assets.github.decide import looks_foreign
from trender_assets.github.pacing import CONCURRENCY, LearnedPace, PerMinute, shared_pace
from trender_assets.github.redaction import redact
from trender_assets.github.replies import GraphQLReply, Outcome, Reply, Unreadable, rest_reply
from trender_assets.github.report import UsageReport, Wait
from trender_assets.github.wire import BODY_LIMIT, Connections, is_same_origin, timeouts

__all__ = ["GitHubClient", "GraphQLReply", "Reply", "Wait"]

API_VERSION = "2026-03-10"
ACCEPT = "application/vnd.github+json"
USER_AGENT = "trender/0.1"
SETTLING_SECONDS = 0.15


class GitHubClient:
    """Asks GitHub; an async context manager that owns its connections.

    Args:
        tokens: Tokens to use in turn, each with its own budget.
        api_base_url: Where REST is served.
        cache: Where ETags are kept; in memory when None.
        transport: An httpx transport, for tests.
        user_agent: Sent with every request; GitHub refuses requests without one.
        on_wait: Told about a wait before it begins.
        learned: What earlier refusals taught about how fast to ask.
        clock: Where time comes from.
        jitter: Gives numbers in [0, 1) that stretch waits by up to a tenth.
        body_limit: The most bytes of a decoded body.
        pace: What was sent in the last minute; shared by all clients of a server when None.

    Raises:
        MissingToken: When there is no token.
    """

    def __init__(
        self,
        *,
        tokens: Sequence[str],
        api_base_url: str = "https://api.github.com",
        cache: ETagStore | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        user_agent: str = USER_AGENT,
        on_wait: Callable[[Wait], None] | None = None,
        learned: LearnedPace | None = None,
        clock: Clock | None = None,
        jitter: Callable[[], float] = random.random,
        body_limit: int = BODY_LIMIT,
        pace: PerMinute | None = None,
    ) -> None:
        secrets = [token.strip() for token in tokens if token.strip()]
        if not secrets:
            raise MissingToken
        self.report = UsageReport()
        self.clock: Clock = clock or SystemClock()
        self.unreadable = Unreadable(secrets, self.clock, self.report)
        self.base = api_base_url.rstrip("/")
        self._searches = 0
        self._searched_at = float("-inf")
        self._graphql_url = graphql_beside(self.base)
        self._cache = cache if cache is not None else MemoryETagStore()
        self._secrets = tuple(secrets)
        budget = Budget(
            secrets,
            clock=self.clock,
            report=self.report,
            pace=pace or (shared_pace(self.base) if clock is None else PerMinute()),
            learned=learned,
            on_wait=on_wait,
        )
        is_encrypted = self.base.startswith("https:")
        self._http = httpx.AsyncClient(
            transport=transport or Connections(CONCURRENCY, is_encrypted=is_encrypted),
            timeout=timeouts(),
            headers={
                "User-Agent": user_agent,
                "X-GitHub-Api-Version": API_VERSION,
                "Accept": ACCEPT,
                "Accept-Encoding": "gzip, deflate",
            },
            follow_redirects=False,
        )
        self._budget = budget
        self._attempts = Attempts(
            self._http,
            budget,
            clock=self.clock,
            report=self.report,
            unreadable=self.unreadable,
            base=self.base,
            jitter=jitter,
            body_limit=body_limit,
        )

    def __repr__(self) -> str:
        return f"GitHubClient({self.base!r}, {len(self._secrets)} tokens)"

    async def __aenter__(self) -> GitHubClient:
        self._attempts.lateness.watch()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        self._attempts.lateness.stop()
        await self._http.aclose()

    def pace_to_keep(self) -> LearnedPace:
        """How fast the next run should begin, as this one's refusals or their absence taught."""
        learned = self._budget.learned
        return learned if self._budget.was_refused else learned.after_peace()

    async def verify(self) -> None:
        """Ask one free question, so that what would fail every request is said once.

        Raises:
            BadCredentials: When GitHub refused every token.
            Unreachable: When the host can't be reached.
            NotGitHub: When something else answers at the address.
        """
        request = self._http.build_request("GET", self.address("rate_limit"))
        outcome = await self._attempts.perform(request, "core", "verify", cost=1)
        if what := looks_foreign(outcome.raw.exchange, outcome.decision):
            raise NotGitHub(str(httpx.URL(self.base).copy_with(userinfo=b"")), what)

    @contextlib.contextmanager
    def searching(self) -> Iterator[None]:
        """Mark a discovery as under way: its repositories are about to be asked for."""
        self._searches += 1
        try:
            yield
        finally:
            self._searches -= 1
            self._searched_at = self.clock.monotonic()

    def is_searching(self) -> bool:
        """Whether more repositories may be asked for soon, so that batches had better wait."""
        if self._searches:
            return True
        return self.clock.monotonic() - self._searched_at < SETTLING_SECONDS

    @property
    def unreachable(self) -> Unreachable | None:
        """Why the host counts as down now; None while it does not."""
        return self._attempts.unreachable

    def redact(self, text: str) -> str:
        """A text without this client's tokens or anything that looks like one."""
        return redact(text, self._secrets)

    async def cached(self, urls: Collection[str]) -> dict[str, CachedAnswer]:
        """Stored answers by address, for `get`; the store is read in a thread, once for all."""
        keys = {self._key(url): url for url in urls}
        entries = await asyncio.to_thread(self._cache.load, list(keys))
        return {keys[key]: entry for key, entry in entries.items() if key in keys}

    async def remember(self, entries: Iterable[CachedAnswer]) -> None:
        """Put answers into the ETag store, in a thread."""
        wanted = list(entries)
        if wanted:
            await asyncio.to_thread(self._cache.save, wanted)

    async def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        *,
        resource: str = "core",
        purpose: str = "rest",
        expect: type[dict[Any, Any]] | type[list[Any]] = dict,
        entry: CachedAnswer | None = None,
    ) -> Answer[Reply]:
        """Read one REST address.

        Redirects are followed on the same server only, so that the token never goes elsewhere.

        Args:
            url: A path, or an address of the same server (such as a Link header's).
            params: Query parameters, not yet encoded.
            resource: The budget that pays.
            purpose: What the time is spent for, in the report.
            expect: The type a true answer has.
            entry: A stored answer of this address, to ask whether it changed.

        Raises:
            BadCredentials: When GitHub refused every token.
        """
        address = self.address(url)
        if not is_same_origin(address, self.base):
            self.report.refusals["other_host"] += 1
            return Unknown("an address on another host was refused")
        request = self._http.build_request("GET", address, params=dict(params) if params else None)
        if entry is not None:
            request.headers.update(entry.conditions())
        sticky = zlib.crc32(address.encode()) if len(self._secrets) > 1 else None
        outcome = await self._attempts.perform(request, resource, purpose, cost=1, sticky=sticky)
        answer = rest_reply(
            outcome,
            key=self._key(str(request.url)),
            entry=entry,
            expect=expect,
            fetched_at=as_datetime(self.clock),
        )
        if not isinstance(answer, Unknown):
            return answer
        if outcome.raw.exchange.status != 304:
            self._keep_misshapen(outcome, answer.reason, purpose, request)
        elif entry is not None:
            # The stored body is unusable: forget it and ask for a whole answer.
            return await self.get(
                url, params, resource=resource, purpose=purpose, expect=expect, entry=None
            )
        return Unknown(self.redact(answer.reason))

    async def graphql(
        self,
        query: str,
        variables: Mapping[str, Any],
        *,
        purpose: str,
        cost: int = 1,
        seconds: float = 0.0,
        charge: Callable[[float], float] | None = None,
        weight: int = 1,
    ) -> GraphQLReply:
        """Send one GraphQL query.

        Args:
            query: Its text.
            variables: Its variables.
            purpose: What the time is spent for, in the report.
            cost: Expected points.
            seconds: Expected working time.
            charge: What an observed response time counts against the seconds per minute.
            weight: How many repositories it resolves.

        Raises:
            BadCredentials: When GitHub refused every token.
        """
        request = self._http.build_request(
            "POST", self._graphql_url, json={"query": query, "variables": dict(variables)}
        )
        outcome = await self._attempts.perform(
            request,
            "graphql",
            purpose,
            cost=cost,
            seconds=seconds,
            charge=charge,
            failure=1.0 if weight <= 1 else 0.5 / weight,
            items=weight,
        )
        decision, body = outcome.decision, outcome.raw.exchange.body
        fetched_at = as_datetime(self.clock)
        if decision.action == "use" and isinstance(body, dict):
            data = body.get("data")
            if isinstance(data, dict):
                self._count_points(data)
                errors = body.get("errors")
                listed = errors if isinstance(errors, list) else []
                parts = tuple(error for error in listed if isinstance(error, dict))
                return GraphQLReply(data, parts, None, False, outcome.seconds, fetched_at)
        reason = self.redact(decision.reason or "malformed: no data")
        self._keep_misshapen(outcome, reason, purpose, request)
        is_too_much = decision.action == "smaller"
        return GraphQLReply(None, (), reason, is_too_much, outcome.seconds, fetched_at)

    def address(self, url: str) -> str:
        """The full address of a path of the API."""
        return url if "://" in url else f"{self.base}/{url.lstrip('/')}"

    def _key(self, url: str) -> str:
        return cache_key(self.address(url), ACCEPT, API_VERSION)

    def _count_points(self, data: Mapping[str, Any]) -> None:
        limit = data.get("rateLimit")
        cost = limit.get("cost") if isinstance(limit, dict) else None
        self.report.points["graphql"] += cost if isinstance(cost, int) else 1

    def _keep_misshapen(
        self, outcome: Outcome, reason: str, purpose: str, request: httpx.Request
    ) -> None:
        """Keep an answer that was JSON of another shape; others were kept as they came."""
        if outcome.decision.action == "use":
            asked = f"{request.method} {request.url.path}"
            self.unreadable.add(outcome.raw.content, reason, purpose=purpose, request=asked)


def graphql_beside(base: str) -> str:
    """GraphQL's address: GitHub Enterprise serves it at /api/graphql beside /api/v3."""
    return base.removesuffix("/v3") + "/graphql" if base.endswith("/api/v3") else base + "/graphql"
