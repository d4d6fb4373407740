"""How a command fails: the exit code and the one sentence a person reads.

Define here which error means which code. An error that is not listed is a bug in Trender: it
says so, and TRENDER_DEBUG=1 shows where it came from.
"""

from __future__ import annotations

import errno

from trender_assets.warehouse.errors import why

OK = 0
BUG = 1
USAGE = 2
CONFIGURATION = 3
UPSTREAM = 4
DATA_QUALITY = 5
INTERRUPTED = 130

# By name, so that saying why something failed never imports what failed.
CONFIGURATION_ERRORS = frozenset(
    {
        "SettingsError",
        "WarehouseError",
        "MissingToken",
        "BadCredentials",
        "NotGitHub",
        "InsufficientPrivilege",
    }
)
UPSTREAM_ERRORS = frozenset({"GitHubError", "HTTPError", "RateLimited", "BudgetExhausted"})
STORAGE_ERRORS = {
    errno.ENOSPC: "the disk is full; free some space and run the command again",
    errno.EDQUOT: "the disk quota is used up; free some space and run the command again",
    errno.EROFS: "the file system is read-only; set TRENDER_DATA_DIR to a folder you may write to",
    errno.EACCES: "permission denied; set TRENDER_DATA_DIR to a folder you may write to",
}


class CommandFailure(Exception):
    """A command can't do what was asked, and knows why.

    Attributes:
        exit_code: One of this module's codes.
    """

    def __init__(self, message: str, exit_code: int = CONFIGURATION) -> None:
        super().__init__(message)
        self.exit_code = exit_code


def explain(error: BaseException) -> tuple[str, int]:
    """The sentence and the exit code of an error."""
    if isinstance(error, CommandFailure):
        return str(error), error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return "interrupted", INTERRUPTED
    names = {parent.__name__ for parent in type(error).__mro__}
    if names & CONFIGURATION_ERRORS:
        return _first_paragraph(error), CONFIGURATION
    if names & UPSTREAM_ERRORS:
        return _first_paragraph(error), UPSTREAM
    if "DiskFull" in names:
        return f"{why(error)}.", CONFIGURATION
    if "OperationalError" in names or "InterfaceError" in names:
        return (
            f"PostgreSQL: {_first_paragraph(error)} "
            "(check DATABASE_URL, or run `trender db status`)",
            CONFIGURATION,
        )
    if isinstance(error, OSError) and error.errno in STORAGE_ERRORS:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{STORAGE_ERRORS[error.errno]}", CONFIGURATION
    return (
        f"unexpected {type(error).__name__}: {_first_paragraph(error)} "
        "(set TRENDER_DEBUG=1 to see where)",
        BUG,
    )


def _first_paragraph(error: BaseException) -> str:
    return str(error).strip().split("\n\n")[0].strip() or type(error).__name__
