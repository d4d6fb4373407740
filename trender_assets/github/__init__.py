"""Everything that knows GitHub's API: it asks, waits and pays; no Dagster, no database."""
