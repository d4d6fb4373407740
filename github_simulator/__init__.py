"""A GitHub of our own: a deterministic world served over the REST and GraphQL surface Trender uses."""
