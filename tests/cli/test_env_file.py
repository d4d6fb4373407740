"""The `.env` file: other lines stay, mode 0600, awkward files."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from trender_assets.commands.env_file import env_file, read_values, write_values
from trender_assets.commands.failures import CommandFailure
from trender_assets.commands.ready import load_settings

URL = "postgresql://postgres@/trender?host=/a b/c&port=5432&application_name=trender-embedded"


def test_other_lines_stay_and_the_mode_is_private(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nGITHUB_TOKEN='x y'\nexport DATABASE_URL=old\n\nOTHER=1\n")
    path.chmod(0o644)
    assert write_values(path, {"DATABASE_URL": URL, "DAGSTER_MODULE_NAME": "m"})
    assert path.read_text() == (
        f"# mine\nGITHUB_TOKEN='x y'\nDATABASE_URL='{URL}'\n\nOTHER=1\nDAGSTER_MODULE_NAME=m\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_values(path)["DATABASE_URL"] == URL
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_written_when_nothing_changes(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    assert write_values(path, {"A": "1"})
    before = path.stat().st_mtime_ns
    assert not write_values(path, {"A": "1"})
    assert path.stat().st_mtime_ns == before
    path.chmod(0o644)
    assert write_values(path, {"A": "1"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_duplicates_collapse_into_the_first(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\nB=2\nA=3\nAB=4\n")
    write_values(path, {"A": "5"})
    assert path.read_text() == "A=5\nB=2\nAB=4\n"


@pytest.mark.parametrize("value", ["", "plain", "with space", "a'b", 'a"b', "$HOME", "#x", "a\\b"])
def test_values_come_back_as_they_were(tmp_path: Path, value: str) -> None:
    path = tmp_path / ".env"
    write_values(path, {"A": value})
    assert read_values(path) == {"A": value}


def test_bom_and_crlf_are_read_and_the_bom_removed(tmp_path: Path) -> None:
    """Behind a byte-order mark the first variable would not be found."""
    path = tmp_path / ".env"
    path.write_bytes(b"\xef\xbb\xbfGITHUB_TOKEN=abc\r\nB='2'\r\n")
    assert read_values(path) == {"GITHUB_TOKEN": "abc", "B": "2"}
    write_values(path, {"C": "3"})
    assert path.read_bytes() == b"GITHUB_TOKEN=abc\nB='2'\nC=3\n"


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    target = tmp_path / "real"
    target.write_text("A=1\n")
    link = tmp_path / ".env"
    link.symlink_to(target)
    write_values(link, {"A": "2"})
    assert link.is_symlink()
    assert target.read_text() == "A=2\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "missing" / ".env"
    with pytest.raises(CommandFailure, match="TRENDER_ENV_FILE") as caught:
        write_values(path, {"A": "1"})
    assert str(path) in str(caught.value)


def test_which_file_it_is(
    clean_process: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert env_file() == clean_process
    monkeypatch.delenv("TRENDER_ENV_FILE")
    monkeypatch.chdir(tmp_path)
    assert env_file().name == ".env"
    assert env_file().parent != tmp_path
    (tmp_path / ".env").write_text("")
    assert env_file() == tmp_path / ".env"


def test_settings_read_the_named_file_and_hide_its_secrets(clean_process: Path) -> None:
    clean_process.write_text("GITHUB_TOKEN=one-secret, two-secret\n")
    settings = load_settings()
    assert settings.github_tokens == ("one-secret", "two-secret")
    from trender_assets.github.redaction import redact

    assert redact("one-secret two-secret") == "*** ***"


def test_a_setting_that_cannot_be_used_is_named_without_its_value(clean_process: Path) -> None:
    clean_process.write_text("GITHUB_API_BASE_URL=ftp://secret.example\n")
    with pytest.raises(CommandFailure, match="GITHUB_API_BASE_URL") as caught:
        load_settings()
    assert "secret.example" not in str(caught.value)
    assert caught.value.exit_code == 3
