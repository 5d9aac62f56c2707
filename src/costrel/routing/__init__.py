"""FLOOR 1: URLs to endpoints and back."""
