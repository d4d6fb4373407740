"""The Dagster code location of Trender; importing it imports nothing else."""
