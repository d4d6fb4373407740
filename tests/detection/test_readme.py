"""Deploy buttons of a README in every markup, look-alikes included."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trender_assets.trending.detection.dockerfile import render_hints
from trender_assets.trending.detection.documentation import judge_documentation
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
