"""Deploy buttons, mentions, Dockerfile hints, platforms and documentation, look-alikes included."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trender_assets.trending.detection.dockerfile import render_hints
from trender_assets.trending.detection.documentation import DOCUMENTATION_RULES, judge_documentation
from trender_assets.trending.detection.findings import detect
from trender_assets.trending.detection.readme import (
    Button,
    find_button,
    mentions_render,
    parse_readme,
)
from trender_assets.trending.detection.secret_names import looks_like_secret

from .timing import takes_less_than

OWN = "https://render.com/deploy?repo=https://github.com/octo/app"


def _precision_recall(pairs: list[tuple[bool, bool]]) -> tuple[float, float]:
    """Precision and recall of (found, true) pairs."""
    hits = sum(found and true for found, true in pairs)
    return hits / sum(found for found, _ in pairs), hits / sum(true for _, true in pairs)


def test_recorded_readmes_and_blueprints(shared_data: Path) -> None:
    """Buttons, mentions and Blueprints of real repositories, positives and negatives."""
    with gzip.open(shared_data / "render" / "dockerfiles_readmes.ndjson.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    with gzip.open(shared_data / "render" / "blueprints.ndjson.gz", "rt") as lines:
        heads = {r["repo"]: r["text"] for r in map(json.loads, lines) if r["kind"] == "head"}
    buttons, mentions, blueprints = [], [], []
    for row in rows:
        if row["kind"] != "readme":
            assert render_hints(row["text"]) == []
            continue
        blueprint = heads.get(row["repo"])
        found = detect(
            {
                "README.md": {"status": "found", "text": row["text"]},
                "render.yaml": {"status": "found", "text": blueprint}
                if blueprint
                else {"status": "absent"},
                "render.yml": {"status": "absent"},
            },
            row["repo"],
        ).deployment
        buttons.append((found["has_deploy_button"], row["has_deploy_button"]))
        mentions.append(
            (found["readme_mentions_render"], row["repo"].startswith("render-examples"))
        )
        blueprints.append((found["platforms"]["render"], row["has_render_yaml"]))
    for name, pairs in (("button", buttons), ("mention", mentions), ("render.yaml", blueprints)):
        precision, recall = _precision_recall(pairs)
        print(f"\n{name}: precision {precision:.2f}, recall {recall:.2f} of {len(pairs)}")
        assert (precision, recall) == (1.0, 1.0)


# Labelled by hand: README line → (has a button, mentions Render the platform).
LABELLED = [
    (f"[![Deploy to Render](https://render.com/images/deploy-to-render-button.svg)]({OWN})", 1, 1),
    ('<a href="https://render.com/deploy">Deploy</a>', 1, 1),
    ("https://dashboard.render.com/blueprint/new?repo=https://github.com/octo/app", 1, 1),
    ("HTTPS://Render.com/Deploy", 1, 1),
    ("[button]: http://render.com/deploy", 0, 0),
    ("![x](https://render.com/images/deploy-to-render-button.svg)", 0, 1),
    ("See https://render.com/docs/deploy-celery", 0, 1),
    ("See https://render.com/deploy-guide for more", 0, 1),
    ("Live at https://octo.onrender.com.", 0, 1),
    ("hosted on render.com", 0, 1),
    ("docs.render.com/x", 0, 1),
    ("```\n[x](https://render.com/deploy)\n```", 0, 1),
    ("<!-- [x](https://render.com/deploy) -->", 0, 0),
    ("<!-- https://octo.onrender.com", 0, 0),
    ("<!--> https://render.com/deploy", 1, 1),
    ("https://rendering.com/deploy", 0, 0),
    ("https://www.surrender.com/deploy", 0, 0),
    ("https://my-render.com/deploy", 0, 0),
    ("https://render.com.evil.org/deploy", 0, 0),
    ("https://render.community/deploy", 0, 0),
    ("https://render.company", 0, 0),
    ("https://prerender.com and https://blender.org/render", 0, 0),
    ("React calls render() and re-renders; built-in rendering", 0, 0),
    ("renderXcom onrenderXcom", 0, 0),
    ("Deploy to Render", 0, 0),
]


@pytest.mark.parametrize(("text", "button", "mention"), LABELLED)
def test_look_alikes(text: str, button: int, mention: int) -> None:
    """Rendering.com, comments, code blocks, the word render."""
    readme = parse_readme(text)
    assert find_button(readme, "octo/app").present is bool(button)
    assert mentions_render(readme.page) is bool(mention)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("https://render.com/deploy?repo=https://github.com/octo/app", OWN),
        ("http://render.com/deploy?repo=https://github.com/Octo/App.git", OWN),
        ("https://render.com/deploy?repo=https%3A%2F%2Fgithub.com%2Focto%2Fapp&x=1", OWN),
        ("https://dashboard.render.com/blueprint/new?repo=https://github.com/octo/app", OWN),
        (OWN + "/tree/main", OWN + "/tree/main"),
        (OWN + "/tree/<b>", OWN),
        ("https://render.com/deploy", "https://render.com/deploy"),
        ("http://render.com/deploy", None),
        ("https://render.com/deploy?repo=https://github.com/else/where",
         "https://render.com/deploy?repo=https://github.com/else/where"),
        ("https://render.com/deploy?repo=javascript:alert(1)",
         "https://render.com/deploy?repo=javascript:alert"),
        ("https://render.com/deploy?repo=https://github.com.evil.org/octo/app",
         "https://render.com/deploy?repo=https://github.com.evil.org/octo/app"),
        ('https://render.com/deploy"onclick="x', "https://render.com/deploy"),
        ("https://render.com/deploy?repo=https://%5Bx", "https://render.com/deploy?repo=https://%5Bx"),
        ("https://render.com/deploy?repo=git@github.com:octo/app",
         "https://render.com/deploy?repo=git@github.com:octo/app"),
        ("https://render.com/deploy.", "https://render.com/deploy"),
        ("https://render.com/deploy?repo=https://[", "https://render.com/deploy?repo=https://"),
    ],
)  # fmt: skip
def test_where_a_button_leads(address: str, url: str | None) -> None:
    """The link is rebuilt for this repository, kept when it is https, and carries no markup."""
    button = find_button(parse_readme(f"[x]({address})"), "octo/app")
    assert (button.present, button.url) == (True, url)


def test_of_several_buttons_the_own_one_wins() -> None:
    """A list of other projects' buttons does not hide the repository's own."""
    other = "https://render.com/deploy?repo=https://github.com/else/where"
    assert find_button(parse_readme(f"{other} {OWN}"), "octo/app").url == OWN
    assert find_button(parse_readme(f"{other} {OWN}"), None).url == other


@pytest.mark.parametrize(
    ("line", "hints"),
    [
        ("EXPOSE 10000", ["EXPOSE 10000 (line 1)"]),
        ("expose 80 10000/tcp", ["EXPOSE 10000 (line 1)"]),
        ("ENV PORT=10000", ["PORT=10000 (line 1)"]),
        ("ENV PORT 10000", ["PORT 10000 (line 1)"]),
        ("CMD serve --port ${PORT:-10000}", ["PORT:-10000 (line 1)"]),
        ("CMD serve --port=10000", ["--port=10000 (line 1)"]),
        ("ARG RENDER_EXTERNAL_HOSTNAME", ["RENDER_EXTERNAL_HOSTNAME (line 1)"]),
        ("WORKDIR /opt/render/project/src", ["/opt/render (line 1)"]),
        ("ENV URL=https://x.onrender.com", ["onrender.com (line 1)"]),
        ("# EXPOSE 10000", []),
        ("  # ENV PORT=10000", []),
        ("RUN true # PORT=10000", []),
        ("EXPOSE 100001 1000", []),
        ("ENV PORT=8080", []),
        ("ENV EXPORT=10000", []),
        ("ENV RENDER_ENGINE=cycles RENDER_QUALITY=1", []),
        ("COPY ./render-redash.sh /bin/render-redash", []),
        ("RUN curl https://rendering.com", []),
    ],
)
def test_dockerfile_hints(line: str, hints: list[str]) -> None:
    """Signs of Render, look-alikes and comments."""
    assert render_hints(line) == hints


def test_platforms_follow_the_files() -> None:
    """A platform is true by its file, null when the file's status is unknown."""
    files: dict[str, dict[str, Any]] = {
        "render.yaml": {"status": "found", "text": "services: [{type: web, name: a}]"},
        "vercel.json": {"status": "found", "text": "{}"},
        "railway.json": {"status": "absent"},
        "railway.toml": {"status": "unknown", "reason": "timeout"},
        "fly.toml": {"status": "absent"},
    }
    expected = {"render": True, "vercel": True, "railway": None, "fly": False}
    assert detect(files).deployment["platforms"] == expected
    files["railway.json"] = {"status": "too_large"}
    files["render.yaml"] = {"status": "found", "text": "scene: 1"}
    files["render.yml"] = {"status": "absent"}
    assert detect(files).deployment["platforms"]["railway"] is True
    assert detect(files).deployment["platforms"]["render"] is False
    files["render.yaml"] = {"status": "found", "text": "services: ["}
    assert detect(files).deployment["platforms"]["render"] is None


