"""The world: deterministic, moving, and populated with what it promises."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from github_simulator.world.calendars import parse_iso
from github_simulator.world.truth import ground_truth
from github_simulator.world.world import World, WorldPlan

from .conftest import NOW, START, Simulator

SMALL = ("--repositories-per-language", "12", "--render", "20", "--bulk", "130")
ROOT = Path(__file__).resolve().parents[2]


def test_the_command_prints_the_truth_the_server_tells(simulator: Simulator) -> None:
    """Another process with the same seed knows the same world."""
    command = [sys.executable, "-m", "github_simulator", "--truth", "--clock", NOW,
               "--start", START, *SMALL]  # fmt: skip
    output = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert json.loads(output) == simulator.truth()


def test_the_truth_does_not_depend_on_the_order_of_questions() -> None:
    plan = WorldPlan(start=parse_iso(START), per_language=10, render=10, bulk=5)
    forward, backward = World(plan), World(plan)
    instants = [parse_iso(f"2026-11-{day:02d}T11:00:00Z") for day in (2, 5, 30)]
    one = [ground_truth(forward, t) for t in instants]
    two = [ground_truth(backward, t) for t in reversed(instants)]
    assert one == two[::-1]


def test_another_seed_is_another_world() -> None:
    one, two = (World(WorldPlan(seed=s, per_language=10, render=10, bulk=0)) for s in (1, 2))
    names = [{r.names[0].full_name for r in w.repositories} for w in (one, two)]
    assert names[0] != names[1] and not {r.id for r in one.repositories} & set(two.by_id)


@pytest.mark.parametrize("seed", [1, 7, 23])
def test_a_default_world_holds_what_each_source_is_to_find(seed: int) -> None:
    start = parse_iso(START)
    world = World(WorldPlan(seed=seed, start=start))
    rows = ground_truth(world, start + 86400)["repositories"].values()
    for language in ("Python", "TypeScript", "Go"):
        ranked = [
            r for r in rows
            if language.lower() in r["sources"] and not r["is_archived"] and not r["is_disabled"]
            and (language != "TypeScript" or r["nextjs"] == "yes")
        ]  # fmt: skip
        assert len(ranked) >= 100
    sources = [s for r in rows for s in r["sources"]]
    for source in ("render-examples", "render-oss", "renderinc", "topic-render", "employees",
                   "topic-render-deploy", "topic-render-blueprints", "readme-mention",
                   "blueprint-file"):  # fmt: skip
        assert sources.count(source) >= 5, source
    overlap = [r for r in rows if {"python", "go", "typescript"} & set(r["sources"])
               and "blueprint-file" in r["sources"]]  # fmt: skip
    assert len(overlap) >= 10
    verdicts = {r["nextjs"] for r in rows if r["language"] == "TypeScript"}
    assert verdicts == {"yes", "no", "possible", "unknown"}


def test_names_and_ids_are_unique_at_any_instant() -> None:
    world = World(WorldPlan(start=parse_iso(START)))
    for day in (0, 2, 5, 60):
        now = world.plan.start + day * 86400
        names = [r.naming_at(now).full_name.lower() for r in world.existing(now)]
        assert len(names) == len(set(names))
        for repository in world.existing(now):
            found = world.find(repository.naming_at(now).full_name, now)
            assert found is not None and found[0] is repository


def test_the_world_moves(simulator: Simulator) -> None:
    simulator.move("2026-11-01T12:00:00Z")
    before = simulator.truth()["repositories"]
    answer = simulator.client.post("/_sim/clock", json={"advance_seconds": 4 * 86400}).json()
    assert answer["now"] == "2026-11-05T12:00:00Z" and not answer["real"]
    after = simulator.truth()["repositories"]

    def changed(tag: str, key: str) -> bool:
        ids = [k for k, r in after.items() if tag in r["tags"]]
        return any(before[k][key] != after[k][key] for k in ids)

    assert changed("blueprint-appears", "blueprint") and changed("blueprint-repaired", "blueprint")
    assert changed("nextjs-upgrade", "nextjs") and changed("archived", "is_archived")
    assert changed("renamed", "name") and changed("deleted", "state")
    assert set(after) > set(before)
    grown = [k for k in before if after[k]["stars"] > before[k]["stars"]]
    shrunk = [k for k in before if after[k]["stars"] < before[k]["stars"]]
    assert len(grown) > 40 and shrunk


def test_population_by_source(simulator: Simulator) -> None:
    body = simulator.get("/_sim/population").json()
    assert body["states"]["blocked"] >= 2 and body["sources"]["python"] >= 12
    assert body["tags"]["hostile-script"] == 1


def test_a_real_clock_follows_the_minute(launch: Callable[..., Simulator]) -> None:
    simulator = launch("--repositories-per-language", "1", "--render", "1", "--bulk", "0")
    body = simulator.get("/_sim/clock").json()
    assert body["real"] and abs(parse_iso(body["now"]) - time.time()) < 120
    assert body["now"].endswith(":00Z")


def test_start_time_and_ready_file(launch: Callable[..., Simulator], tmp_path: Path) -> None:
    ready = tmp_path / "port"
    simulator = launch("--ready-file", str(ready))
    assert simulator.url.endswith(f":{ready.read_text()}")
    assert simulator.started_in < 5
    bad = simulator.client.post("/_sim/profile", json={"profile": "warp"})
    assert bad.status_code == 400
    assert simulator.client.post("/_sim/limits", json={"no": 1}).status_code == 400


def test_the_simulator_imports_nothing_of_trender() -> None:
    for file in (ROOT / "github_simulator").glob("*.py"):
        text = file.read_text()
        assert "import trender" not in text and "from trender" not in text
        assert len(text.splitlines()) <= 300, file.name


def test_a_changed_file_was_pushed() -> None:
    """A reader may trust `pushedAt`: no file changes without a commit."""
    world = World(WorldPlan(start=parse_iso(START)))
    changes = 0
    for repository in world.repositories:
        for versions in repository.files.values():
            for version in versions:
                if version.since > repository.created_at:
                    changes += 1
                    assert world.pushed_at(repository, version.since) == version.since
    assert changes >= 5
