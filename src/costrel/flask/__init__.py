"""FLOOR 8: the alias, flask.* and werkzeug.* as names for ours."""