def test_unread_readme_is_null_and_absent_is_false() -> None:
    """Unknown is not absent."""
    unread = detect({"README.md": {"status": "unknown", "reason": "timeout"}}).deployment
    assert unread["has_deploy_button"] is unread["readme_mentions_render"] is None
    assert unread["documentation_score"] is None
    assert unread["documentation_evidence"] == {"readme": "timeout"}
    absent = detect({"README.md": {"status": "absent"}}).deployment
    assert absent["has_deploy_button"] is absent["readme_mentions_render"] is False
    assert absent["documentation_score"] == 0


def test_documentation_adds_up() -> None:
    """The score is the sum of its components, 1 for a README that has everything."""
    text = (
        "# App\n## Install\n```\npip install app\n```\n## Usage\n## Licence\n"
        "![x](y.png) https://example.org\n```\n# not a heading\n```\n" + "word " * 300
    )
    documentation = judge_documentation(parse_readme(text), has_button=True)
    assert documentation.score == 1.0
    assert documentation.evidence["headings"] == {"weight": 0.15, "share": 1.0, "count": 4}
    assert sum(weight for weight, _ in DOCUMENTATION_RULES.values()) == pytest.approx(1.0)
    assert judge_documentation(parse_readme(""), has_button=False).score == 0


NEWER = "https://render.com/deploy-template/api/github/start?template_repo=shop"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        (f"[![Deploy](https://render.com/images/deploy-to-render-button.svg)]({NEWER})", NEWER),
        ("https://dashboard.render.com/select-repo?repo_url=https://github.com/x/y",
         "https://dashboard.render.com/select-repo?repo_url=https://github.com/x/y"),
        (f"```make setup```\n\n[![Deploy](x.svg)]({OWN})", OWN),
        (f"* item\n\n  [![Deploy](x.svg)]({OWN})", OWN),
        (f"[![Deploy][image]][link]\n\n[image]: x.svg\n[link]: {OWN}", OWN),
        (f'<p align="center">\n<a target="_blank"\n   href="{OWN}">\n<img src="x.svg"></a></p>', OWN),
        (f"| a | b |\n|---|---|\n| [x]({OWN}) | y |", OWN),
        ("[x](https://render.com/deploy-template/shop)", "https://render.com/deploy-template/shop"),
        (f'<a title="a > b" href="{OWN}">Deploy</a>', OWN),
        (f'<p>\n<a title=">" href="{OWN.replace("?", "?a=b&amp;")}">Deploy</a></p>', OWN),
        (f"Write `<!--` to begin a comment.\n\n{OWN}", OWN),
        (f"```html\n<!-- begin\n```\n\n{OWN}", OWN),
        (f"<script>\n\n{OWN}", OWN),
    ],
)  # fmt: skip
def test_buttons_in_every_markup(text: str, url: str) -> None:
    """Render's newer address was not on a list of known forms, and a line of inline code in three
    backticks was taken for a block that hid everything after it. So was what followed `<!--` in
    code, a link of HTML with ">" in an attribute, and a template's address without a query."""
    assert find_button(parse_readme(text), "octo/app") == Button(True, url)


