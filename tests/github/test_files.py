"""Files and metrics from answers: every kind of object, changed texts only, all pages."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import graphql
import pytest

from tests.github.fakes import NOW
from trender_assets.github.answers import Absent, Found, Unknown
from trender_assets.github.batches import Part
from trender_assets.github.documents import fragments
from trender_assets.github.files import ALIASES, from_object, read_files, readme_entry
from trender_assets.github.first_pass import FirstPass, Wanted
from trender_assets.github.followups import (
    Field,
    FollowUps,
    blob,
    commit_page,
    commit_slice,
    issue_page,
)
from trender_assets.github.listings import MOST_PAGES
from trender_assets.github.metrics import Window, read_commits, read_issues, timestamp

AS_OF = datetime.fromtimestamp(NOW, UTC)
WINDOW = Window.before(AS_OF)


def answering(*data: Any):
    """An `ask` that answers in turn and keeps what it was asked."""
    waiting, asked = list(data), []

    async def ask(field: Field) -> Part:
        asked.append(field)
        current = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return current if isinstance(current, Part) else Part(current, (), None, AS_OF)

    ask.asked = asked  # type: ignore[attr-defined]
    return ask


async def nobody(field: Field) -> Part:
    raise AssertionError(f"nobody should ask for {field}")


def failed(reason: str) -> Part:
    return Part(None, (), reason, AS_OF)


def text_blob(oid: str, text: str) -> dict[str, Any]:
    return {
        "__typename": "Blob",
        "oid": oid,
        "byteSize": len(text),
        "isBinary": False,
        "isTruncated": False,
        "text": text,
    }


def id_blob(oid: str) -> dict[str, Any]:
    return {"__typename": "Blob", "oid": oid, "byteSize": 9}


def node(**objects: Any) -> dict[str, Any]:
    return {"id": "R_1", **dict.fromkeys(ALIASES), **objects}


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (text_blob("a", "x"), "found"),
        ({**text_blob("a", ""), "text": ""}, "found"),
        ({**text_blob("a", "x"), "isBinary": True, "text": None}, "binary"),
        ({**text_blob("a", "x"), "isBinary": None, "text": None}, "binary"),
        ({**text_blob("a", "x" * 99), "isTruncated": True}, "too_large"),
        ({**text_blob("a", ""), "isTruncated": True, "text": None}, "too_large"),
        ({**text_blob("a", "x"), "byteSize": 20_000_000}, "too_large"),
        ({"__typename": "Tree", "oid": "t"}, "not_a_file"),
        ({"__typename": "Commit", "oid": "s"}, "not_a_file"),
    ],
)
def test_every_kind_of_object_has_a_status(value: dict[str, Any], status: str) -> None:
    """A18: binary, giant, directory, submodule: a typed status, never a bare None."""
    assert from_object(value)["status"] == status


async def test_texts_are_clipped() -> None:
    """A18, B9: 512 KB at most are kept."""
    file = from_object({**text_blob("a", "x" * 600_000)})
    assert (file["status"], len(file["text"])) == ("too_large", 512 * 1024)


async def test_first_reading_has_every_path() -> None:
    """CONTRACTS: all root paths are there, absent ones too; a symlink is no file."""
    root = {"entries": [{"name": "Dockerfile", "type": "blob", "mode": 0o120000, "oid": "d"}]}
    files = await read_files(
        node(renderYaml=text_blob("r", "services: []"), dockerfile=text_blob("d", "docker/prod"), root=root),
        (), None, nobody,
    )  # fmt: skip
    assert isinstance(files, Found)
    assert set(files.value) == set(ALIASES.values())
    assert files.value["render.yaml"]["text"] == "services: []"
    assert files.value["render.yml"] == {
        "status": "absent",
        "oid": None,
        "byteSize": None,
        "text": None,
        "reason": None,
    }
    assert files.value["Dockerfile"]["status"] == "not_a_file"


async def test_only_changed_texts_are_asked_again() -> None:
    known = await read_files(
        node(packageJson=text_blob("1", "{}"), renderYaml=text_blob("y", "a")), (), None, nobody
    )
    assert isinstance(known, Found)
    ask = answering(text_blob("2", '{"v": 2}'))
    files = await read_files(
        node(packageJson=id_blob("2"), renderYaml=id_blob("y")), (), known.value, ask
    )
    assert isinstance(files, Found)
    assert [field.variables for field in ask.asked] == [{"oid": "2"}]  # type: ignore[attr-defined]
    assert files.value["package.json"]["text"] == '{"v": 2}'
    assert files.value["render.yaml"] == known.value["render.yaml"]
    assert (await read_files(node(), (), known.value, nobody)).value["package.json"][
        "status"
    ] == "absent"  # type: ignore[union-attr]


async def test_an_unreadable_change_keeps_what_was_known() -> None:
    """T18: unknown never overwrites known; a first reading keeps the rest and says which failed."""
    known = {
        path: {"status": "found", "oid": "1", "byteSize": 1, "text": "x", "reason": None}
        for path in ALIASES.values()
    }
    changed = node(**{alias: id_blob("1") for alias in ALIASES} | {"packageJson": id_blob("2")})
    assert await read_files(changed, (), known, answering(failed("http 502"))) == Unknown(
        "package.json: http 502"
    )
    errors = [{"path": ["renderYaml"], "message": "x"}]
    assert isinstance(await read_files(node(), errors, known, nobody), Unknown)
    first = await read_files(node(), errors, None, nobody)
    assert isinstance(first, Found) and first.value["render.yaml"]["status"] == "unknown"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["readme.md"], "readme.md"),
        (["README.rst", "Readme.md"], "Readme.md"),
        (["README", "README.txt"], "README"),
        (["readme.js", "READMEFIRST.md"], None),
        ([], None),
    ],
)
def test_readme_spellings(names: list[str], chosen: str | None) -> None:
    entries = [{"name": name, "type": "blob", "mode": 0o100644, "oid": name} for name in names]
    found = readme_entry(entries)
    assert (found or {}).get("name") == chosen


async def test_a_readme_of_another_name_is_followed() -> None:
    """CONTRACTS: the key is README.md whatever its case; its real name is the reason."""
    root = {"entries": [{"name": "readme.rst", "type": "blob", "mode": 0o100644, "oid": "7"}]}
    first = await read_files(node(root=root), (), None, answering(text_blob("7", "hello")))
    assert isinstance(first, Found)
    assert first.value["README.md"] | {"byteSize": 0} == {
        "status": "found",
        "oid": "7",
        "byteSize": 0,
        "text": "hello",
        "reason": "readme.rst",
    }
    again = await read_files(node(paths={"readme.rst": id_blob("7")}), (), first.value, nobody)
    assert again == first


def page(nodes: list[dict[str, Any]], cursor: str | None, total: int) -> dict[str, Any]:
    return {
        "totalCount": total,
        "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor},
        "nodes": nodes,
    }


def commit(number: int, login: str | None = "ann") -> dict[str, Any]:
    user = {"login": login, "databaseId": 1} if login else None
    author = {"name": "Ann", "email": "Ann@x.org", "user": user}
    return {
        "oid": str(number),
        "committedDate": "2026-11-20T00:00:00Z",
        "authors": {"nodes": [author]},
    }


def branch(content: dict[str, Any]) -> dict[str, Any]:
    return {"name": "main", "target": {"history": content}}


async def test_all_pages_of_commits_are_read() -> None:
    """T06: 199 commits are more than a page; repeated ones count once; no default page cuts."""
    pages = [[commit(n) for n in range(start, start + 100)] for start in (0, 60, 99)]
    ask = answering(branch(page(pages[1], "c2", 199)), branch(page(pages[2], None, 199)))
    commits, authors = await read_commits(
        {"id": "R_1", "commits": branch(page(pages[0], "c1", 199))}, WINDOW, ask
    )
    assert isinstance(commits, Found) and isinstance(authors, Found)
    assert commits.value.data["totalCount"] == len(commits.value.data["nodes"]) == 199
    assert not commits.value.is_truncated
    assert authors.value.data["nodes"][0]["authors"] == [
        {"login": "ann", "databaseId": 1, "name": "Ann", "email": "Ann@x.org"}
    ]
    assert [field.variables["after"] for field in ask.asked] == ["c1", "c2"]  # type: ignore[attr-defined]
    assert (commits.value.window_end - commits.value.window_start).days == 7


def busy(count: int) -> list[dict[str, Any]]:
    """Commits of a week, newest first, bunched towards its end."""
    span = (WINDOW.end - WINDOW.start).total_seconds()
    return [
        {
            **commit(number),
            "committedDate": timestamp(
                WINDOW.end - timedelta(seconds=span * (number / count) ** 1.3 * 0.99)
            ),
        }
        for number in range(count)
    ]


async def test_a_busy_repositorys_commits_are_read_at_once() -> None:
    """T06: 430 commits are the first page and one round of slices, whatever their number."""
    commits_of_the_week = busy(430)
    asked: list[Field] = []

    async def ask(field: Field) -> Part:
        asked.append(field)
        inside = [
            item
            for item in commits_of_the_week
            if field.variables["since"] <= item["committedDate"] <= field.variables["until"]
        ]
        more = "more" if len(inside) > 100 else None
        return Part(branch(page(inside[:100], more, len(inside))), (), None, AS_OF)

    first = branch(page(commits_of_the_week[:100], "c1", 430))
    commits, authors = await read_commits({"id": "R_1", "commits": first}, WINDOW, ask)
    assert isinstance(commits, Found) and isinstance(authors, Found)
    assert {item["oid"] for item in commits.value.data["nodes"]} == {
        item["oid"] for item in commits_of_the_week
    }
    assert len(asked) == 5 and all("after" not in field.variables for field in asked)


async def test_a_slice_of_more_than_a_page_is_read_to_its_end() -> None:
    """T06: half of the week's 430 commits came in one hour."""
    burst = [{**item, "committedDate": timestamp(WINDOW.start)} for item in busy(230)]
    early = [{**item, "oid": f"b{item['oid']}"} for item in burst]
    everything = [*busy(200), *early]

    async def ask(field: Field) -> Part:
        inside = [
            item
            for item in everything
            if field.variables["since"] <= item["committedDate"] <= field.variables["until"]
        ]
        start = int(field.variables.get("after", 0))
        more = str(start + 100) if len(inside) > start + 100 else None
        return Part(branch(page(inside[start : start + 100], more, len(inside))), (), None, AS_OF)

    first = branch(page(everything[:100], "100", 430))
    commits, _ = await read_commits({"id": "R_1", "commits": first}, WINDOW, ask)
    assert isinstance(commits, Found) and not commits.value.is_truncated
    assert len({item["oid"] for item in commits.value.data["nodes"]}) == 430


