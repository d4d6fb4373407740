"""Invented names: owners, repositories, people, subjects.

Define word lists here. They make no real repository's name on purpose; only the three Render
organisations bear real names, because sources are configured by them.
"""

from __future__ import annotations

from github_simulator.world.chance import pick

FIRST_NAMES = (
    "Ana", "Bo", "Chidi", "Dagny", "Elif", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Kaja",
    "Liang", "Mira", "Nils", "Oksana", "Pavel", "Quentin", "Rosa", "Sven", "Tala", "Umar",
    "Vera", "Wen", "Xenia", "Yusuf", "Zoë", "Amara", "Bruno", "Celia", "Dmitri", "Noor", "Søren",
)  # fmt: skip
LAST_NAMES = (
    "Okafor", "Lindqvist", "Tanaka", "Moreau", "Novak", "Haddad", "Silva", "Kowalski", "Becker",
    "Ivanova", "Castillo", "Nguyen", "Olsen", "Marchetti", "Dubois", "Yilmaz", "Petrov", "Chen",
    "Fischer", "Adeyemi", "Kimura", "Larsen", "Vargas", "Rahman", "Weiss", "Jansen", "O'Leary",
)  # fmt: skip
OWNER_HEADS = (
    "tallow", "brindle", "copper", "juniper", "harbor", "quartz", "meadow", "ember", "lattice",
    "saffron", "cobalt", "willow", "granite", "marble", "thistle", "velvet", "cinder", "fjord",
    "heron", "indigo", "kestrel", "larch", "nimbus", "onyx", "pumice", "russet", "sorrel", "umber",
)  # fmt: skip
OWNER_TAILS = (
    "craft", "works", "labs", "stack", "forge", "loop", "yard", "systems", "mill", "guild",
    "field", "house", "point", "line", "shift", "wright",
)  # fmt: skip
REPO_HEADS = (
    "plume", "sluice", "tinder", "vellum", "gantry", "osprey", "quill", "rivet", "saddle",
    "trellis", "anvil", "bramble", "cairn", "drift", "easel", "ferry", "gimlet", "hopper", "inlet",
    "jetty", "keel", "loom", "mortar", "nectar", "orchard", "pylon", "quarry", "rudder", "spindle",
    "tiller", "urchin", "vesper", "warp", "yarrow", "zephyr", "basin", "cobble", "dovetail",
)  # fmt: skip
REPO_TAILS = {
    "Python": ("py", "agents", "flow", "frames", "notebook", "vision", "rag", "serve", "etl"),
    "TypeScript": ("ui", "app", "next", "kit", "studio", "forms", "dash", "chat", "cms"),
    "Go": ("d", "proxy", "ctl", "mesh", "queue", "kv", "sync", "cache", "gate"),
    "": ("starter", "example", "template", "deploy", "service", "demo", "docs", "tools"),
}
SUBJECTS = (
    "Local-first notes", "Agent orchestration", "Vector search", "A tiny job queue",
    "Typed forms", "Streaming ETL", "Realtime dashboards", "Self-hosted analytics",
    "A terminal file manager", "Background workers", "Server-rendered shop", "Config as data",
    "Speech transcription", "Feature flags", "A message broker", "Static site search",
    "Image pipelines", "Log viewer", "API mocking", "Schema migrations",
)  # fmt: skip

LICENSE_NAMES = {
    "MIT": "MIT License",
    "Apache-2.0": "Apache License 2.0",
    "GPL-3.0": "GNU General Public License v3.0",
    "BSD-3-Clause": 'BSD 3-Clause "New" or "Revised" License',
    "NOASSERTION": "Other",
}


class NameMaker:
    """Makes owners' and repositories' names, each once."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._used: set[str] = set()
        self._turn = 0

    def _unique(self, text: str) -> str:
        name, number = text, 2
        while name.lower() in self._used:
            name, number = f"{text}{number}", number + 1
        self._used.add(name.lower())
        return name

    def owner(self) -> str:
        """A login nobody has yet."""
        self._turn += 1
        head = pick(OWNER_HEADS, self._seed, self._turn, 1)
        return self._unique(f"{head}{pick(OWNER_TAILS, self._seed, self._turn, 2)}")

    def repository(self, language: str | None) -> str:
        """A repository name nobody has yet, with the flavour of a language."""
        self._turn += 1
        tails = REPO_TAILS.get(language or "", REPO_TAILS[""])
        head = pick(REPO_HEADS, self._seed, self._turn, 3)
        return self._unique(f"{head}-{pick(tails, self._seed, self._turn, 4)}")

    def subject(self) -> str:
        """A one-line description."""
        self._turn += 1
        return pick(SUBJECTS, self._seed, self._turn, 5)
