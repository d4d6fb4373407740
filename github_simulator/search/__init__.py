"""GitHub's search: its language and its index."""
