"""Accounts over REST: who a token belongs to, and the owners of repositories.

Define an account endpoint here. What an account owns is listed by `rest.repository`.
"""

from __future__ import annotations

from github_simulator.rest.repository import owner_json
from github_simulator.server.replies import Reply, not_found
from github_simulator.server.requests import Call


def get_viewer(call: Call) -> Reply:
    """`GET /user`: the account of the token."""
    account = call.account
    return Reply(200, {"login": account.login, "id": account.user_id, "type": "User"})


def get_account(call: Call) -> Reply:
    """`GET /users/{login}` and `/orgs/{login}`; a user is no organisation."""
    owner = call.world.owners.get(call.parts["login"].lower())
    if owner is None or (call.path.startswith("/orgs/") and owner.kind != "Organization"):
        return not_found()
    return Reply(200, owner_json(call.base, owner) | {"name": owner.login})