async def test_slices_that_do_not_add_up_are_read_page_by_page() -> None:
    """T06: a slice that fails costs time and loses nothing."""
    pages = [[commit(n) for n in range(start, start + 100)] for start in (100, 200)]

    async def ask(field: Field) -> Part:
        if "after" not in field.variables:
            return failed("timeout")
        number = 0 if field.variables["after"] == "c1" else 1
        return Part(branch(page(pages[number], ["c2", None][number], 300)), (), None, AS_OF)

    first = branch(page([commit(n) for n in range(100)], "c1", 300))
    commits, _ = await read_commits({"id": "R_1", "commits": first}, WINDOW, ask)
    assert isinstance(commits, Found)
    assert len(commits.value.data["nodes"]) == 300 and not commits.value.is_truncated


async def test_a_page_cap_is_said() -> None:
    """T06: the cap of 30 pages is marked, not hidden."""
    endless = page([commit(1)], "again", 100_000)
    commits, authors = await read_commits(
        {"id": "R_1", "commits": branch(endless)}, WINDOW, answering(branch(endless))
    )
    assert isinstance(commits, Found) and isinstance(authors, Found)
    assert commits.value.is_truncated and authors.value.is_truncated
    assert commits.value.data["totalCount"] == 100_000
    assert MOST_PAGES == 30