@pytest.mark.parametrize(
    "text",
    [
        "Put `https://render.com/deploy?repo=https://github.com/you/yours` into …",
        "``https://render.com/deploy``",
        "    https://render.com/deploy",
        "~~~html\n<a href='https://render.com/deploy'>x</a>\n~~~",
        "> ```\n> [x](https://render.com/deploy)\n> ```",
        "https://render.com/images/deploy-to-render-button.svg",
        "[docs](https://render.com/docs/deploy-to-render?repo=x)",
        "[x](https://evil.example/render.com/deploy)",
        "[x](https://notrender.com/deploy)",
        "[x](javascript:https://render.com/deploy)",
        "Open <code>https://render.com/deploy</code>",
        "<p>\nOpen <code>https://render.com/deploy</code></p>",
        "<pre>\nhttps://render.com/deploy\n</pre>",
        "text\n\n[unused]: https://render.com/deploy",
        "[x](https://docs.render.com/deploy-node?template=x)",
        "[x](https://docs.render.com/guide?template=x)",
        "[x](https://community.render.com/t/1?repo=x)",
        "[x](https://api.render.com/deploy/srv-1?key=x)",
        "[x](https://render.com/deploy-template)",
        "x <!-- https://render.com/deploy -->",
        "<div><!-- a\n\nhttps://render.com/deploy",
    ],
)
def test_what_only_shows_an_address_is_no_button(text: str) -> None:
    """An address inside inline code became a button to somebody else's repository; so did one
    inside HTML's code, in a definition that nothing refers to, and one of Render's own pages."""
    assert find_button(parse_readme(text), "octo/app") == Button(False, None)


