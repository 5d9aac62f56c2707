"""`costrel.json`: JSON by the current app's provider, and the classes of providers."""

from costrel.parts.json_provider import DefaultJSONProvider, JSONProvider
from costrel.shortcuts.json import dump, dumps, jsonify, load, loads

__all__ = ["DefaultJSONProvider", "JSONProvider", "dump", "dumps", "jsonify", "load", "loads"]
