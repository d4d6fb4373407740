"""Tokens: missing, refused in the middle of a run, and never shown."""

from __future__ import annotations

import logging

import pytest

from tests.github.fakes import FakeGitHub, answer, script
from trender_assets.github.answers import BadCredentials, Found, MissingToken
from trender_assets.github.client import GitHubClient
from trender_assets.github.redaction import redact

CANARY = "ghp_CANARY0123456789abcdefABCDEF012345"


async def test_bad_credentials_end_the_run_at_once(caplog: pytest.LogCaptureFixture) -> None:
    """401 mid-run: no retry, the variable is named, the token is in no text."""
    caplog.set_level(logging.DEBUG)
    fake = FakeGitHub(
        script(answer({}), answer({"message": "Bad credentials"}, 401, remaining=None))
    )
    async with fake.client(tokens=[CANARY]) as client:
        assert isinstance(await client.get("/x"), Found)
        with pytest.raises(BadCredentials, match="GITHUB_TOKEN") as error:
            await client.get("/y")
        with pytest.raises(BadCredentials):
            await client.get("/z")
        assert len(fake.log) == 2
        shown = f"{client!r} {error.value!r} {error.value.__context__!r} {client.report.as_dict()}"
    assert CANARY not in shown + caplog.text


async def test_a_refused_token_leaves_the_others() -> None:
    """One of two tokens was revoked: the other goes on, and the report says so."""
    fake = FakeGitHub(
        lambda request: (
            answer({"message": "Bad credentials"}, 401, remaining=None)
            if request.headers["authorization"].endswith("bad")
            else answer({})
        )
    )
    async with fake.client(tokens=["bad", "good"]) as client:
        for number in range(4):
            assert isinstance(await client.get(f"/x/{number}"), Found)
    assert [sent.token for sent in fake.log].count("bad") == 1
    assert client.report.tokens_refused == 1


def test_no_token_is_a_clear_error() -> None:
    """Without a token the message says what to set and that no scope is needed."""
    for tokens in ((), ("",), (" ",)):
        with pytest.raises(MissingToken, match="GITHUB_TOKEN"):
            GitHubClient(tokens=tokens)


@pytest.mark.parametrize(
    "secret",
    [
        CANARY,
        "github_pat_11AAAAAAA0abcdefghijkl_MNOPQRSTUVWX",
        "ghs_12345_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl",
        "gho_16C7e42F292c6912E7710c838347Ae178B4a",
    ],
)
def test_redaction(secret: str) -> None:
    """Tokens of every kind, in headers, addresses and parameters, are masked."""
    for text in (
        secret,
        f"Authorization: Bearer {secret}",
        f"https://x:{secret}@h/",
        f"?access_token={secret}&a=1",
    ):
        assert secret not in redact(text)
    assert redact("plain words stay") == "plain words stay"
    assert redact("odd-token in text", ["odd-token"]) == "*** in text"


@pytest.mark.parametrize(
    "text",
    [
        "ghp_SECRET0123456789", "gho_SECRET0123456789", "ghu_SECRET0123456789",
        "ghs_1_eyJhSECRET.eyJpc3Mi.c2ln", "ghr_SECRET0123456789", "github_pat_SECRET0123456789",
        "authorization: token SECRET0123", "{'Authorization': 'Bearer SECRET0123'}",
        "Authorization: Basic U0VDUkVU", "sent bearer SECRET0123", "token SECRET0123 was refused",
        "postgresql://trender:SECRET@db/trender", "https://:SECRET@host/path",
        "?client_id=1&client_secret=SECRET&code=2", '{"client_secret": "SECRET"}',
        "access_token=SECRET", "refresh_token=SECRET&x=1", "device_code: SECRET",
        "PGPASSWORD=SECRET psql", "GITHUB_CLIENT_SECRET='SECRET'",
    ],
)  # fmt: skip
def test_one_redaction_knows_every_kind_of_secret(text: str) -> None:
    """There were two, which differed on five of ten samples: one let client_secret=… pass."""
    assert "SECRET" not in redact(text).replace("CLIENT_SECRET", "")
    assert "U0VDUkVU" not in redact(text)
    assert "***" in redact(text)


def test_words_that_only_sound_like_secrets_stay() -> None:
    """Sentences about tokens are for people, who must be able to read them."""
    text = "a token without scopes is a basic requirement; the bearer pays; https://h/x?a=b@c"
    assert redact(text) == text
