"""dbt in this process: one invocation at a time, its results as plain facts.

Define here how the project is prepared and run; which assets that makes belongs to
`dbt.assets`. Measured: a subprocess costs about 10 s a run, this 2 to 4 s.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trender_assets.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from trender_assets.settings import FileSettings

PROJECT_DIR = PROJECT_ROOT / "trender_dbt"
# Models that a wing builds in a step and at a time of its own, as `dbt_project.yml` says.
OTHER_STEPS = "tag:other_step"
# dbt itself obeys DBT_TARGET_PATH, so the manifest has to be looked for there.
MANIFEST = Path(os.environ.get("DBT_TARGET_PATH") or PROJECT_DIR / "target") / "manifest.json"
# Parsing asks for no connection, but dbt renders the profile.
PARSE_ENVIRONMENT = {"PGHOST": "localhost", "PGUSER": "postgres", "PGDATABASE": "trender"}
SWITCH_SECONDS = 0.001
# As long as a run takes to put its first questions to GitHub, which must not share the processor.
HEAD_START_SECONDS = 0.8
SOURCE_FOLDERS = ("models", "macros", "tests", "seeds")
SOURCE_SUFFIXES = (".sql", ".yml", ".csv", ".md")


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node.

    Attributes:
        unique_id: dbt's id, such as ``model.trender.dim_languages``.
        status: dbt's word: success, error, fail, warn, pass, skipped.
        seconds: How long it ran.
        rows: Rows affected, or failing rows of a test; None when dbt does not say.
        message: dbt's message, or an empty text.
    """

    unique_id: str
    status: str
    seconds: float
    rows: int | None
    message: str


def dbt_vars(settings: FileSettings, others: Mapping[str, Any] | None = None) -> str:
    """The project's variables, as dbt's ``--vars`` takes them: the same text every time.

    dbt parses everything anew when they change, so they hold only what settings hold.
    """
    return json.dumps(
        {
            "languages": [
                {
                    "slug": language.slug,
                    "name": language.name,
                    "requires_nextjs": language.requires_nextjs,
                }
                for language in settings.languages
            ],
            "official_orgs": list(settings.render_organisations),
            "employees": list(settings.employees),
            **(others or {}),
        },
        sort_keys=True,
    )


def ensure_manifest(settings: FileSettings) -> Path:
    """Parse the project when its manifest is missing or of another state of it.

    Raises:
        RuntimeError: When the project does not parse; the text is dbt's.
    """
    with _one_at_a_time():
        state, parsed = _state(settings), MANIFEST.with_name(".manifest.state")
        if MANIFEST.exists() and parsed.exists() and parsed.read_text() == state:
            return MANIFEST
        parsed.unlink(missing_ok=True)
        # Parsing only what changed would lose what YAML says of a changed test in `tests/`, and
        # with it the asset that shows the test as a check (seen in dbt 1.11).
        outcome = _invoke(["parse", "--no-partial-parse"], settings, _parse_environment(), None)
        if not outcome.success:
            raise RuntimeError(f"the dbt project does not parse: {outcome.exception}")
        parsed.write_text(state)
    return MANIFEST


def _state(settings: FileSettings) -> str:
    """A digest of all a manifest is made of but the warehouse's address; measured, 5 ms."""
    digest = hashlib.sha256(f"{version('dbt-core')} {dbt_vars(settings)}".encode())
    for pattern in ("*.yml", *(f"{folder}/**/*" for folder in SOURCE_FOLDERS)):
        for path in sorted(PROJECT_DIR.glob(pattern)):
            if path.suffix in SOURCE_SUFFIXES:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(PROJECT_DIR)} {len(content)} ".encode() + content)
    return digest.hexdigest()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let no process read a manifest that another is writing: dbt writes it in place."""
    MANIFEST.parent.mkdir(parents=True, exist_ok=True)
    with (MANIFEST.parent / ".manifest.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _parse_environment() -> dict[str, str]:
    """The warehouse's own variables, if known: with others `build` would parse it all anew."""
    given = {name: value for name, value in os.environ.items() if name in PARSE_ENVIRONMENT}
    url = os.environ.get("DATABASE_URL")
    known: dict[str, str] = {}
    if url:
        from trender_assets.warehouse.connect import postgres_environment
        from trender_assets.warehouse.errors import WarehouseError

        with contextlib.suppress(WarehouseError):
            known = postgres_environment(url)
    return {**PARSE_ENVIRONMENT, **given, **known}


