"""The pipeline page."""
