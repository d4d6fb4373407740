"""How the published data are read."""
