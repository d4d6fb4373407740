"""The raw layer: what GitHub answered, as rows that are never changed."""