async def test_a_failing_page_makes_authors_unknown_not_fewer() -> None:
    """T08, T18: the total stays true, the list is marked, authors are unknown."""
    first = {"id": "R_1", "commits": branch(page([commit(1)], "c", 150))}
    commits, authors = await read_commits(first, WINDOW, answering(failed("timeout")))
    assert isinstance(commits, Found) and commits.value.is_truncated
    assert commits.value.data["totalCount"] == 150
    assert authors == Unknown("timeout")


async def test_an_empty_repository_has_no_commits() -> None:
    commits, authors = await read_commits(
        {"id": "R_1", "commits": None, "defaultBranchRef": None}, WINDOW, nobody
    )
    assert isinstance(commits, Found) and commits.value.data == {
        "branch": None,
        "totalCount": 0,
        "nodes": [],
    }
    assert isinstance(authors, Found) and authors.value.data == {"nodes": []}
    broken = {"id": "R_1", "commits": None, "defaultBranchRef": {"name": "main"}}
    assert isinstance((await read_commits(broken, WINDOW, nobody))[0], Unknown)


async def test_closed_issues_are_paged_and_disabled_issues_said() -> None:
    """T06, T07: every page of what was updated; closedAt is kept for whoever counts."""
    first = {"id": "R_1", "hasIssuesEnabled": True, "recentlyClosed": page([{"number": 1}], "c", 2)}
    issues = await read_issues(
        first, WINDOW, answering(page([{"number": 1}, {"number": 2}], None, 2))
    )
    assert isinstance(issues, Found)
    assert issues.value.data == {"hasIssuesEnabled": True, "nodes": [{"number": 1}, {"number": 2}]}
    assert await read_issues(first, WINDOW, answering(failed("timeout"))) == Unknown("timeout")
    off = await read_issues({"id": "R_1", "hasIssuesEnabled": False}, WINDOW, nobody)
    assert off == Absent("disabled")


