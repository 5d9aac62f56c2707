"""FLOOR 6: a client, and requests made of thin air."""
