"""dbt inside Dagster: its runner, its assets, and the lock of a build."""
