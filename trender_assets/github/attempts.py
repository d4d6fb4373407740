"""One request until its answer is final: pay, send, decide, wait, repeat.

Define here the order of these steps. What an answer means belongs to `decide`, who may send when
to `budget`, bytes to `wire`.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urljoin

import httpx

from trender_assets.github.allowance import SKIPPED, importance_of
from trender_assets.github.answers import BudgetSpent, Unreachable
from trender_assets.github.budget import Budget, Grant
from trender_assets.github.clock import Clock
from trender_assets.github.decide import Decision, Exchange, decide
from trender_assets.github.pacing import OPEN_SECONDS, Circuit
from trender_assets.github.replies import Outcome, Unreadable
from trender_assets.github.report import UsageReport
from trender_assets.github.wire import LoopLateness, Raw, exchange, is_same_origin, is_unreadable

MAX_REDIRECTS = 3


class Attempts:
    """Sends requests of one client.

    Args:
        http: The connections.
        budget: The gate.
        clock: Where time comes from.
        report: Where requests are counted.
        unreadable: Where answers are kept that are not what they should be.
        base: The API's address; redirects that leave its server are refused.
        jitter: Gives numbers in [0, 1) that stretch waits by up to a tenth.
        body_limit: The most bytes of a decoded body.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        budget: Budget,
        *,
        clock: Clock,
        report: UsageReport,
        unreadable: Unreadable,
        base: str,
        jitter: Callable[[], float],
        body_limit: int,
    ) -> None:
        self._http = http
        self.budget = budget
        self.clock = clock
        self.report = report
        self._unreadable = unreadable
        self.base = base
        self._jitter = jitter
        self._body_limit = body_limit
        self._circuit = Circuit(clock)
        self._answers = 0
        self.unreachable: Unreachable | None = None
        self._try_again_at = 0.0
        self.lateness = LoopLateness()

    async def perform(
        self,
        request: httpx.Request,
        resource: str,
        purpose: str,
        *,
        cost: int,
        seconds: float = 0.0,
        charge: Callable[[float], float] | None = None,
        failure: float = 1.0,
        sticky: int | None = None,
        items: int = 1,
    ) -> Outcome:
        """Try a request until its answer is final, following redirects.

        What a purpose is worth decides how much of the budget it leaves to others.

        Raises:
            Unreachable: When the host could not be reached twice in a row, and never before; when
                it was, the answer is a failure with one reason, so that what was read is kept.
            BadCredentials: When GitHub refused every token.
        """
        attempt = redirects = 0
        answers_before: int | None = None
        while True:
            if (lost := self._lost()) is not None:
                return lost
            if not self._circuit.is_closed(resource):
                return self._not_sent("circuit_open: GitHub failed too often in a row")
            try:
                granted = await self.budget.admit(
                    resource,
                    cost=cost,
                    seconds=seconds,
                    sticky=sticky,
                    importance=importance_of(purpose),
                )
            except BudgetSpent as error:
                self.report.skipped[purpose] += items
                return self._not_sent(f"{SKIPPED}{error}", refusal="budget")
            outcome = await self._send(request, granted, purpose, attempt, charge)
            status = outcome.raw.exchange.status
            if outcome.raw.exchange.unreached is not None:
                # Twice in a row, and nobody was answered meanwhile: the host is down for all.
                if answers_before == self._answers and self.unreachable is None:
                    self.unreachable = Unreachable(request.url.host, outcome.raw.exchange.unreached)
                    self._try_again_at = self.clock.monotonic() + OPEN_SECONDS
                answers_before = self._answers
                if (lost := self._lost()) is not None:
                    return lost
            if status in (301, 302, 307, 308):
                target = self._redirected(request, outcome.raw.exchange)
                redirects += 1
                if target is None or redirects > MAX_REDIRECTS:
                    self.report.refusals["redirect"] += 1
                    return self._not_sent("a redirect to another host, or in circles, was refused")
                request = target
                continue
            decision = outcome.decision
            if decision.action == "refused":
                self.budget.refuse(granted.token)
                continue
            if decision.action in ("retry", "give_up") and decision.scope != "request":
                self._wait_as_told(decision, granted)
            if decision.action == "give_up" and decision.scope == "resource":
                self.report.skipped[purpose] += items
            if decision.action != "retry" or attempt + 1 >= decision.tries:
                self._circuit.note(resource, failure if _is_down(decision) else 0.0)
                if decision.action not in ("use", "absent"):
                    self.report.refusals[decision.reason.split(":")[0]] += 1
                return outcome
            attempt += 1
            self.report.retries[decision.reason.split(":")[0]] += 1
            if decision.scope == "request":
                await self.clock.sleep(decision.wait * (1 + 0.1 * self._jitter()))

    def _lost(self) -> Outcome | None:
        """The answer to everything while the host is down; now and then one request tries it.

        Raises:
            Unreachable: When nothing was ever answered: there is nothing to keep.
        """
        if self.unreachable is None:
            return None
        now = self.clock.monotonic()
        if now >= self._try_again_at:
            self._try_again_at = now + OPEN_SECONDS
            return None
        if not self._answers:
            raise self.unreachable
        return self._not_sent(self.unreachable.reason)

    def _wait_as_told(self, decision: Decision, granted: Grant) -> None:
        wait = decision.wait * (1 + 0.1 * self._jitter() * (decision.action == "retry"))
        if decision.scope == "everyone":
            self.budget.pause_everyone(wait, decision.reason)
        else:
            self.budget.block(granted.token, granted.resource, wait)

    async def _send(
        self,
        request: httpx.Request,
        granted: Grant,
        purpose: str,
        attempt: int,
        charge: Callable[[float], float] | None,
    ) -> Outcome:
        request = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.content
        )
        request.headers["Authorization"] = f"Bearer {granted.token.secret}"
        raw = Raw(Exchange(0, {}, None, "cancelled"))
        try:
            raw = await exchange(
                self._http,
                request,
                is_graphql=granted.resource == "graphql",
                limit=self._body_limit,
                monotonic=self.clock.monotonic,
                lateness=lambda: self.lateness.seconds,
            )
        finally:
            was_reached = raw.exchange.unreached is None
            if was_reached:
                counted = raw.seconds if charge is None else charge(raw.seconds)
                self.budget.settle(granted, raw.exchange.headers, counted)
            else:
                self.budget.take_back(granted)
        if raw.exchange.status:
            self._answers += 1
            self.unreachable = None
        self.report.requests[granted.resource] += was_reached
        self.report.statuses[raw.exchange.status] += 1
        self.report.bytes += len(raw.content)
        self.report.seconds[purpose] += raw.seconds  # type: ignore[assignment]
        self.report.not_modified += raw.exchange.status == 304
        problem = raw.exchange.problem
        if problem is not None and is_unreadable(problem):
            asked = f"{request.method} {request.url.path}"
            self._unreadable.add(raw.content, problem, purpose=purpose, request=asked)
        decision = decide(raw.exchange, now=self.clock.time(), attempt=attempt)
        return Outcome(raw, decision, raw.seconds, str(request.url))

    def _redirected(self, request: httpx.Request, answered: Exchange) -> httpx.Request | None:
        target = urljoin(str(request.url), answered.headers.get("location", ""))
        if request.method != "GET" or not is_same_origin(target, self.base):
            return None
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() not in ("host", "authorization")
        }
        return httpx.Request("GET", target, headers=headers)

    def _not_sent(self, reason: str, *, refusal: str | None = None) -> Outcome:
        self.report.refusals[refusal or reason.split(":")[0]] += 1
        return Outcome(Raw(Exchange(0)), Decision("fail", reason), 0.0)


def _is_down(decision: Decision) -> bool:
    return decision.reason.startswith(("http 5", "timeout", "connection"))
