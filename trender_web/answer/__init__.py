"""How an answer is made: pages, JSON, CSV, errors, parameters."""