def test_timestamps_are_utc_with_z(monkeypatch: pytest.MonkeyPatch) -> None:
    """T15: whatever the machine's zone, GitHub gets UTC; a naive time is refused."""
    monkeypatch.setenv("TZ", "America/New_York")
    assert timestamp(datetime.fromisoformat("2026-11-25T01:00:00+05:00")) == "2026-11-24T20:00:00Z"
    with pytest.raises(ValueError, match="zone"):
        timestamp(datetime(2026, 11, 25))  # noqa: DTZ001


@pytest.fixture(scope="module")
def schema(shared_data: Path) -> graphql.GraphQLSchema:
    with gzip.open(
        shared_data / "specs" / "github.schema.graphql.gz", "rt", encoding="utf-8"
    ) as file:
        return graphql.build_schema(file.read(), assume_valid=True)


def test_every_query_is_valid_against_githubs_schema(schema: graphql.GraphQLSchema) -> None:
    """Every fragment is used by a query that GitHub's real schema accepts, and asks for its cost."""
    fields = [
        blob("R_1", "a" * 40),
        commit_page("R_1", WINDOW.since, WINDOW.until, "c"),
        commit_slice("R_1", WINDOW.since, WINDOW.until),
        issue_page("R_2", WINDOW.since, "c"),
    ]
    texts = [
        FollowUps().request(fields)[0],
        *(FollowUps().request([field])[0] for field in fields),
        *(
            FirstPass(WINDOW, with_texts=with_texts).request(
                [Wanted("R_1", paths=("apps/web/package.json", "readme.rst")), Wanted("R_2")]
            )[0]
            for with_texts in (True, False)
        ),
    ]
    used = set()
    for text in texts:
        document = graphql.parse(text)
        assert graphql.validate(schema, document) == []
        assert "rateLimit { cost remaining resetAt nodeCount }" in text
        used |= {
            d.name.value
            for d in document.definitions
            if isinstance(d, graphql.FragmentDefinitionNode)
        }
    assert used == set(fragments())
