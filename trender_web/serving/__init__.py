"""How answers are delivered: cache, connections, headers."""
