"""The awkward repositories: each is here because something like it once broke a pipeline.

Define a hard case here, with a tag that names it. What is merely common belongs to
`world.languages` or `world.render`.
"""

from __future__ import annotations

from dataclasses import replace

from github_simulator.world.blueprints import ABSENT_DATA, REFUSED, ordinary, refused
from github_simulator.world.builder import Builder
from github_simulator.world.calendars import DAY, los_angeles_day, parse_iso
from github_simulator.world.languages import one
from github_simulator.world.manifests import give_nextjs
from github_simulator.world.model import CommitPlan, FileVersion, IssuePlan, Naming, Repository

HOSTILE = {
    "nul": "Nul byte \u0000 inside",
    "surrogate": "Lone surrogate \ud800 inside",
    "bidi": "Right \u202eto left\u202c override \u2066isolate\u2069",
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)> {{7*7}} ${7*7}",
    "formula": '=HYPERLINK("https://evil.example","click")',
    "long": "long " * 1000,
    "controls": "bell \u0007 escape \u001b[31m line\u2028separator\r\nnew line",
    "combining": "z" + "\u0301" * 3000,
}
ODD_HOMEPAGES = ("javascript:alert(1)", "data:text/html,x", "//evil.example", "https://a@b.example")


def build_awkward(builder: Builder, languages: tuple[str, ...]) -> None:
    """Make every awkward repository, spread over the languages."""
    for number, (kind, text) in enumerate(HOSTILE.items()):
        repository = _make(builder, languages, number, f"hostile-{kind}")
        repository.description = text
        repository.homepage = ODD_HOMEPAGES[number % len(ODD_HOMEPAGES)]
    _names_and_fates(builder, languages)
    _shapes(builder, languages)
    _refused_blueprints(builder, languages)
    _star_oddities(builder, languages)


def _make(
    builder: Builder, languages: tuple[str, ...], number: int, tag: str, profile: str = "rising"
) -> Repository:
    language = languages[number % len(languages)]
    repository = one(builder, language, profile, 8000 + len(builder.repositories), render=False)
    if language == "TypeScript":
        give_nextjs(repository, "yes", repository.id)
        repository.topics = ("nextjs", *repository.topics)
    repository.tag(tag)
    return repository


def _names_and_fates(builder: Builder, languages: tuple[str, ...]) -> None:
    """Renamed, transferred, deleted, blocked, and a name that is taken again."""
    for number, days in enumerate((-40, 1.1)):
        renamed = _make(builder, languages, number, "renamed")
        old = renamed.names[0]
        renamed.names.append(Naming(builder.at(days), old.owner, f"{old.name}-next"))
    moved = _make(builder, languages, 2, "transferred")
    moved.names.append(Naming(builder.at(1.3), builder.owner(), moved.names[0].name))
    for number, days in enumerate((1.4, 2.5)):
        _make(builder, languages, number, "deleted").gone_at = builder.at(days)
    for number, (reason, days) in enumerate(
        (("dmca", -20), ("dmca", 1.6), ("tos", -20), ("tos", 2.2))
    ):
        _make(builder, languages, number, f"blocked-{reason}").blocked = (builder.at(days), reason)
    first = _make(builder, languages, 0, "recreated-old")
    first.gone_at = builder.at(1.0)
    again = one(builder, first.language, "young", 9001, render=False)
    again.created_at = builder.at(1.7)
    again.names = [Naming(0, first.names[0].owner, first.names[0].name)]
    again.commits = replace(again.commits, fixed=(again.created_at + 30,))
    again.releases = ()
    again.tag("recreated-new")


