"""FLOOR 8: the alias, flask.* and werkzeug.* as names for ours.

Law: names only. Nothing of costrel imports this package.
"""

from costrel.flask.finder import install

__all__ = ["install"]
