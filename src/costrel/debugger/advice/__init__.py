"""Advice on errors: :func:`advise` asks every rule. The files are the rules, by theme."""

from importlib import import_module

from costrel.debugger.advice.rulebook import RULES, Advice, Finding, advise, page_of, rule

__all__ = ["RULES", "Advice", "Finding", "advise", "page_of", "rule"]

# The files whose rules are declared by being imported, in the order in which they are asked.
THEMES = (
    *("form", "json", "routing", "link", "template", "context", "session", "response"),
    *("setup", "start", "async", "database", "data", "python"),
)

for theme in THEMES:
    import_module(f"{__name__}.{theme}_advice")