def test_restructured_text_is_parsed_too() -> None:
    text = (
        "App\n===\n\n.. image:: https://render.com/images/deploy-to-render-button.svg\n"
        f"   :target: {OWN}\n\nInstall\n-------\n\n.. code-block:: sh\n\n   pip install app\n\n"
        ".. include:: /etc/passwd\n\n.. raw:: html\n   :file: /etc/passwd\n"
    )
    readme = parse_readme(text, "README.rst")
    assert find_button(readme, "octo/app") == Button(True, OWN)
    assert (readme.headings, readme.code_blocks, readme.pictures) == (2, 1, 1)
    assert "root:" not in str(readme)


@pytest.mark.parametrize(
    ("name", "text", "present"),
    [
        ("README.adoc", "{}[Deploy]", True),
        ("README.adoc", "link:{}[Deploy, window=_blank]", True),
        ("README.asciidoc", "image:x.svg[Deploy,link={}]", True),
        ("README.adoc", 'image::x.svg[Deploy, 99, link="{}"]', True),
        ("README.adoc", "// {}", False),
        ("README.adoc", "////\na\n{}\n////", False),
        ("README.adoc", "----\n{}[x]\n----", False),
        ("README.adoc", "Open `{}`", False),
        ("README.org", "[[{}][Deploy]]", True),
        ("README.org", "[[{}]]", True),
        ("README.org", "# {}", False),
        ("README.org", "#+BEGIN_SRC sh\ncurl {}\n#+END_SRC", False),
        ("README.org", "Open ={}= or ~{}~", False),
    ],
)  # fmt: skip
def test_buttons_of_asciidoc_and_org(name: str, text: str, present: bool) -> None:
    """These were read as Markdown, whose links are written in another way."""
    readme = parse_readme(text.replace("{}", OWN), name)
    assert find_button(readme, "octo/app") == Button(present, OWN if present else None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.adoc", "= App\n\n== Install\n----\nmake\n----\n"),
        ("README.org", "* App\n** Install\n#+begin_src sh\nmake\n#+end_src\n"),
        ("README.rst", "App\n===\n\nInstall\n-------\n\n::\n\n   make\n"),
    ],
)
def test_structure_of_other_markups(name: str, text: str) -> None:
    """Their headings and code count as those of Markdown."""
    readme = parse_readme(text, name)
    assert (readme.headings, readme.guided, readme.code_blocks) == (2, 1, 1)


def test_a_readme_nested_too_deeply_costs_nothing_else() -> None:
    """Its RecursionError made platforms, Dockerfile and mention unknown too."""
    text = f"{OWN}\n\n" + "".join(" " * level + "x\n\n" for level in range(240))
    files = {
        "README.md": {"status": "found", "text": text, "reason": "README.rst"},
        "Dockerfile": {"status": "found", "text": "EXPOSE 10000"},
        "fly.toml": {"status": "found", "text": ""},
    }
    found = detect(files, "octo/app").deployment
    assert found["has_deploy_button"] is found["documentation_score"] is None
    assert found["documentation_evidence"] == {"readme": "nested too deeply"}
    assert found["readme_mentions_render"] is found["platforms"]["fly"] is True
    assert found["dockerfile_render_hints"] == ["EXPOSE 10000 (line 1)"]


def test_the_rest_of_a_cut_readme_is_unknown() -> None:
    """A README of which GitHub sends only the beginning had no button."""
    files = {"README.md": {"status": "too_large", "text": "# App"}}
    assert detect(files, "octo/app").deployment["has_deploy_button"] is None


