"""FLOOR 0: HTTP as values and pure functions."""
