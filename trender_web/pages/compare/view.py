"""`/compare/{owner}/{name}/{owner}/{name}…`: two to five repositories side by side.

Define here the comparison and its twins. What is known of each repository is gathered by
`trender_web.pages.repository.data`.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from trender_web.answer.answers import (
    Twin,
    csv_answer,
    from_reading,
    html_answer,
    json_answer,
)
from trender_web.answer.errors import Elsewhere, Problem, invalid, needs_data
from trender_web.answer.openapi import CSV_ANSWER, JSON_ANSWER
from trender_web.answer.params import Name, Owner, once
from trender_web.answer.text import is_repository, repository_path
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
TWO = "/compare/{owner}/{name}/{other_owner}/{other_name}"


@router.get("/compare", include_in_schema=False)
@from_reading
def choose(
    request: Request,
    reading: Reading,
    repo: Annotated[list[str] | None, Query(max_length=MOST)] = None,
) -> Response:
    """The form; with names given, on to the comparison."""
    names = [name.strip() for name in repo or [] if name.strip()]
    wrong = [name for name in names if not is_repository(*_parts(name))]
    if wrong:
        raise invalid("repo", f"{wrong[0][:80]} is not a repository", "owner/name")
    unique = list(dict.fromkeys(names))
    if len(unique) >= FEWEST:
        return RedirectResponse(_path(unique), 303)
    return html_answer(
        request, reading, "compare.html",
        title="Compare repositories", canonical="/compare", section="/compare",
        description="Two to five repositories side by side.", rows=[], lines=[], figure=None,
        suggestions=[row["repo_full_name"] for row in reading.rows("leaders")], given=unique,
    )  # fmt: skip


@router.get(f"{TWO}.json", responses=JSON_ANSWER)
@from_reading
def as_json(
    request: Request, reading: Reading, owner: Owner, name: Name, other_owner: Owner,
    other_name: Name,
) -> Response:  # fmt: skip
    """Two repositories; three to five with further `/{owner}/{name}` before the ending."""
    return _json(request, reading, [f"{owner}/{name}", f"{other_owner}/{other_name}"])


@router.get(f"{TWO}.csv", responses=CSV_ANSWER)
@from_reading
def as_csv(
    request: Request, reading: Reading, owner: Owner, name: Name, other_owner: Owner,
    other_name: Name,
) -> Response:  # fmt: skip
    """The same as CSV: one row per repository."""
    return _csv(request, reading, [f"{owner}/{name}", f"{other_owner}/{other_name}"])


@router.get("/compare/{path:path}", include_in_schema=False)
@from_reading
def page(request: Request, reading: Reading, path: str) -> Response:
    """The comparison, in whichever form the address ends with."""
    for suffix, form in ((".json", _json), (".csv", _csv)):
        if path.endswith(suffix):
            return form(request, reading, _names(path.removesuffix(suffix)))
    return _page(request, reading, _found(reading, _names(path)))


def _json(request: Request, reading: Reading, names: list[str]) -> Response:
    data = [public(row) for row in _found(reading, names, ".json")]
    return json_answer(request, reading, data, source=SOURCE)


def _csv(request: Request, reading: Reading, names: list[str]) -> Response:
    return csv_answer(reading, _found(reading, names, ".csv"), PUBLIC, name="compare")


def _found(reading: Reading, names: list[str], suffix: str = "") -> list[Row]:
    """The repositories of an address.

    Raises:
        Elsewhere: When one of them is named twice or by another name than its own.
        Problem: 404 when there are too few, too many, or one is not followed.
    """
    unique = list({name.lower(): name for name in names}.values())
    if not FEWEST <= len(unique) <= MOST:
        raise Problem(
            404, "Nothing to compare", f"Give {FEWEST} to {MOST} different repositories.",
            suggestions=[("/compare", "Choose repositories")],
        )  # fmt: skip
    needs_data(reading)
    rows: list[Row] = []
    present: list[str] = []
    for name in unique:
        try:
            rows.append(find_repository(reading, *_parts(name)))
            present.append(rows[-1]["repo_full_name"])
        except Moved as moved:
            present.append(moved.full_name)
    if present != names:
        raise Elsewhere(_path(list(dict.fromkeys(present))) + suffix)
    return rows


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
