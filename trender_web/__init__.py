"""The dashboard and its API: reads the analytics schema and nothing else."""
