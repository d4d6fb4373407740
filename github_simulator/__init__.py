"""A GitHub of our own: a deterministic world served over the REST and GraphQL surface Trender uses.

Define the simulated world in the `world_*` modules and the API in `rest_*` and `graphql_*`.
Nothing of Trender's own programs is imported here: the simulator is their independent referee.
"""
