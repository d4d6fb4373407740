"""`trender doctor`: each line with its level and fix; exit 0 or 3; no token in sight."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from trender_assets.commands import doctor as checks
from trender_assets.commands.ready import load_settings

from .conftest import CANARY, Machine


def _github(
    status: int = 200,
    scopes: str = "",
    remaining: int = 5000,
    date: datetime | None = None,
    asked: list[httpx.Request] | None = None,
) -> Callable[[httpx.Request], httpx.Response]:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        budget = {"limit": 5000, "remaining": remaining, "reset": int(time.time()) + 60}
        return httpx.Response(
            status,
            json={"resources": {"core": budget, "graphql": budget}}
            if status == 200
            else {"message": "Rate limiting is not enabled."},
            headers={
                "Date": format_datetime(date or datetime.now(UTC), usegmt=True),
                "X-OAuth-Scopes": scopes,
            },
        )

    return answer


def _check(
    clean_process: Path, answer: Callable[[httpx.Request], httpx.Response], token: str = CANARY
) -> dict[str, checks.Check]:
    clean_process.write_text(f"GITHUB_TOKEN={token}\n")
    found = checks.check_github(load_settings(), httpx.MockTransport(answer))
    return {check.name: check for check in found}


def test_all_is_well(clean_process: Path) -> None:
    asked: list[httpx.Request] = []
    found = _check(clean_process, _github(asked=asked))
    assert {check.level for check in found.values()} == {"OK"}
    assert set(found) == {"clock", "token", "budget core", "budget graphql"}
    assert "scopes: none" in found["token"].text
    assert asked[0].headers["Authorization"] == f"Bearer {CANARY}"
    assert str(asked[0].url) == "https://api.github.com/rate_limit"


def test_a_refused_token(clean_process: Path) -> None:
    found = _check(clean_process, _github(status=401))
    assert found["token"].level == "FAIL"
    assert "GITHUB_TOKEN" in found["token"].text
    assert CANARY not in str(found)


def test_an_address_that_is_not_githubs(clean_process: Path) -> None:
    """A web server's 404 page passed for a GitHub without rate limits: the token was accepted."""
    page = httpx.Response(404, html="<html>Not here</html>")
    found = _check(clean_process, lambda request: page)
    assert set(found) == {"GitHub"} and found["GitHub"].level == "FAIL"
    assert "is not GitHub's API: it answers with HTTP 404" in found["GitHub"].text
    assert "https://api.github.com" in found["GitHub"].fix


def test_a_token_that_may_too_much(clean_process: Path) -> None:
    found = _check(clean_process, _github(scopes="repo, read:org"))
    assert found["token"].level == "WARN"
    assert "repo" in found["token"].text and found["token"].fix
    assert _check(clean_process, _github(scopes="public_repo"))["token"].level == "OK"


@pytest.mark.parametrize(("left", "level"), [(5000, "OK"), (150, "WARN"), (0, "FAIL")])
def test_the_budget(clean_process: Path, left: int, level: str) -> None:
    found = _check(clean_process, _github(remaining=left))
    assert found["budget core"].level == level


@pytest.mark.parametrize(("minutes", "level"), [(0, "OK"), (5, "WARN"), (-5, "WARN"), (30, "FAIL")])
def test_the_clock(minutes: float, level: str) -> None:
    now = datetime.now(UTC)
    theirs = format_datetime(now - timedelta(minutes=minutes), usegmt=True)
    assert checks.check_clock(theirs, now).level == level
    assert checks.check_clock(None, now).level == "WARN"
    assert checks.check_clock("yesterday", now).level == "WARN"


def test_several_tokens_each_get_their_lines(clean_process: Path) -> None:
    found = _check(clean_process, _github(), token=f"{CANARY},{CANARY}2")
    assert {"token 1", "token 2", "budget core (token 1)", "budget core (token 2)"} <= set(found)


def test_a_server_without_rate_limits(clean_process: Path) -> None:
    """GitHub Enterprise answers 404 when rate limiting is off."""
    assert _check(clean_process, _github(status=404))["token"].level == "OK"


def test_github_does_not_answer(clean_process: Path) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    found = _check(clean_process, broken)
    assert found["GitHub"].level == "FAIL"
    assert "GITHUB_API_BASE_URL" in found["GitHub"].fix


def test_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def free(amount: int) -> Callable[[Path], object]:
        class Usage:
            free = amount

        return lambda path: Usage

    for amount, level in ((10**11, "OK"), (10**9, "WARN"), (10**7, "FAIL")):
        monkeypatch.setattr("shutil.disk_usage", free(amount))
        check = checks.check_disk(tmp_path / "not" / "yet" / "there")
        assert check.level == level


def test_the_env_file(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert list(checks.check_env_file(path)) == []
    path.write_text("A=1\n")
    path.chmod(0o644)
    assert next(checks.check_env_file(path)).level == "WARN"
    path.chmod(0o600)
    assert next(checks.check_env_file(path)).level == "OK"
    path.write_bytes(b"\xef\xbb\xbfA=1\n")
    assert next(checks.check_env_file(path)).level == "WARN"


def test_without_a_token_it_exits_with_3_and_goes_on(machine: Machine, warehouse_url: str) -> None:
    answer = machine.trender(
        "doctor", "--json", DATABASE_URL=warehouse_url, GITHUB_API_BASE_URL="http://127.0.0.1:1"
    )
    assert answer.returncode == 3, answer.stderr
    report = json.loads(answer.stdout)
    assert report["healthy"] is False
    levels = {check["name"]: check["level"] for check in report["checks"]}
    assert levels["token"] == "FAIL"
    assert levels["GitHub"] == "FAIL"
    assert levels["database"] == "OK"
    assert levels["permissions"] == "OK"
    assert levels["schedule"] == "WARN"
    assert levels["data"] == "WARN"
    for check in report["checks"]:
        assert check["fix"] or check["level"] == "OK"


def test_without_a_database_the_other_lines_are_still_there(machine: Machine) -> None:
    answer = machine.trender(
        "doctor",
        DATABASE_URL="postgresql://trender:hunter22@127.0.0.1:1/trender",
        GITHUB_TOKEN=CANARY,
        GITHUB_API_BASE_URL="http://127.0.0.1:1",
    )
    assert answer.returncode == 3
    assert "FAIL  database" in answer.stdout
    assert "OK    disk" in answer.stdout
    assert "hunter22" not in answer.stdout + answer.stderr
    assert CANARY not in answer.stdout + answer.stderr
    assert "Traceback" not in answer.stderr
