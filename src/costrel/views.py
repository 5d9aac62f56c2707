"""`costrel.views`: classes as views."""

from costrel.shortcuts.views import MethodView, View

__all__ = ["MethodView", "View"]
