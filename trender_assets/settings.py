"""Every setting of the pipeline, typed, in one place.

Define a setting here when a user may want to change it; read it once, at the edge.
Secrets come only from the environment or `.env`; lists and thresholds from `trender.yaml`.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[1]
GITHUB_API = "https://api.github.com"


class Language(BaseModel):
    """A language whose rising repositories are ranked.

    Attributes:
        slug: Partition key and page address, such as ``typescript``.
        name: GitHub's name of the language, such as ``TypeScript``.
        queries: Further repository search queries for candidates, besides the default ones.
        requires_nextjs: Rank only repositories that use Next.js 16 or later.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    name: str
    queries: tuple[str, ...] = ()
    requires_nextjs: bool = False


DEFAULT_LANGUAGES = (
    Language(slug="python", name="Python"),
    Language(
        slug="typescript",
        name="TypeScript",
        requires_nextjs=True,
        queries=("topic:nextjs",),
    ),
    Language(slug="go", name="Go"),
)


class FileSettings(BaseModel):
    """What `trender.yaml` may hold; every key has a default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    languages: tuple[Language, ...] = DEFAULT_LANGUAGES
    render_organisations: tuple[str, ...] = ("render-examples", "render-oss", "renderinc")
    render_topics: tuple[str, ...] = ("render", "render-deploy", "render-blueprints")
    employees: tuple[str, ...] = ()
    candidates_per_query: int = Field(default=100, ge=1, le=1000)
    render_candidates_per_source: int = Field(default=300, ge=1, le=1000)
    watch_days: int = Field(default=14, ge=0, le=365)
    code_search_every_hours: int = Field(default=24, ge=1)
    star_history_every_hours: int = Field(default=24, ge=1)
    raw_retention_days: int = Field(default=400, ge=60)
    card_picture_days: int = Field(default=60, ge=14)

    @field_validator("languages")
    @classmethod
    def _slugs_are_unique(cls, languages: tuple[Language, ...]) -> tuple[Language, ...]:
        slugs = [language.slug for language in languages]
        if len(set(slugs)) != len(slugs):
            raise ValueError(f"two languages share a slug: {', '.join(slugs)}")
        return languages


class Settings(BaseSettings):
    """The settings of one process, from the environment, `.env` and `trender.yaml`.

    Attributes:
        github_token: One token, or several separated by commas; read-only access to public
            repositories is enough, no scope is needed.
        github_api_base_url: GitHub, GitHub Enterprise (``https://host/api/v3``) or any server
            that speaks GitHub's API.
        database_url: A PostgreSQL address; unset means the embedded server.
        data_dir: Where the embedded server and other local state live.
        config: The path of `trender.yaml`.
        alert_webhook_url: Where failures are posted, if anywhere.
        dagster_url: The Dagster webserver that `trender trigger` and `status` talk to.
        github_client_id: OAuth client id, for `trender oauth`.
        github_client_secret: OAuth client secret; only the web flow needs it.
    """

    model_config = SettingsConfigDict(
        env_file=os.environ.get("TRENDER_ENV_FILE") or (PROJECT_ROOT / ".env", ".env"),
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
    )

    github_token: SecretStr | None = None
    github_access_token: SecretStr | None = None
    github_api_base_url: str = GITHUB_API
    database_url: str | None = None
    data_dir: Path = Field(default=PROJECT_ROOT / ".trender", alias="TRENDER_DATA_DIR")
    config: Path | None = Field(default=None, alias="TRENDER_CONFIG")
    alert_webhook_url: SecretStr | None = Field(default=None, alias="TRENDER_ALERT_WEBHOOK_URL")
    dagster_url: str = Field(default="http://127.0.0.1:3000", alias="TRENDER_DAGSTER_URL")
    web_url: str = Field(default="http://127.0.0.1:8787", alias="TRENDER_WEB_URL")
    github_client_id: str | None = None
    github_client_secret: SecretStr | None = None
    github_oauth_url: str = Field(default="https://github.com", alias="TRENDER_GITHUB_OAUTH_URL")

    @field_validator("github_api_base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https"):
            raise ValueError("GITHUB_API_BASE_URL must start with https:// (or http://)")
        return value.rstrip("/")

    @property
    def github_tokens(self) -> tuple[str, ...]:
        """The tokens to use in turn; empty when none is set."""
        secret = self.github_token or self.github_access_token
        if secret is None:
            return ()
        return tuple(
            token.strip() for token in secret.get_secret_value().split(",") if token.strip()
        )

    @cached_property
    def file(self) -> FileSettings:
        """What `trender.yaml` says, or the defaults when there is none.

        Raises:
            SettingsError: When the file can't be read as what it should be.
        """
        return read_file_settings(self.config or PROJECT_ROOT / "trender.yaml")


_given: Settings | None = None


def use(settings: Settings) -> None:
    """Hand a command's settings down to what runs in this process."""
    global _given
    _given = settings


def current() -> Settings:
    """The settings a command handed down; without a command, those of the environment.

    Only the edge asks for them: the code location when Dagster loads it, and its resources.
    """
    return _given or Settings()


class SettingsError(Exception):
    """A setting can't be used; the message names it and the file it is in."""


def read_file_settings(path: Path) -> FileSettings:
    """Read `trender.yaml`; a missing file means the defaults.

    Raises:
        SettingsError: Naming the file, the key and what is allowed.
    """
    if not path.exists():
        return FileSettings()
    import yaml
    from pydantic import ValidationError

    try:
        document: Any = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return FileSettings.model_validate(document)
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not valid YAML: {error}") from None
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        )
        raise SettingsError(f"{path}: {problems}") from None
