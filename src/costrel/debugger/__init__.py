"""FLOOR 6: what you see when a view fails in debug."""
