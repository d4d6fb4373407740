"""The invented world and the truth about it."""
