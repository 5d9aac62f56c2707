"""FLOOR 2: what the user says. Writes it down, runs nothing."""
