"""No secret on a terminal."""

from __future__ import annotations

import pytest

from trender_assets.commands.terminal import Terminal
from trender_assets.github.redaction import redact, remember

pytestmark = pytest.mark.usefixtures("clean_process")


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "gho_0123456789abcdefghijABCDEFGHIJ012345",
        "ghs_1234_eyJhbGciOi.J9-abc_defghijklmnop",
        "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv",
    ],
)
def test_every_kind_of_token_is_hidden(secret: str) -> None:
    assert secret not in redact(f"request with {secret} failed")
    assert redact(f"request with {secret} failed") == "request with *** failed"


def test_headers_and_passwords_are_hidden() -> None:
    assert "opaque0123456789" not in redact("{'Authorization': 'Bearer opaque0123456789'}")
    assert "opaque0123456789" not in redact("authorization: token opaque0123456789")
    assert "hunter2" not in redact("postgresql://trender:hunter2@db.internal/trender")
    assert "trender:***@db.internal" in redact("postgresql://trender:hunter2@db.internal/trender")


@pytest.mark.parametrize(
    "text",
    [
        "client_secret=opaque0123456789",
        "'refresh_token': 'opaque0123456789'",
        "?access_token=opaque0123456789&a=1",
        "password: opaque0123456789",
        "Authorization=opaque0123456789",
        "https://opaque0123456789opaque:x-oauth-basic@host/",
        "basic opaque0123456789",
        "token opaque0123456789",
    ],
)
def test_the_terminal_and_the_record_hide_the_same(text: str) -> None:
    """There were two lists of patterns; one let client_secret pass, the other a bare header."""
    assert "opaque" not in redact(text)


def test_ordinary_words_stay() -> None:
    text = "GITHUB_TOKEN is not set; a token needs no scope: see http://127.0.0.1:8787/x?a=b@c"
    assert redact(text) == text


def test_what_only_this_process_knows_is_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    remember("a-token-of-no-known-form", None, "", "abc")
    terminal = Terminal()
    terminal.say("answer: a-token-of-no-known-form, abc")
    terminal.note("error: a-token-of-no-known-form")
    Terminal(as_json=True).document({"text": "a-token-of-no-known-form"})
    captured = capsys.readouterr()
    assert "a-token-of-no-known-form" not in captured.out + captured.err
    assert "abc" in captured.out
