"""FLOOR 7: optional rooms; each uses only what any user could."""
