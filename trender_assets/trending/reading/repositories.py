"""Reads repositories: their object, what is listed of it and its files, in one pass if it can.

Define here what a reading is and how the parts of one come together; sources that list the same
repository share one reading. What each part means belongs to `core`, the readers and `files`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trender_assets.github.answers import Absent, Answer, Found, Unknown
from trender_assets.github.batches import Batches, Part
from trender_assets.github.collector import Collector
from trender_assets.trending.detection.workspaces import COVERAGE
from trender_assets.trending.reading.core import core_of, may_be_blocked
from trender_assets.trending.reading.fields import Field, FollowUps
from trender_assets.trending.reading.files import (
    ROOT_PATHS,
    Files,
    further_paths,
    has_failed_paths,
    read_files,
)
from trender_assets.trending.reading.first_pass import READERS, FirstPass, Wanted
from trender_assets.trending.reading.reading import (
    RepositoryReading,
    StreamReader,
    StreamReading,
    Streams,
    Window,
)
from trender_assets.trending.reading.workspace_files import (
    NO_SCRIPTS,
    add_workspaces,
    may_have_scripts,
)

if TYPE_CHECKING:
    from trender_assets.github.client import GitHubClient
    from trender_assets.trending.reading.discovery import Candidate

QUIET_SECONDS = 0.15
PATIENCE_SECONDS = 1.5
FOLLOW_UP_QUIET_SECONDS = 0.06
FOLLOW_UP_PATIENCE_SECONDS = 0.25
MOST_CONFIRMATIONS = 10

KnownFiles = Mapping[int, Mapping[str, dict[str, Any]]]
Workspaces = Collection[int] | Callable[[int], bool]


async def read_repositories(
    client: GitHubClient,
    candidates: Sequence[Candidate],
    *,
    as_of: datetime,
    known_files: KnownFiles | None = None,
    with_listings: bool = True,
    with_files: bool = True,
    workspace_repo_ids: Workspaces = (),
) -> AsyncIterator[RepositoryReading]:
    """Read repositories once, outside of a run that shares a `RepositoryReader`."""
    reader = RepositoryReader(
        client, as_of=as_of, with_listings=with_listings, with_files=with_files
    )
    async for reading in reader.read(
        candidates, known_files=known_files, with_workspaces=workspace_repo_ids
    ):
        yield reading


class RepositoryReader:
    """Reads each repository once per run, whoever asks, in batches that all askers fill.

    Args:
        client: The open client.
        as_of: The run's logical time (aware); every window ends there.
        with_listings: Whether what is listed of them is asked for.
        with_files: Whether files are asked for.
    """

    def __init__(
        self,
        client: GitHubClient,
        *,
        as_of: datetime,
        with_listings: bool = True,
        with_files: bool = True,
    ) -> None:
        self._client = client
        self._as_of = as_of
        self._window = Window.before(as_of)
        self._with_listings = with_listings
        self._with_files = with_files
        self._readings: dict[str, asyncio.Task[RepositoryReading]] = {}
        self._confirmations = MOST_CONFIRMATIONS
        self._first_passes: list[Batches[Wanted]] = []
        self._texts = self._lane(with_texts=True)
        self._ids = self._lane(with_texts=False)
        follow_ups = FollowUps()
        self._follow_ups: Collector[Field] = Collector(
            Batches(client, follow_ups),
            follow_ups,
            client.clock,
            more_may_come=self._is_first_pass_under_way,
            quiet=FOLLOW_UP_QUIET_SECONDS,
            patience=FOLLOW_UP_PATIENCE_SECONDS,
        )

    def begin(
        self,
        candidates: Sequence[Candidate],
        *,
        known_files: KnownFiles | None = None,
        with_workspaces: bool | Workspaces = False,
    ) -> None:
        """Begin to read candidates that nobody asked for yet, for whoever asks by and by.

        Args:
            candidates: Whom to read.
            known_files: Files as last stored by numeric id; only changed texts are read again.
            with_workspaces: Whether workspaces' manifests are searched in all of them, or in
                which (numeric ids). Repositories with TypeScript or JavaScript in them and those
                with known workspaces are always searched, so that every asker gets the same files.
        """
        for candidate in candidates:
            if candidate.node_id in self._readings:
                continue
            known = (known_files or {}).get(candidate.repo_id)
            wanted = _is_wanted(with_workspaces, candidate.repo_id)
            task = asyncio.create_task(self._read_one(candidate, known, wanted))
            # Every asker of a failed reading gets its error; a reading nobody awaits is silent.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._readings[candidate.node_id] = task

    async def read(
        self,
        candidates: Sequence[Candidate],
        *,
        known_files: KnownFiles | None = None,
        with_workspaces: bool | Workspaces = False,
    ) -> AsyncIterator[RepositoryReading]:
        """Read candidates as `begin` does; yields as answers come, each node id once.

        Raises:
            BadCredentials: When GitHub refused every token.
        """
        self.begin(candidates, known_files=known_files, with_workspaces=with_workspaces)
        tasks = {self._readings[candidate.node_id] for candidate in candidates}
        for earliest in asyncio.as_completed(tasks):
            yield await earliest

    async def _read_one(
        self,
        candidate: Candidate,
        known: Mapping[str, dict[str, Any]] | None,
        with_workspaces: bool,
    ) -> RepositoryReading:
        is_due = self._is_due_for_all_texts(candidate.repo_id)
        lane = self._texts if known is None or is_due else self._ids
        part = await lane.ask(
            Wanted(
                candidate.node_id,
                self._with_listings,
                self._with_files,
                further_paths(known) if self._with_files else (),
            )
        )
        core = core_of(part.data, part.errors, part.problem)
        self._client.unreadable.add_part(core, part.data, candidate.repo_id, candidate.full_name)
        if may_be_blocked(core):
            core = await self._confirmed(core, candidate)
        if not isinstance(core, Found):
            return RepositoryReading(
                candidate.node_id,
                None,
                candidate.full_name,
                core,
                {},
                core if self._with_files else None,
                part.fetched_at,
            )
        files, streams = await asyncio.gather(
            self._files(part, known, with_workspaces, is_due), self._streams(part)
        )
        return RepositoryReading(
            candidate.node_id,
            core.value["databaseId"],
            core.value["nameWithOwner"],
            core,
            streams,
            files,
            part.fetched_at,
        )

    async def _streams(self, part: Part) -> Streams:
        async def read(reader: StreamReader) -> Streams:
            problem = self._missing(part, reader.field)
            if problem is not None:
                return dict.fromkeys(reader.streams, problem)
            return await reader.read(part.data, self._as_of, self._follow_ups.ask)

        found: dict[str, Answer[StreamReading]] = {}
        for streams in await asyncio.gather(*(read(reader) for reader in READERS)):
            found |= streams
        return found

    async def _files(
        self,
        part: Part,
        known: Mapping[str, dict[str, Any]] | None,
        with_workspaces: bool,
        is_due: bool,
    ) -> Answer[Files] | None:
        if not self._with_files:
            return None
        if "packageJson" not in part.data:
            return Unknown("resource_limits: the files were left out to get the rest")
        node, ask = part.data, self._follow_ups.ask
        files = await read_files(node, part.errors, known, ask)
        if not isinstance(files, Found):
            return files
        if with_workspaces or may_have_scripts(node) or _has_workspaces(known):
            files = await add_workspaces(
                self._client,
                node,
                files.value,
                known,
                ask,
                is_due=is_due,
                has_failed=has_failed_paths(part.errors),
            )
        else:
            files = Found({**files.value, COVERAGE: NO_SCRIPTS})
        if isinstance(files, Found) and known is not None and files.value == dict(known):
            return None
        return files

    def _missing(self, part: Part, field: str) -> Unknown | None:
        """Why a listing did not come with the first pass."""
        if not self._with_listings:
            return Unknown("not asked")
        if field not in part.data:
            return Unknown("resource_limits: left out to get the rest")
        for error in part.errors:
            if error["path"] and error["path"][0] == field:
                return Unknown(str(error.get("message", "error"))[:200])
        return None

    async def _confirmed(
        self, core: Answer[dict[str, Any]], candidate: Candidate
    ) -> Answer[dict[str, Any]]:
        """Why a repository can't be had: REST says whether it was blocked, GraphQL does not."""
        if self._confirmations <= 0 or candidate.repo_id <= 0:
            return core
        self._confirmations -= 1
        answer = await self._client.get(f"/repositories/{candidate.repo_id}", purpose="gone")
        return answer if isinstance(answer, Absent) else core

    def _is_due_for_all_texts(self, repo_id: int) -> bool:
        """Once a day, at an hour of its own, a repository is read as if it were new.

        That finds what object ids of known paths can't show: a README of another spelling, a new
        workspace folder.
        """
        return repo_id % 24 == self._as_of.hour

    def _is_first_pass_under_way(self) -> bool:
        return any(batches.under_way for batches in self._first_passes)

    def _lane(self, *, with_texts: bool) -> Collector[Wanted]:
        lane = FirstPass(self._window, with_texts=with_texts)
        batches = Batches(self._client, lane)
        self._first_passes.append(batches)
        return Collector(
            batches,
            lane,
            self._client.clock,
            more_may_come=self._client.is_searching,
            quiet=QUIET_SECONDS,
            patience=PATIENCE_SECONDS,
        )


def _is_wanted(workspaces: bool | Workspaces, repo_id: int) -> bool:
    if isinstance(workspaces, bool):
        return workspaces
    return workspaces(repo_id) if callable(workspaces) else repo_id in workspaces


def _has_workspaces(known: Mapping[str, Any] | None) -> bool:
    return known is not None and any(path not in ROOT_PATHS for path in known)
