"""The documents are true: settings, commands, columns and scores are those of the code."""

from __future__ import annotations

import ast
import json
import re
import subprocess

import pytest
import typer

from scripts import data_dictionary, score_book
from trender_assets.commands.cli import app
from trender_assets.dbt.runner import ensure_manifest
from trender_assets.settings import PROJECT_ROOT, FileSettings, Settings

README = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
OPERATIONS = (PROJECT_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads(ensure_manifest(FileSettings()).read_text(encoding="utf-8"))


def test_the_data_dictionary_is_up_to_date(manifest: dict) -> None:
    written = data_dictionary.DICTIONARY.read_text(encoding="utf-8")
    assert written == data_dictionary.data_dictionary(manifest)


def test_the_scores_page_is_up_to_date() -> None:
    definitions = json.loads(score_book.DEFINITIONS.read_text(encoding="utf-8"))
    assert score_book.PAGE.read_text(encoding="utf-8") == score_book.score_book(definitions)


def test_every_model_and_column_is_described(manifest: dict) -> None:
    missing = [
        f"{node['name']}.{column['name']}" if column else node["name"]
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["resource_type"] in ("model", "source", "seed")
        for column in [None, *node["columns"].values()]
        if not (column or node)["description"].strip()
    ]
    assert missing == []


def test_every_setting_stands_in_the_example() -> None:
    example = (PROJECT_ROOT / ".env.example").read_text(encoding="utf-8")
    drafts = {"github_access_token"}
    for name, field in Settings.model_fields.items():
        if name not in drafts:
            variable = field.alias if isinstance(field.alias, str) else name.upper()
            assert re.search(rf"^#? ?{variable}=", example, flags=re.MULTILINE), variable


def test_every_command_named_in_the_documents_and_on_pages_exists() -> None:
    """The page of an empty dashboard told a newcomer to make the first run with `trender run`,
    which there is not."""
    group = typer.main.get_command(app)
    known = set(group.commands)  # pyright: ignore[reportAttributeAccessIssue]
    pages = "".join(
        path.read_text(encoding="utf-8")
        for pattern in ("docs/how-to/*.md", "trender_web/**/*.html")
        for path in PROJECT_ROOT.glob(pattern)
    )
    named = set(re.findall(r"trender ([a-z]+)", README + OPERATIONS + pages))
    assert named, "the README names commands"
    assert named <= known
    assert {"refresh", "status", "doctor", "oauth", "db", "rebuild"} <= named


def test_every_sensor_stands_in_operations() -> None:
    from trender_assets.automation import sensors

    for sensor in sensors:
        assert f"`{sensor.name}`" in OPERATIONS, sensor.name


def test_links_lead_somewhere() -> None:
    for page in [PROJECT_ROOT / "README.md", *(PROJECT_ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_comments_name_no_list_that_is_not_here() -> None:
    """Docstrings pointed to rows of lists (such as a trap or a fault and its number) that nobody
    who has only the repository can look up."""
    code = r"(?:[A-EU]\d{1,2}|T\d{2}[a-z]?)"
    pointing = re.compile(
        rf'(?:[Tt]raps?|[Ff]aults?(?: rows?)?|[Rr]equirements?) {code}\b|\bfacts §|"""{code}[:,.]'
    )
    found = [
        f"{name}:{number}"
        for name in subprocess.run(
            ["git", "ls-files", "*.py", "*.sql", "*.yml", "*.html", "*.md"],
            cwd=PROJECT_ROOT, capture_output=True, text=True, check=True,
        ).stdout.split()
        for number, line in enumerate((PROJECT_ROOT / name).read_text("utf-8").splitlines(), 1)
        if pointing.search(line)
    ]  # fmt: skip
    assert found == []


def test_a_module_names_only_neighbours_that_exist() -> None:
    """Thirty modules sent their reader to a neighbour that had been renamed long ago."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT_ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    modules = [name for name in listed if name.endswith(".py") and not name.startswith("tests/")]
    known = {part.removesuffix(".py") for name in listed for part in name.split("/")}
    code = "\n".join((PROJECT_ROOT / name).read_text(encoding="utf-8") for name in modules)
    missing = [
        f"{name}: {neighbour}"
        for name in modules
        for neighbour in re.findall(
            r"(?<!`)`([a-z_]+(?:[./][a-z_]+)*)/?`(?!`)",
            ast.get_docstring(ast.parse((PROJECT_ROOT / name).read_text(encoding="utf-8"))) or "",
        )
        for last in [re.split(r"[./]", neighbour)[-1]]
        if not {last, neighbour} & known
        and not re.search(rf"\b(?:def|class) {last}\b|\b{last}\s*[:=]|[\"']{last}[\"']", code)
        and not (PROJECT_ROOT / neighbour).exists()
    ]
    assert missing == []
