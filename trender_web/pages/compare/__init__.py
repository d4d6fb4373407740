"""The comparison of repositories."""
