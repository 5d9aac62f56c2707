"""FLOOR 2: what the server does. Never imports declare."""
