"""One file of a repository as the raw layer keeps it, read without trusting its shape.

Define an accessor here when a detector needs a further field of `raw_repo_files`. What a file
means belongs to its detector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Files = Mapping[str, Mapping[str, object]]

NOT_READ = "not_read"
_KNOWN_ANSWERS = frozenset(("found", "absent", "too_large", "binary", "not_a_file"))


@dataclass(frozen=True)
class RepositoryFile:
    """A file's answer: found, absent, or why it could not be read.

    Attributes:
        path: Path inside the repository.
        status: `found`, `absent`, `unknown`, `too_large`, `binary` or `not_a_file`; a path that
            nobody asked for is `unknown` with the reason `not_read`.
        text: The text, when there is one.
        blob_sha: Git's object id of the content.
        reason: Why the file could not be read.
    """

    path: str
    status: str
    text: str | None
    blob_sha: str | None
    reason: str | None

    @property
    def is_unread(self) -> bool:
        """Whether nobody knows if the file exists."""
        return self.status == "unknown"

    @property
    def exists(self) -> bool | None:
        """Whether there is a file (a folder or link is none); None when that is unknown."""
        if self.is_unread:
            return None
        return self.status not in ("absent", "not_a_file")

    @property
    def problem(self) -> str:
        """Why there is no text to read: the status and the reason, if one was given."""
        if self.is_unread:
            return self.reason or "unknown"
        status = "no_text" if self.status == "found" else self.status
        return f"{status}: {self.reason}" if self.reason else status


def read(files: Files, path: str) -> RepositoryFile:
    """The answer for one path.

    Args:
        files: `raw_repo_files.files`: path → `{status, oid, byteSize, text, reason}`.
        path: The path, with GitHub's spelling.
    """
    entry = files.get(path)
    if not isinstance(entry, Mapping):
        return RepositoryFile(path, "unknown", None, None, NOT_READ)
    status = entry.get("status")
    return RepositoryFile(
        path=path,
        status=status if isinstance(status, str) and status in _KNOWN_ANSWERS else "unknown",
        text=_text(entry.get("text")),
        blob_sha=_text(entry.get("oid")),
        reason=_text(entry.get("reason")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
