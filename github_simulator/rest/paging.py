"""Pages of REST lists and their Link header.

Define how a list is cut here; search has its own rules in `rest.search`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from github_simulator.server.replies import Reply, failure
from github_simulator.server.requests import Call

T = TypeVar("T")
DEEPEST_PAGE = 400
PAGINATION_LIMITED = (
    "In order to keep the API fast for everyone, pagination is limited for this resource. "
    "Check the rel=last link relation in the Link response header to see how far back you can "
    "traverse."
)


def link_header(call: Call, path: str, page: int, last: int) -> dict[str, str]:
    """The Link header of a page; none when everything fits on one."""
    if last <= 1:
        return {}

    def url(number: int) -> str:
        return f"<{call.base}{path}?{urlencode({**call.query, 'page': str(number)})}>"

    links: list[str] = []
    if page > 1:
        links.append(f'{url(min(page - 1, last))}; rel="prev"')
    if page < last:
        links += [f'{url(page + 1)}; rel="next"', f'{url(last)}; rel="last"']
    if page > 1:
        links.append(f'{url(1)}; rel="first"')
    return {"Link": ", ".join(links)}


def paged(call: Call, items: Sequence[T], show: Callable[[T], Any], path: str) -> Reply:
    """A page of a list; past the end it is empty, past page 400 it is refused."""
    page, size = call.page()
    if page > DEEPEST_PAGE:
        return failure(422, PAGINATION_LIMITED, "https://docs.github.com/v3/#pagination")
    last = -(-len(items) // size)
    rows = items[(page - 1) * size : page * size]
    return Reply(200, [show(item) for item in rows], link_header(call, path, page, last))