class Preparation:
    """dbt imported and the project read in a thread, while something else waits for the network.

    Args:
        settings: What `trender.yaml` says.
        environment: libpq's variables of the warehouse.
    """

    def __init__(self, settings: FileSettings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._environment = environment
        self._manifest: Any = None
        self._is_needed = threading.Event()
        self._thread = threading.Thread(target=self._prepare, name="prepare-dbt", daemon=True)
        self._thread.start()

    def manifest(self, environment: Mapping[str, str]) -> Any:
        """The project as dbt read it for this warehouse; None when `build` has to read it."""
        self._is_needed.set()
        self._thread.join()
        return self._manifest if environment == self._environment else None

    def _prepare(self) -> None:
        self._is_needed.wait(HEAD_START_SECONDS)
        usual = sys.getswitchinterval()
        # The other thread answers the network: it must not wait 5 ms for every turn.
        sys.setswitchinterval(min(usual, SWITCH_SECONDS))
        try:
            outcome = _invoke(["--no-write-json", "parse"], self._settings, self._environment, None)
        except Exception:
            return  # whatever is wrong, `build` meets it too and says so
        finally:
            sys.setswitchinterval(usual)
        self._manifest = outcome.result if outcome.success else None


_preparations: list[Preparation] = []


def prepare(settings: FileSettings, environment: Mapping[str, str]) -> None:
    """Begin to read the project for the next `build` of this process."""
    _preparations[:] = [Preparation(settings, environment)]


def build(
    settings: FileSettings,
    environment: Mapping[str, str],
    *,
    select: Sequence[str] = (),
    full_refresh: bool = False,
    variables: Mapping[str, Any] | None = None,
    on_event: Callable[[Any], None] | None = None,
) -> tuple[bool, list[NodeResult], str]:
    """Run ``dbt build``.

    Args:
        settings: What `trender.yaml` says; becomes dbt's variables.
        environment: libpq's variables of the warehouse.
        select: Models to build; empty means all that no other step builds.
        full_refresh: Rebuild incremental models from raw.
        variables: dbt variables besides those of the settings; dbt then parses everything anew.
        on_event: Told of every dbt event.

    Returns:
        Whether everything passed, the nodes' results, and dbt's own error when it broke before
        running anything (else an empty text).

    Raises:
        WarehouseUnavailable: When readers can't be told, or were not told to the end, that a
            build goes on.
    """
    arguments = ["--no-write-json", "build"]
    arguments += ["--select", *select] if select else ["--exclude", OTHER_STEPS]
    if full_refresh:
        arguments.append("--full-refresh")
    manifest = _preparations.pop().manifest(environment) if _preparations else None
    from trender_assets.dbt.building import announced
    from trender_assets.warehouse.errors import WarehouseUnavailable

    outcome: Any = None
    try:
        with announced(environment):
            outcome = _invoke(arguments, settings, environment, on_event, manifest, variables)
    except WarehouseUnavailable:
        # What dbt says of a server that went away is of more use.
        if outcome is None or outcome.success:
            raise
    results = list(_node_results(outcome.result))
    error = "" if outcome.exception is None else str(outcome.exception)
    return bool(outcome.success), results, error


def _invoke(
    arguments: Sequence[str],
    settings: FileSettings,
    environment: Mapping[str, str],
    on_event: Callable[[Any], None] | None,
    manifest: Any = None,
    variables: Mapping[str, Any] | None = None,
) -> Any:
    os.environ.setdefault("DBT_SEND_ANONYMOUS_USAGE_STATS", "false")
    from dbt.cli.main import dbtRunner

    _skip_graph_summary()
    with _variables(environment):
        return dbtRunner(manifest=manifest, callbacks=[on_event] if on_event else []).invoke(
            [
                "--quiet",
                "--no-use-colors",
                "--log-level-file",
                "none",
                *arguments,
                "--project-dir",
                str(PROJECT_DIR),
                "--profiles-dir",
                str(PROJECT_DIR),
                "--vars",
                dbt_vars(settings, variables),
            ]
        )


@contextlib.contextmanager
def _variables(environment: Mapping[str, str]) -> Iterator[None]:
    """Let the process have these for a while: left there, they would bend later addresses."""
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _skip_graph_summary() -> None:
    """Spare dbt's graph_summary.json, which nothing reads.

    dbt turns every node into a dictionary for it, twice a build: measured, 0.8 s of an hourly
    run. dbt has no switch for it.
    """
    from dbt.compilation import Linker

    if hasattr(Linker, "get_graph_summary"):
        Linker.get_graph_summary = lambda self, manifest: {}


def _node_results(result: Any) -> Iterator[NodeResult]:
    for item in getattr(result, "results", None) or ():
        affected = getattr(item, "adapter_response", None) or {}
        rows = item.failures if item.failures is not None else affected.get("rows_affected")
        yield NodeResult(
            unique_id=item.node.unique_id,
            status=str(item.status),
            seconds=float(item.execution_time or 0.0),
            rows=rows if isinstance(rows, int) and rows >= 0 else None,
            message=str(item.message or ""),
        )
