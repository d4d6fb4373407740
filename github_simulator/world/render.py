"""The Render part of the world: organisations, topics, README mentions, Blueprints, employees.

Define a group of Render repositories here. Repositories of a language that also use Render get
their parts from `give_render`; broken and malicious Blueprints are in `world.awkward`.
"""

from __future__ import annotations

from github_simulator.world.blueprints import ABSENT_DATA, as_json, many, nested, ordinary
from github_simulator.world.builder import Builder, deploy_readme, mention_readme
from github_simulator.world.chance import draw, unit
from github_simulator.world.model import FileVersion, Repository, StarPlan

EMPLOYEES = ("ana-at-render-sim", "bo-at-render-sim", "chidi-at-render-sim")
LANGUAGES = ("Python", "TypeScript", "Go", "JavaScript", "Ruby", None)
GROUPS = (
    # group, share, (blueprint, button, mention) chances
    ("org:render-examples", 0.28, (0.92, 0.7, 1.0)),
    ("org:render-oss", 0.10, (0.3, 0.1, 0.6)),
    ("org:renderinc", 0.06, (0.3, 0.0, 0.5)),
    ("topic:render", 0.14, (0.5, 0.3, 0.6)),
    ("topic:render-deploy", 0.08, (0.8, 0.8, 0.9)),
    ("topic:render-blueprints", 0.06, (0.95, 0.7, 0.9)),
    ("readme", 0.10, (0.0, 0.3, 1.0)),
    ("file", 0.12, (1.0, 0.2, 0.3)),
    ("employees", 0.06, (0.5, 0.3, 0.6)),
)


def give_blueprint(repository: Repository, key: int, since: int = 0) -> None:
    """Put an ordinary Blueprint at the root from an instant on."""
    text, fact = ordinary(key, repository.names[0].name, repository.language)
    repository.put("render.yaml", text, since)
    if since:
        repository.blueprint.append((since, fact))
    else:
        repository.blueprint = [(0, fact)]


def give_button(repository: Repository) -> None:
    """Write a README with a Deploy to Render button."""
    naming = repository.names[0]
    text = deploy_readme(naming.name, naming.full_name)
    repository.files["README.md"] = [FileVersion(0, text.encode())]
    repository.deploy_button = repository.mentions_render = True


def give_mention(repository: Repository) -> None:
    """Write a README that names Render without a button."""
    text = mention_readme(repository.names[0].name)
    repository.files["README.md"] = [FileVersion(0, text.encode())]
    repository.mentions_render = True


def give_render(repository: Repository, key: int, chances: tuple[float, float, float]) -> None:
    """Give a repository a Blueprint, a button, a mention, each with its chance."""
    if unit(key, 1) < chances[0]:
        give_blueprint(repository, key)
    if unit(key, 2) < chances[1]:
        give_button(repository)
    elif unit(key, 3) < chances[2]:
        give_mention(repository)


def build_render(builder: Builder, number: int) -> None:
    """Make `number` repositories spread over the Render sources, and graphics look-alikes."""
    for group, share, chances in GROUPS:
        for index in range(max(1, round(number * share))):
            _one(builder, group, index, chances)
    for _ in range(max(1, number // 12)):
        builder.make(
            "C++",
            age_days=900,
            stars=StarPlan(base=400, per_day=0.5),
            commits_per_day=0.3,
            topics=("render", "raytracing", "graphics"),
            description="A path tracing renderer",
        ).tag("look-alike")
    _special(builder)


def _one(builder: Builder, group: str, index: int, chances: tuple[float, float, float]) -> None:
    key = draw(builder.seed, len(group), index, 909)
    kind, _, subject = group.partition(":")
    owner = None
    if kind == "org":
        owner = builder.owner(subject, "Organization")
    elif kind == "employees":
        owner = builder.owner(EMPLOYEES[index % len(EMPLOYEES)], "User")
    language = LANGUAGES[draw(key, 5) % len(LANGUAGES)]
    repository = builder.make(
        language,
        age_days=60 + draw(key, 6) % 1500,
        stars=StarPlan(base=draw(key, 7) % 180, per_day=unit(key, 8) * 0.6),
        commits_per_day=unit(key, 9) * 0.8,
        issues_per_day=unit(key, 10) * 0.15,
        owner=owner,
        topics=(subject,) if kind == "topic" else (),
    )
    if kind != "org" and unit(key, 11) < 0.25:
        repository.topics = (*repository.topics, "render-deploy")
    give_render(repository, key, chances)
    repository.tag(f"render-{kind}")


def _special(builder: Builder) -> None:
    """Blueprints of unusual but valid shapes, and one that appears, changes and goes."""
    examples = builder.owner("render-examples", "Organization")
    plan = StarPlan(base=40, per_day=0.2)
    for name, maker in (("nested", nested), ("as-json", as_json), ("many", many)):
        repository = builder.make(
            None, age_days=200, stars=plan, commits_per_day=0.2, owner=examples, name=f"{name}-sim"
        )
        text, fact = maker(repository.names[0].name)
        repository.put("render.yaml", text)
        repository.blueprint = [(0, fact)]
        repository.tag(f"blueprint-{name}")
    late = builder.make(
        "Python", age_days=300, stars=plan, commits_per_day=1.0, owner=examples, name="late-sim"
    )
    give_blueprint(late, 4242, builder.at(1.5))
    late.tag("blueprint-appears")
    changing = builder.make(
        "Go", age_days=300, stars=plan, commits_per_day=1.0, owner=examples, name="changing-sim"
    )
    give_blueprint(changing, 77)
    give_blueprint(changing, 78, builder.at(2))
    changing.put("render.yaml", None, builder.at(4))
    changing.blueprint.append((builder.at(4), ABSENT_DATA))
    changing.tag("blueprint-changes")
