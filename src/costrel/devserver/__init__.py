"""FLOOR 6: what app.run() and costrel run start."""
