"""Runs: their clock, progress and record, and the ending of those that died."""
