"""FLOOR 8: the alias, flask.* and werkzeug.* as names for ours.

Law: names, and what a name of long ago needs (`old_api`). Nothing of costrel imports this package.
"""

from costrel.flask.finder import install

__all__ = ["install"]
