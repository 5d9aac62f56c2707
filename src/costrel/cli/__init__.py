"""FLOOR 6: the command line."""
