"""`trender oauth` as a process: what it prints, what it writes, how it ends."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from trender_assets.commands.env_file import read_values

from .conftest import Machine
from .oauth_server import TOKEN, OAuthServer, granted, refused

pytestmark = pytest.mark.usefixtures("clean_process")


def ask(machine: Machine, github: OAuthServer, *arguments: str) -> CompletedProcess[str]:
    """The command, sent to the server instead of GitHub."""
    return machine.trender("oauth", *arguments, **variables(github))


def variables(github: OAuthServer) -> dict[str, str]:
    return {"TRENDER_GITHUB_OAUTH_URL": github.address, "GITHUB_CLIENT_ID": "client"}


def test_trouble_4_a_token_is_made_anew(machine: Machine, github: OAuthServer) -> None:
    """The new one replaces the old one's line; the message says where to revoke that."""
    machine.env_file.write_text("# mine\nGITHUB_TOKEN=gho_old0123456789abcdefghijABCD\nOTHER=1\n")
    machine.env_file.chmod(0o644)
    github.answers = [granted()]
    answer = ask(machine, github, "--write-env", "--no-browser")
    assert answer.returncode == 0, answer.stderr
    assert machine.env_file.read_text() == f"# mine\nGITHUB_TOKEN={TOKEN}\nOTHER=1\n"
    assert stat.S_IMODE(machine.env_file.stat().st_mode) == 0o600
    assert "settings/applications" in answer.stdout
    assert TOKEN not in answer.stdout + answer.stderr
    assert "gho_old" not in answer.stdout + answer.stderr


def test_show_prints_the_token_once_and_writes_nothing(
    machine: Machine, github: OAuthServer
) -> None:
    github.answers = [granted()]
    answer = ask(machine, github, "--show", "--no-browser")
    assert answer.returncode == 0, answer.stderr
    assert re.findall(TOKEN, answer.stdout) == [TOKEN]
    assert TOKEN not in answer.stderr
    assert not machine.env_file.exists()


def test_a_scope_nobody_asked_for_is_warned_about(machine: Machine, github: OAuthServer) -> None:
    github.answers = [granted(scope="repo,read:org")]
    answer = ask(machine, github, "--write-env", "--no-browser")
    assert answer.returncode == 0
    assert "warning: the token carries repo, read:org" in answer.stderr
    assert read_values(machine.env_file)["GITHUB_TOKEN"] == TOKEN


@pytest.mark.parametrize(
    ("arguments", "variables", "text"),
    [
        (["--show"], {}, "GITHUB_CLIENT_ID is not set"),
        (["--show", "--web"], {"GITHUB_CLIENT_ID": "x"}, "GITHUB_CLIENT_SECRET is not set"),
    ],
)
def test_what_is_missing_is_named(
    machine: Machine, arguments: list[str], variables: dict[str, str], text: str
) -> None:
    answer = machine.trender("oauth", *arguments, **variables)
    assert answer.returncode == 3
    assert text in answer.stderr


def test_nobody_answers(machine: Machine) -> None:
    answer = ask(machine, OAuthServer("http://127.0.0.1:1"), "--show")
    assert answer.returncode == 4
    assert "does not answer" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_ctrl_c_while_waiting_exits_with_130(machine: Machine, github: OAuthServer) -> None:
    github.device["interval"] = 60
    child = subprocess.Popen(
        [sys.executable, "-m", "trender_assets.commands.cli", "oauth", "--show", "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=machine.variables(**variables(github)),
        cwd=machine.folder,
    )
    assert child.stderr is not None
    while "Waiting for you" not in child.stderr.readline():
        pass
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=20)
    assert child.returncode == 130
    assert "Traceback" not in err


def test_the_env_file_is_never_created_by_a_refusal(
    machine: Machine, github: OAuthServer, tmp_path: Path
) -> None:
    github.answers = [refused("access_denied")]
    answer = ask(machine, github, "--write-env", "--no-browser")
    assert answer.returncode == 4
    assert not machine.env_file.exists()
