"""Badges, cards, embeds and feeds."""
