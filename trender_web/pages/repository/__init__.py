"""The page of one repository."""
