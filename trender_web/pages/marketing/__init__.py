"""What may be shared: the marketing page."""
