"""Settings: read once, typed, with errors that name the file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from trender_assets.settings import Settings, SettingsError, read_file_settings

SECRET = "ghp_" + "k9" * 18


def settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    """Settings of these variables and no file."""
    for name in ("GITHUB_TOKEN", "GITHUB_ACCESS_TOKEN", "GITHUB_API_BASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Settings(_env_file=None)  # pyright: ignore[reportCallIssue]


def test_what_a_command_read_is_what_its_assets_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """They made their own settings of the environment: another token would be another run."""
    from trender_assets import settings as module

    monkeypatch.setattr(module, "_given", None)
    own = settings(monkeypatch, GITHUB_TOKEN="first")
    assert module.current().github_tokens == ("first",)
    module.use(own)
    monkeypatch.setenv("GITHUB_TOKEN", "another")
    assert module.current() is own


def test_several_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commas part them, blanks do not count, an empty variable is none."""
    assert settings(monkeypatch, GITHUB_TOKEN=f" {SECRET}, b ,,").github_tokens == (SECRET, "b")
    assert settings(monkeypatch, GITHUB_TOKEN="").github_tokens == ()


def test_tokens_are_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither repr nor str nor a dump holds the token."""
    one = settings(monkeypatch, GITHUB_TOKEN=SECRET)
    assert SECRET not in repr(one) + str(one) + str(one.model_dump())


def test_an_address_needs_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what is wanted."""
    with pytest.raises(ValueError, match="https://"):
        settings(monkeypatch, GITHUB_API_BASE_URL="api.github.com")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("languages: [{slug: go, name: Go}, {slug: go, name: Golang}]", "share a slug"),
        ("languages: [{slug: 'C#', name: 'C#'}]", "slug"),
        ("watch_days: many", "watch_days"),
        ("unknown_key: 1", "unknown_key"),
        ("languages: [", "not valid YAML"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str, named: str) -> None:
    """File, key and reason, no traceback to read."""
    path = tmp_path / "trender.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError) as raised:
        read_file_settings(path)
    assert str(path) in str(raised.value)
    assert named in str(raised.value)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    """Three languages, TypeScript only with Next.js 16."""
    defaults = read_file_settings(tmp_path / "none.yaml")
    assert [language.slug for language in defaults.languages] == ["python", "typescript", "go"]
    assert [language.requires_nextjs for language in defaults.languages] == [False, True, False]