def _shapes(builder: Builder, languages: tuple[str, ...]) -> None:
    """Empty, without issues, template, mirror, disabled, huge, busy, quiet."""
    empty = _make(builder, languages, 0, "empty", "steady")
    empty.commits, empty.files, empty.languages = CommitPlan(0.0, 1, ()), {}, ()
    empty.blueprint = [(0, ABSENT_DATA)]
    empty.nextjs, empty.releases = [(0, "no", "empty")], ()
    empty.topics = ("render",)
    _make(builder, languages, 1, "issues-disabled").has_issues = False
    _make(builder, languages, 2, "template").is_template = True
    mirror = _make(builder, languages, 0, "mirror")
    mirror.is_mirror = True
    mirror.tag("readme-link")
    mirror.files["docs/GUIDE"] = mirror.files.pop("README.md")
    mirror.link("README.md", "docs/GUIDE")
    _make(builder, languages, 2, "disabled").is_disabled = True
    _make(builder, languages, 1, "too-large").too_many_contributors = True
    for number in range(3):
        busy = _make(builder, languages, number, "busy-commits", "giant")
        busy.commits = CommitPlan(30.0 + 25 * number, 60 + 40 * number, busy.commits.fixed)
        closing = _make(builder, languages, number, "busy-issues", "giant")
        closing.issues = IssuePlan(40.0 + 10 * number, 300, 400)
    late = _make(builder, languages, 1, "late-closings")
    late.issues = IssuePlan(0.3, 20, 60, tuple(builder.at(d) for d in (-6.5, -3, -0.2, 0.4, 1, 5)))
    readme = _make(builder, languages, 0, "giant-readme")
    readme.put("README.md", "# Big\n" + "[link](https://x.example) " * 45_000)
    spelled = _make(builder, languages, 1, "readme-other-case")
    spelled.files["Readme.md"] = spelled.files.pop("README.md")
    binary = _make(builder, languages, 2, "binary-file")
    binary.put("Dockerfile", b"\x00\x01\x02\xff\xfe" * 50)
    binary.put("README.md", b"caf\xe9 \xff invalid utf-8 \xc0\xaf\n")
    nobody = one(builder, None, "steady", 9100, render=False)
    nobody.topics = ("render",)
    nobody.tag("no-language")
    for number, language in enumerate(("C#", "C++", "Jupyter Notebook")):
        other = one(builder, language, "steady", 9200 + number, render=False)
        other.topics = ("render-deploy",)
        other.tag("odd-language")


def _refused_blueprints(builder: Builder, languages: tuple[str, ...]) -> None:
    for number, (kind, text) in enumerate(refused().items()):
        repository = _make(builder, languages, number, f"blueprint-{kind}", "steady")
        repository.put("render.yaml", text)
        repository.blueprint = [(0, REFUSED)]
        if number % 2:
            repository.topics = ("render", *repository.topics)
    repaired = _make(builder, languages, 0, "blueprint-repaired", "steady")
    text, fact = ordinary(99, repaired.names[0].name, repaired.language)
    repaired.files["render.yaml"] = [
        FileVersion(0, b"services: [unclosed\n"),
        FileVersion(builder.at(1.2), text.encode()),
    ]
    repaired.blueprint = [(0, REFUSED), (builder.at(1.2), fact)]
    other = _make(builder, languages, 1, "blueprint-yml", "steady")
    text, fact = ordinary(98, other.names[0].name, other.language)
    other.put("render.yml", text)
    other.blueprint = [(0, fact)]


def _star_oddities(builder: Builder, languages: tuple[str, ...]) -> None:
    """Purged fake stars, heavy un-starring, none at all, and clocks changing."""
    purged = _make(builder, languages, 0, "purged", "burst")
    day = los_angeles_day(builder.start) - 5
    purged.change_stars(burst_day=day, purged=(day, 0.7, builder.at(1.5)))
    _make(builder, languages, 1, "fickle", "rising").change_stars(loss=8.0)
    silent = _make(builder, languages, 2, "starless", "steady")
    silent.change_stars(base=0, per_day=0.0, hidden=0)
    for number, when in enumerate(("2026-03-08", "2026-11-01")):
        changed = _make(builder, languages, number, "clock-change", "steady")
        if parse_iso(when) < builder.start - 10 * DAY:
            changed.created_at = parse_iso(when) + 9 * 3600 + 1800
            changed.change_stars(base=0, shape="steady", per_day=24.0)
            changed.commits = replace(changed.commits, fixed=(changed.created_at + 30,))
