"""The documentation score: its sum, its structure, no language's words."""

from __future__ import annotations

import pytest

from trender_assets.trending.detection.documentation import DOCUMENTATION_RULES, judge_documentation
from trender_assets.trending.detection.readme import (
    parse_readme,
)


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
