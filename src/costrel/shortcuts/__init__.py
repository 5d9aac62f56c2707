"""FLOOR 5: what a view calls. Each finds the current context; the core imports none."""
