"""Files from answers: every kind of object, changed texts only, READMEs of any name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github.asking import answering, failed, nobody
from trender_assets.github.answers import Found, Unknown
from trender_assets.trending.reading.file_entry import from_object
from trender_assets.trending.reading.files import ALIASES, further_paths, read_files
from trender_assets.trending.reading.readme_file import readme_entry


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
    """Binary, giant, directory, submodule: a typed status, never a bare None."""
    assert from_object(value)["status"] == status


async def test_texts_are_clipped() -> None:
    """512 KB at most are kept."""
    file = from_object({**text_blob("a", "x" * 600_000)})
    assert (file["status"], len(file["text"])) == ("too_large", 512 * 1024)


async def test_first_reading_has_every_path() -> None:
    """All root paths are there, absent ones too; a symlink is no file."""
    root = {"entries": [{"name": "Dockerfile", "type": "blob", "mode": 0o120000, "oid": "d"}]}
    files = await read_files(
        node(renderYaml=text_blob("r", "services: []"), dockerfile=text_blob("d", "docker/prod"), root=root),
        (), None, nobody,
    )  # fmt: skip
    assert isinstance(files, Found)
    assert set(files.value) == {*ALIASES.values(), "README.md"}
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
    """Unknown never overwrites known; a first reading keeps the rest and says which failed."""
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
    """The key is README.md whatever its case; its real name is the reason."""
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


def tree(**modes: int) -> dict[str, Any]:
    return {"entries": [{"name": name.replace("_", "."), "type": "blob", "mode": mode, "oid": name}
                        for name, mode in modes.items()]}  # fmt: skip


async def test_a_readme_that_is_a_link_is_the_text_it_leads_to() -> None:
    """A README.md that links to another file of the repository left every README value null."""
    root = tree(README_md=0o120000)
    link = text_blob("l", "docs/guide.md")
    ask = answering(text_blob("g", "# Guide"))
    first = await read_files(node(readme=link, root=root), (), None, ask)
    assert isinstance(first, Found)
    readme = first.value["README.md"]
    assert (readme["status"], readme["text"], readme["reason"]) == (
        "found",
        "# Guide",
        "docs/guide.md",
    )
    assert ask.asked[0].variables == {"path": "HEAD:docs/guide.md"}
    assert further_paths(first.value) == ("docs/guide.md",)
    ids = node(readme=id_blob("l"), paths={"docs/guide.md": id_blob("g")})
    assert await read_files(ids, (), first.value, nobody) == first
    changed = node(readme=id_blob("l"), paths={"docs/guide.md": id_blob("h")})
    ask = answering(link, root, text_blob("h", "# New"))
    again = await read_files(changed, (), first.value, ask)
    assert isinstance(again, Found) and again.value["README.md"]["text"] == "# New"


@pytest.mark.parametrize("target", ["../../etc/passwd", "/etc/passwd", "README.md", "gone.md"])
async def test_a_link_that_leads_nowhere_is_no_file(target: str) -> None:
    root = tree(README_md=0o120000)
    node_ = node(readme=text_blob("l", target), root=root)
    files = await read_files(node_, (), None, answering(None))
    assert isinstance(files, Found)
    assert files.value["README.md"]["status"] == "not_a_file"


async def test_links_that_lead_to_each_other_end() -> None:
    """After the first link only the text decided: the path in the fourth was taken for the README."""
    root = tree(README_md=0o120000, a_md=0o120000, b_md=0o120000)
    ask = answering(text_blob("a", "b.md"), text_blob("b", "a.md"))
    files = await read_files(node(readme=text_blob("l", "a.md"), root=root), (), None, ask)
    assert isinstance(files, Found) and files.value["README.md"]["status"] == "not_a_file"


async def test_a_readme_of_one_word_is_no_link() -> None:
    """A README that says nothing but `main.py` was replaced by that file."""
    root = tree(README_md=0o100644, main_py=0o100644)
    files = await read_files(node(readme=text_blob("r", "main.py\n"), root=root), (), None, nobody)
    assert isinstance(files, Found) and files.value["README.md"]["text"] == "main.py\n"


async def test_a_link_to_a_file_without_an_ending_is_followed() -> None:
    """A link to `docs/README` kept that path as the README's text."""
    ask = answering(text_blob("d", "hello"), tree(README=0o100644))
    files = await read_files(
        node(readme=text_blob("l", "docs/README"), root=tree(README_md=0o120000)), (), None, ask
    )
    assert isinstance(files, Found)
    assert (files.value["README.md"]["text"], files.value["README.md"]["reason"]) == (
        "hello",
        "docs/README",
    )


async def test_a_folder_that_does_not_come_leaves_the_readme_unknown() -> None:
    files = await read_files(
        node(readme=text_blob("l", "docs/README")), (), None, answering(failed("timeout"))
    )
    assert isinstance(files, Found) and files.value["README.md"]["status"] == "unknown"


async def test_the_readme_that_github_shows_wins() -> None:
    """.github first, then the root, then docs."""
    everywhere = {
        "githubReadme": text_blob("1", "# one"),
        "readme": text_blob("2", "# two"),
        "docsReadme": text_blob("3", "# three"),
    }
    texts = []
    for name in ("githubReadme", "readme", "docsReadme"):
        files = await read_files(node(**everywhere), (), None, nobody)
        assert isinstance(files, Found)
        texts.append((files.value["README.md"]["text"], files.value["README.md"]["reason"]))
        assert await read_files(
            node(**{key: id_blob(value["oid"]) for key, value in everywhere.items()}),
            (), files.value, nobody,
        ) == files  # fmt: skip
        del everywhere[name]
    assert texts == [("# one", ".github/README.md"), ("# two", None), ("# three", "docs/README.md")]
