"""Who gets what is left of a budget: important work first, the rest is skipped and said."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.github.fakes import NOW, FakeGitHub, answer
from trender_assets.github.allowance import (
    ADDITIONAL,
    ESSENTIAL,
    FIRST_STAR_HISTORY,
    FOLLOW_UPS,
    STAR_HISTORY,
    SUPPORTING,
    WORKSPACES,
    Allowance,
    Importance,
    importance_of,
    is_skipped,
)
from trender_assets.github.answers import Answer, Found, Unknown
from trender_assets.github.client import GitHubClient
from trender_assets.github.replies import Reply


def test_which_work_gives_way() -> None:
    """Discovery and readings give way to nothing, niceties first of all."""
    for purpose in (
        "search", "code search", "organisation", "user", "repositories", "repositories with texts",
        "gone", "anything else",
    ):  # fmt: skip
        assert importance_of(purpose) is ESSENTIAL, purpose
    assert importance_of(FOLLOW_UPS) is importance_of(STAR_HISTORY) is SUPPORTING
    assert importance_of(FIRST_STAR_HISTORY) is importance_of(WORKSPACES) is ADDITIONAL
    assert ESSENTIAL.reserve < SUPPORTING.reserve < ADDITIONAL.reserve
    assert ESSENTIAL.patience > SUPPORTING.patience >= ADDITIONAL.patience


@pytest.mark.parametrize(
    ("remaining", "importance", "may_go"),
    [
        (101, ESSENTIAL, True),
        (100, ESSENTIAL, False),
        (601, SUPPORTING, True),
        (600, SUPPORTING, False),
        (1_001, ADDITIONAL, True),
        (1_000, ADDITIONAL, False),
    ],
)
def test_each_importance_stops_at_its_reserve(
    remaining: int, importance: Importance, may_go: bool
) -> None:
    """The reserve is what is left afterwards."""
    allowance = Allowance("core", 5_000, remaining, resets_at=3_000.0, has_answered=True)
    assert (allowance.delay(1, 0.0, importance) == 0) is may_go


def test_small_budgets_have_no_reserve() -> None:
    """Of 30 searches a minute nothing can be kept back, whatever they are for."""
    allowance = Allowance("search", 30, 1, resets_at=60.0, has_answered=True)
    assert allowance.delay(1, 0.0, ADDITIONAL) == 0


def test_a_token_of_a_thousand_an_hour_still_does_everything() -> None:
    """Half of a small budget is for whatever comes first, or niceties would never be had."""
    for importance, least in ((SUPPORTING, 501), (ADDITIONAL, 501), (ESSENTIAL, 101)):
        for remaining, may_go in ((least, True), (least - 1, False)):
            allowance = Allowance("core", 1_000, remaining, resets_at=3_000.0, has_answered=True)
            assert (allowance.delay(1, 0.0, importance) == 0) is may_go


def test_a_new_window_is_for_everybody() -> None:
    """After the reset nothing is held back."""
    allowance = Allowance("core", 5_000, 150, resets_at=30.0, has_answered=True)
    assert allowance.delay(1, 0.0, ADDITIONAL) == 31.0
    assert allowance.delay(1, 31.0, ADDITIONAL) == 0


class Left:
    """A GitHub whose core budget shrinks with every request, for each token."""

    def __init__(self, *remaining: int, reset: float = NOW + 3_000) -> None:
        names = [f"token-{number}" for number in range(len(remaining))]
        self.left = dict(zip(names, remaining, strict=True))
        self.reset = reset
        self.fake = FakeGitHub(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        token = request.headers["authorization"].removeprefix("Bearer ")
        if self.fake.clock.now >= self.reset:
            return answer({}, remaining=4_999, reset=self.reset + 3_600)
        if self.left[token] <= 0:
            return answer({"message": "API rate limit exceeded"}, 403, remaining=0)
        self.left[token] -= 1
        return answer({}, remaining=self.left[token], reset=self.reset)

    def client(self) -> GitHubClient:
        return self.fake.client(tokens=list(self.left))


async def ask(client: GitHubClient, purpose: str, count: int) -> list[Answer[Reply]]:
    return list(
        await asyncio.gather(
            *(client.get(f"/{purpose}/{n}", purpose=purpose) for n in range(count))
        )
    )


def found(answers: list[Answer[Reply]]) -> int:
    return sum(isinstance(item, Found) for item in answers)


async def test_what_is_left_goes_to_the_important_work() -> None:
    """All at once with 1,050 left: 49 niceties, 400 helpers, then only the important work."""
    github = Left(1_050)
    async with github.client() as client:
        assert found(await ask(client, "organisation", 1)) == 1
        nice = await ask(client, FIRST_STAR_HISTORY, 100)
        helping = await ask(client, FOLLOW_UPS, 500)
        important = await ask(client, "user", 400)
        last = await ask(client, "user", 150)
    assert (found(nice), found(helping), found(important), found(last)) == (49, 400, 400, 100)
    assert github.left == {"token-0": 100}
    refused = [item for item in (*nice, *helping, *last) if not isinstance(item, Found)]
    assert all(isinstance(item, Unknown) and is_skipped(item.reason) for item in refused)
    assert {item.reason for item in nice if isinstance(item, Unknown)} == {
        "skipped: budget of core is kept for more important work"
    }
    assert client.report.as_dict()["skipped"] == {
        FIRST_STAR_HISTORY: 51,
        FOLLOW_UPS: 100,
        "user": 50,
    }
    assert client.report.refusals["budget"] == 201
    assert github.fake.clock.now < NOW + 2_900, "nothing waited for the next hour"


async def test_the_first_request_asks_for_all() -> None:
    """Niceties that start a run learn what is left before they take it."""
    github = Left(1_005)
    async with github.client() as client:
        answers = await ask(client, FIRST_STAR_HISTORY, 40)
    assert found(answers) == 5
    assert github.left == {"token-0": 1_000}


async def test_every_token_keeps_its_own_reserve() -> None:
    """What one token lacks the other gives; both stop where they should."""
    github = Left(1_010, 620)
    async with github.client() as client:
        nice = await ask(client, WORKSPACES, 60)
        assert github.left["token-0"] == 1_000
        assert github.left["token-1"] in (619, 620), "one question to learn what it has"
        helping = await ask(client, STAR_HISTORY, 450)
    assert found(nice) in (10, 11)
    assert github.left == {"token-0": 600, "token-1": 600}
    assert client.report.skipped == {
        WORKSPACES: 60 - found(nice),
        STAR_HISTORY: 450 - found(helping),
    }


async def test_tokens_that_were_exhausted_before_the_start() -> None:
    """Every token spent for the hour: nothing waits, nothing is found, all is reported."""
    github = Left(0, 0)
    async with github.client() as client:
        answers = await ask(client, "repositories", 30)
    assert found(answers) == 0
    assert all(isinstance(item, Unknown) for item in answers)
    assert client.report.skipped == {"repositories": 30}
    assert github.fake.clock.now == NOW


async def test_niceties_wait_for_a_minute_and_no_longer() -> None:
    """A window that ends soon is waited for; for a later one only important work waits."""
    for seconds, is_had in ((40, True), (600, False)):
        github = Left(200, reset=NOW + seconds)
        async with github.client() as client:
            await ask(client, "organisation", 1)
            assert (found(await ask(client, FIRST_STAR_HISTORY, 3)) == 3) is is_had
            before = github.fake.clock.now
            assert found(await ask(client, "organisation", 150)) == 150
        assert before == (NOW + seconds + 1 if is_had else NOW)
        assert github.fake.clock.now == NOW + seconds + 1