ENGLISH = "# App\n\n{words}\n\n## Installation\n\n```sh\nmake setup\n```\n\n## Usage\n\n{words}\n\n## Deploy\n\n## Licence\n"
CHINESE = "# 应用\n\n{words}\n\n## 安装\n\n```sh\nmake setup\n```\n\n## 使用方法\n\n{words}\n\n## 部署\n\n## 许可证\n"


@pytest.mark.parametrize(
    "text",
    [
        CHINESE.format(words="这个项目帮助你部署网络服务。" * 60),
        CHINESE.format(words="このプロジェクトはサービスを公開します。" * 45),
        ENGLISH.replace("Installation", "Установка").replace("Usage", "Использование")
        .format(words="Проект помогает развернуть службу. " * 40),
        ENGLISH.replace("Installation", "설치").format(words="이 프로젝트는 서비스를 배포합니다. " * 40),
    ],
)  # fmt: skip
def test_documentation_does_not_depend_on_the_language(text: str) -> None:
    """A Chinese README of 1,700 characters scored 0.31, its English twin 0.65."""
    english = ENGLISH.format(words="This project helps you to deploy web services. " * 40)
    twin = judge_documentation(parse_readme(english), has_button=False).score
    score = judge_documentation(parse_readme(text), has_button=False).score
    assert score >= 0.65 and score == pytest.approx(twin, abs=0.05)


def test_words_of_headings_do_not_count() -> None:
    """Without code, an English README scored 0.55 for its headings' words, its twin 0.35."""

    def score(text: str) -> float:
        text = text.replace("```sh\nmake setup\n```\n", "").format(words="word " * 200)
        return judge_documentation(parse_readme(text), has_button=False).score

    assert score(CHINESE) == score(ENGLISH) == 0.35
    steps = ENGLISH.replace("{words}\n\n## Deploy", "1. {words}\n2. word\n\n## Deploy")
    assert score(steps) == score(steps.replace("Usage", "使用方法")) == 0.55


READERS: dict[str, Callable[[str], object]] = {
    "button": lambda text: find_button(parse_readme(text), "octo/app"),
    "mention": mentions_render,
    "documentation": lambda text: judge_documentation(parse_readme(text), has_button=False),
    "dockerfile": render_hints,
    "secret": looks_like_secret,
}
ATTACKS = [
    "a" * 50_000 + "!",
    "https://render.com/deploy" * 2_000,
    "https://render.com/deploy?" + "a" * 50_000,
    "https://" * 6_000,
    "<!--" * 12_000,
    "render." * 7_000 + "com",
    "on" * 25_000 + "render.com",
    "RENDER_" * 7_000,
    "PORT=" * 10_000,
    "#" * 50_000,
    " " * 50_000 + "#",
    "# " + "set " * 12_000,
    "```\n" * 12_000,
    "0.0.0.0:" * 6_000,
    "_KEY" * 12_000,
]


# A parser of Markdown takes longer than an expression, and at worst grows with the square.
PARSERS = ("button", "documentation")
MARKDOWN_ATTACKS = [
    "[" * 100_000, "![a](b" * 20_000, "a\n" * 50_000, "*a " * 40_000, "> " * 50_000, "`a" * 50_000,
    "<a " * 40_000, "[a]: x\n" * 15_000, "<div <div " * 9_000, "<a href='" * 9_000, "<a '\"" * 9_000,
    "".join("  " * n + "* a\n" for n in range(300)),
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_no_expression_is_slow(reader: str) -> None:
    """50 KB of bait take every expression less than 50 ms, and the Markdown parser a second."""
    limit = 1.0 if reader in PARSERS else 0.05
    for attack in ATTACKS + (MARKDOWN_ATTACKS if reader in PARSERS else []):
        assert takes_less_than(limit, lambda text=attack: READERS[reader](text)), attack[:20]


@pytest.mark.parametrize("unit", ["[x](https://a.b/c) ", "- " * 50 + "\n", "<!-- x -->", "word\n"])
def test_huge_readmes(unit: str) -> None:
    """20 MB, a million links, deep lists: only the beginning is read, in less than a second.

    "No button" was once said although most of the text had not been looked at.
    """
    text = unit * (20_000_000 // len(unit)) + OWN
    files = {"README.md": {"status": "found", "text": text}}
    assert takes_less_than(1.0, lambda: detect(files, "octo/app"))
    finding = detect(files, "octo/app").deployment
    assert finding["has_deploy_button"] is None
