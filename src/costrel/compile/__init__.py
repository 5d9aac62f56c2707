"""FLOOR 3: the only place that knows both what was said and what is done."""
