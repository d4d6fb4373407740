"""The page of a language."""
