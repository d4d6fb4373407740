"""The people of the world: who commits, with a linked account, a bare e-mail or only a name.

Define a kind of author here. Which author wrote which commit belongs to `world.commits`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from github_simulator.world.chance import draw, unit
from github_simulator.world.names import FIRST_NAMES, LAST_NAMES

PEOPLE = 4000
BOTS = ("dependabot[bot]", "renovate[bot]", "github-actions[bot]")


@dataclass(frozen=True)
class Person:
    """An author: `login` and `id` are None when the e-mail belongs to no account."""

    name: str
    email: str | None
    login: str | None
    id: int | None
    is_bot: bool = False

    @property
    def identity(self) -> str:
        """Who this is when authors are counted: login, else lower-cased e-mail, else name."""
        if self.login is not None:
            return self.login
        return self.email.lower() if self.email is not None else self.name


@cache
def person(number: int, variant: bool = False) -> Person:
    """A person of the world; `variant` writes an unlinked e-mail in another case."""
    key = 0x9E0_91E
    first = FIRST_NAMES[draw(key, number, 1) % len(FIRST_NAMES)]
    last = LAST_NAMES[draw(key, number, 2) % len(LAST_NAMES)]
    kind = unit(key, number, 3)
    if number % 997 == 13:
        first = "<b>Zoë\u202e"
    login = f"{first}-{last}{number}".lower().encode("ascii", "ignore").decode()
    login = "".join(c for c in login if c.isalnum() or c == "-").strip("-")
    email = f"{first}.{last}{number}@mail.example".replace("<b>", "").replace("\u202e", "")
    if kind < 0.86:
        return Person(f"{first} {last}", email.lower(), login, 10_000_000 + number)
    if kind < 0.97:
        return Person(f"{first} {last}", email if variant else email.lower(), None, None)
    return Person(f"{first} {last} {number}", None, None, None)


@cache
def bot(number: int) -> Person:
    """A bot; GraphQL knows no user for it, only the name."""
    name = BOTS[number % len(BOTS)]
    return Person(
        name, f"{49699333 + number}+{name}@users.noreply.github.example", None, None, True
    )
