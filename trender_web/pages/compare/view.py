"""`/compare/{owner}/{name}/{owner}/{name}…`: two to five repositories side by side.

Define here the comparison and its twins. What is known of each repository is gathered by
`trender_web.pages.repository.data`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from trender_web.answer.answers import Twin, csv_answer, html_answer, json_answer, store_of
from trender_web.answer.errors import Problem, invalid
from trender_web.answer.openapi import CSV_ANSWER, JSON_ANSWER
from trender_web.answer.params import once
from trender_web.answer.text import NAME_PATTERN, OWNER_PATTERN, is_repository, repository_path
from trender_web.data.store import Reading, Row
from trender_web.drawing.lines import Series, line_figure
from trender_web.pages.methodology.data import Metric, metrics
from trender_web.pages.repository.data import (
    PUBLIC,
    Moved,
    by_week,
    find_repository,
    public,
    star_lines,
)

router = APIRouter(tags=["compare"], dependencies=[once])
FEWEST, MOST = 2, 5
SOURCE = "analytics.repositories_current"
Owner = Annotated[str, Path(pattern=f"^{OWNER_PATTERN}$")]
Name = Annotated[str, Path(pattern=f"^{NAME_PATTERN}$")]


@router.get("/compare", include_in_schema=False)
def choose(
    request: Request, repo: Annotated[list[str] | None, Query(max_length=MOST)] = None
) -> Response:
    """The form; with names given, on to the comparison."""
    names = [name.strip() for name in repo or [] if name.strip()]
    wrong = [name for name in names if not is_repository(*_parts(name))]
    if wrong:
        raise invalid("repo", f"{wrong[0][:80]} is not a repository", "owner/name")
    unique = list(dict.fromkeys(names))
    if len(unique) >= FEWEST:
        return RedirectResponse(_path(unique), 303)

    def answer(reading: Reading) -> Response:
        names = [] if reading.version.is_empty else reading.rows("leaders")
        return html_answer(
            request, reading, "compare.html",
            title="Compare repositories", canonical="/compare", section="/compare",
            description="Two to five repositories side by side.", rows=[], lines=[], figure=None,
            suggestions=[row["repo_full_name"] for row in names], given=unique,
        )  # fmt: skip

    return store_of(request).read(answer)


@router.get(
    "/compare/{owner}/{name}/{other_owner}/{other_name}.json",
    responses=JSON_ANSWER,
    response_class=Response,
)
def as_json(
    request: Request, owner: Owner, name: Name, other_owner: Owner, other_name: Name
) -> Response:
    """Two repositories; three to five with further `/{owner}/{name}` before the ending."""
    return _json(request, [f"{owner}/{name}", f"{other_owner}/{other_name}"])


@router.get(
    "/compare/{owner}/{name}/{other_owner}/{other_name}.csv",
    responses=CSV_ANSWER,
    response_class=Response,
)
def as_csv(
    request: Request, owner: Owner, name: Name, other_owner: Owner, other_name: Name
) -> Response:
    """The same as CSV: one row per repository."""
    return _csv(request, [f"{owner}/{name}", f"{other_owner}/{other_name}"])


@router.get("/compare/{path:path}", include_in_schema=False)
def page(request: Request, path: str) -> Response:
    """The comparison, in whichever form the address ends with."""
    for suffix, form in ((".json", _json), (".csv", _csv)):
        if path.endswith(suffix):
            return form(request, _names(path.removesuffix(suffix)))
    names = _names(path)
    return _read(request, names, "", lambda reading, rows: _page(request, reading, rows))


def _json(request: Request, names: list[str]) -> Response:
    def answer(reading: Reading, rows: list[Row]) -> Response:
        return json_answer(request, reading, [public(row) for row in rows], source=SOURCE)

    return _read(request, names, ".json", answer)


def _csv(request: Request, names: list[str]) -> Response:
    def answer(reading: Reading, rows: list[Row]) -> Response:
        return csv_answer(reading, rows, PUBLIC, name="compare")

    return _read(request, names, ".csv", answer)


def _read(
    request: Request,
    names: list[str],
    suffix: str,
    answer: Callable[[Reading, list[Row]], Response],
) -> Response:
    unique = list({name.lower(): name for name in names}.values())
    if not FEWEST <= len(unique) <= MOST:
        raise Problem(
            404, "Nothing to compare", f"Give {FEWEST} to {MOST} different repositories.",
            suggestions=[("/compare", "Choose repositories")],
        )  # fmt: skip

    def found(reading: Reading) -> Response:
        if reading.version.is_empty:
            raise Problem(404, "No data yet", "Trender has not made its first run.")
        rows: list[Row] = []
        present: list[str] = []
        for name in unique:
            try:
                row = find_repository(reading, *_parts(name))
                rows.append(row)
                present.append(row["repo_full_name"])
            except Moved as moved:
                present.append(moved.full_name)
        if present != names:
            return RedirectResponse(_path(list(dict.fromkeys(present))) + suffix, 308)
        return answer(reading, rows)

    return store_of(request).read(found)


def _page(request: Request, reading: Reading, rows: list[Row]) -> Response:
    names = [row["repo_full_name"] for row in rows]
    stars = star_lines(reading, rows, 366)
    figure = line_figure(
        "Stars gained per week",
        "Whole weeks, each repository from one source; sources are named below.",
        [Series(row["repo_full_name"], by_week(stars[row["repo_id"]])) for row in rows],
        unit="stars a week",
    )
    path = _path(names)
    return html_answer(
        request, reading, "compare.html",
        title=" · ".join(names), canonical=path, section="/compare",
        description=f"{' and '.join(names)} side by side.",
        twins=[
            Twin(f"{path}.csv", "text/csv", "Download CSV"),
            Twin(f"{path}.json", "application/json", "JSON"),
        ],
        rows=rows, lines=_lines(rows), figure=figure, suggestions=[], given=names,
    )  # fmt: skip


def _lines(rows: list[Row]) -> list[tuple[Metric, list[tuple[Any, str | None, bool]]]]:
    """One line per metric: (value, reason when missing, whether it is the largest)."""
    lines = []
    for metric in metrics():
        if metric.column not in rows[0]:
            continue
        values = [row.get(metric.column) for row in rows]
        known = [value for value in values if value is not None]
        is_rank = metric.column.startswith("rank")
        best = (min(known) if is_rank else max(known)) if len(set(known)) > 1 else None
        lines.append(
            (
                metric,
                [
                    (
                        value,
                        row["momentum_reason"] or row["unranked_reason"],
                        best is not None and value == best,
                    )
                    for value, row in zip(values, rows, strict=True)
                ],
            )
        )
    return lines


def _names(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    if len(parts) % 2:
        raise Problem(
            404, "Nothing to compare", "An address is /compare/owner/name/owner/name.",
            suggestions=[("/compare", "Choose repositories")],
        )  # fmt: skip
    return [f"{owner}/{name}" for owner, name in zip(parts[::2], parts[1::2], strict=True)]


def _parts(full_name: str) -> tuple[str, str]:
    owner, _, name = full_name.partition("/")
    return owner, name


def _path(names: list[str]) -> str:
    return "/compare" + "".join(repository_path(name, "/") for name in names)
